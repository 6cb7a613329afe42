/** What security associations must know of users. The directory's objects fit as they are. */
import type { SipUri } from '@parley/core';
import { decodeText } from '@parley/core';

/** The part of a user that associations work with. */
export interface AssociationUser {
  readonly id: string;
  /** Address of record, lower case: `alice@example.com`. */
  readonly aor: string;
  readonly displayName: string;
  readonly enabled: boolean;
}

/** Users by their addresses. */
export interface AssociationAccounts {
  findById(id: string): AssociationUser | undefined;
  /** @param aor `user@host`, any case */
  findByAor(aor: string): AssociationUser | undefined;
  /** @param phone any spelling of an E.164 number, `tel:` allowed */
  findByPhone(phone: string): AssociationUser | undefined;
}

/** The user whose address or phone number a From or To is. `sip:+14255550100@example.com;user=phone` is a number, too. */
export function ownerOf<User extends AssociationUser>(
  accounts: { findByAor(aor: string): User | undefined; findByPhone(phone: string): User | undefined },
  uri: SipUri,
): User | undefined {
  if (uri.scheme === 'tel') return accounts.findByPhone(uri.raw);
  const user = accounts.findByAor(decodeText(uri.userAtHost));
  if (user !== undefined || uri.unescapedUser?.startsWith('+') !== true) return user;
  return accounts.findByPhone(uri.unescapedUser);
}
