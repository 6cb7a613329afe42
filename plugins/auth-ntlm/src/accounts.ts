/** Which user the names in an AUTHENTICATE mean. [MS-NLMP] section 2.2.1.3, [MS-SIPAE] section 7 of the sheet. */
import type { Directory, User } from '@parley/plugin-directory/api';

const QUALIFIED = /[\\@]/;

/**
 * The user of `alice` in `EXAMPLE`, of `alice@example.com` without a domain, or of a bare name in the domain that the client says it
 * is of. The names go into the proof exactly as sent, so only one account can fit.
 * @param homeDomain host part of the address that the client claims, for bare names; '' when there is none
 */
export function findAccount(
  directory: Pick<Directory, 'findByLogin' | 'findByAor'>,
  user: string,
  domain: string,
  homeDomain: string,
): User | undefined {
  if (QUALIFIED.test(user)) return directory.findByLogin(user);
  if (domain !== '') return directory.findByLogin(`${domain}\\${user}`) ?? directory.findByLogin(`${user}@${domain}`);
  return directory.findByLogin(user) ?? (homeDomain === '' ? undefined : directory.findByAor(`${user}@${homeDomain}`));
}
