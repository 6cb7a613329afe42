/** Which user a sign-in name means, and which addresses are a user's own. */
import { decodeText } from '@parley/sdk';
import type { SipUri } from '@parley/sdk';
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

/** The user whose address or phone number a From or To is. `sip:+14255550100@example.com;user=phone` is a number, too. */
export function ownerOf(directory: Directory, uri: SipUri): User | undefined {
  if (uri.scheme === 'tel') return directory.findByPhone(uri.raw);
  const user = directory.findByAor(decodeText(uri.userAtHost));
  if (user !== undefined || uri.unescapedUser?.startsWith('+') !== true) return user;
  return directory.findByPhone(uri.unescapedUser);
}
