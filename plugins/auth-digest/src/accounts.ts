/** Which user a sign-in name means. */
import type { Directory, User } from '@parley/plugin-directory/api';

const QUALIFIED = /[\\@]/;

/**
 * The user of a sign-in name. A bare name (`alice`, as plain phones send it) is looked for in the domain that the request
 * speaks of, then in the realm.
 */
export function findAccount(directory: Directory, name: string, domain: string, realm: string): User | undefined {
  const found = directory.findByLogin(name);
  if (found !== undefined || QUALIFIED.test(name)) return found;
  return directory.findByAor(`${name}@${domain}`) ?? directory.findByAor(`${name}@${realm}`);
}
