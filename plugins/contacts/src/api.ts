/** What other plugins may know of contacts. */
import { subject, token } from '@parley/sdk';
import type { Subject, Token } from '@parley/sdk';

/** Somebody on a contact list. */
export interface Contact {
  /** Address in lower case without its scheme, `bob@example.com`; or a number, `tel:+14255550100`. */
  readonly uri: string;
  /** What the owner calls them; empty when the contact's own name is shown. */
  readonly name: string;
  /** Ids of the groups that the contact is in, ascending; at least one. */
  readonly groups: readonly number[];
  /** False: kept, but the owner does not look at their presence. */
  readonly subscribed: boolean;
  /** Where to find more about them, as the client wrote it; may be empty. */
  readonly externalUri: string;
  /** What the client keeps with the contact: XML that nobody here reads; may be empty. */
  readonly extension: string;
}

/** A group of a contact list. */
export interface ContactGroup {
  /** 1 to 64; 1 is the group that everybody has and that cannot be removed. */
  readonly id: number;
  /** `~` for group 1. */
  readonly name: string;
  readonly externalUri: string;
}

/** To whom an access control entry applies. */
export type AceType = 'ALL' | 'DOMAIN' | 'USER';

/** An access control entry of LCS 2005. [MS-SIP] section 2.2.3. */
export interface AccessEntry {
  readonly type: AceType;
  /** An address without its scheme for USER, a domain for DOMAIN, empty for ALL; lower case. */
  readonly mask: string;
  /** Two letters: may they see presence (Allow, Prompt, Deny, Block politely), may they write and call (Allow, Deny). */
  readonly rights: string;
}

/** The contact lists of all users. Addresses are `user@host` in any case, with or without `sip:`; users that do not exist have empty lists. */
export interface Contacts {
  contactsOf(aor: string): Promise<readonly Contact[]>;
  groupsOf(aor: string): Promise<readonly ContactGroup[]>;
  /** Is `uri` on the contact list of `owner`? */
  has(owner: string, uri: string): Promise<boolean>;
  /** What clients of LCS 2005 have allowed and blocked. */
  accessOf(aor: string): Promise<readonly AccessEntry[]>;
}
export const Contacts: Token<Contacts> = token<Contacts>('contacts');

/** A contact list has changed, and the change is committed. */
export interface ContactsChange {
  /** The node that wrote it. */
  readonly origin: string;
  readonly userId: string;
  /** Whose list it is. */
  readonly aor: string;
  /** The list's number since this change; grows with each. */
  readonly deltaNum: number;
  /** The number of the list of access control entries. */
  readonly aclDeltaNum: number;
  /** Contacts that are new, and those that are gone: addresses as in {@link Contact}. */
  readonly added: readonly string[];
  readonly removed: readonly string[];
}
export const ContactsChanged: Subject<ContactsChange> = subject<ContactsChange>('contacts.changed');
