/** Changes of a contact list, one after the other, and what they amount to. Pure. [MS-SIP] section 3.7, [MS-PRES] R27 to R31. */
import type { AccessEntry, Contact, ContactGroup } from './api.ts';
import { DEFAULT_GROUP, LAST_GROUP_ID, accessKey } from './contact-list.ts';
import type { ContactList } from './contact-list.ts';
import { ContactsErrors } from './errors.ts';

/** How much a list may hold. */
export interface ListLimits {
  readonly maxContacts: number;
  readonly maxGroups: number;
  readonly maxAccessEntries: number;
}

/** One thing that is different now, by the names that [MS-SIP] section 2.2.4.1 has for them. */
export type ListEntry =
  | { readonly kind: 'addedGroup' | 'modifiedGroup'; readonly group: ContactGroup }
  | { readonly kind: 'addedContact' | 'modifiedContact'; readonly contact: Contact }
  | { readonly kind: 'deletedGroup'; readonly id: number }
  | { readonly kind: 'deletedContact'; readonly uri: string }
  | { readonly kind: 'access'; readonly entry: AccessEntry };

/** What a change has made of a list. */
export interface Changed {
  readonly before: ContactList;
  readonly list: ContactList;
  /** In the order in which it was done. */
  readonly entries: readonly ListEntry[];
}

/** A contact to be: what is absent stays as it was, or is empty for a new one. */
export interface ContactChange extends Partial<Omit<Contact, 'uri'>> {
  /** As `contactUri` makes it. */
  readonly uri: string;
}

/** A list that is being changed. What it throws has changed nothing. */
export class ListDraft {
  private readonly groups: Map<number, ContactGroup>;
  private readonly contacts: Map<string, Contact>;
  private readonly access: Map<string, AccessEntry>;
  private readonly entries: ListEntry[] = [];
  private lastGroupId: number;

  constructor(
    readonly before: ContactList,
    private readonly limits: ListLimits,
  ) {
    this.groups = new Map(before.groups);
    this.contacts = new Map(before.contacts);
    this.access = new Map(before.access.entries);
    this.lastGroupId = before.lastGroupId;
  }

  /** Adds a contact, or changes the one with this address. Throws CONTACTS_GROUP_UNKNOWN, CONTACTS_LIMIT. */
  setContact(change: ContactChange): void {
    const known = this.contacts.get(change.uri);
    if (known === undefined && this.contacts.size >= this.limits.maxContacts) {
      throw ContactsErrors.CONTACTS_LIMIT({ limit: this.limits.maxContacts });
    }
    const contact: Contact = {
      uri: change.uri,
      name: change.name ?? known?.name ?? '',
      groups: this.knownGroups(change.groups ?? known?.groups ?? []),
      subscribed: change.subscribed ?? known?.subscribed ?? true,
      externalUri: change.externalUri ?? known?.externalUri ?? '',
      extension: change.extension ?? known?.extension ?? '',
    };
    this.contacts.set(contact.uri, contact);
    this.entries.push({ kind: known === undefined ? 'addedContact' : 'modifiedContact', contact });
  }

  /** One that is not there counts as removed: two endpoints may remove the same one. */
  deleteContact(uri: string): void {
    this.contacts.delete(uri);
    this.entries.push({ kind: 'deletedContact', uri });
  }

  /**
   * Adds a group; one of this name that is there already is taken instead, since two endpoints may add the same one.
   * @returns its id
   * @throws CONTACTS_GROUP_FIXED for the name of group 1, CONTACTS_GROUP_LIMIT
   */
  addGroup(name: string, externalUri: string): number {
    const known = this.named(name);
    if (known?.id === DEFAULT_GROUP) throw ContactsErrors.CONTACTS_GROUP_FIXED();
    if (known === undefined && this.groups.size >= this.limits.maxGroups) {
      throw ContactsErrors.CONTACTS_GROUP_LIMIT({ limit: this.limits.maxGroups });
    }
    const id = known?.id ?? this.freeId();
    const group = { id, name, externalUri };
    this.groups.set(id, group);
    this.entries.push({ kind: known === undefined ? 'addedGroup' : 'modifiedGroup', group });
    return id;
  }

  /** Throws CONTACTS_GROUP_FIXED, CONTACTS_GROUP_UNKNOWN, CONTACTS_GROUP_TAKEN. */
  modifyGroup(id: number, name: string, externalUri: string | undefined): void {
    if (id === DEFAULT_GROUP) throw ContactsErrors.CONTACTS_GROUP_FIXED();
    const known = this.groups.get(id);
    if (known === undefined) throw ContactsErrors.CONTACTS_GROUP_UNKNOWN({ id });
    const other = this.named(name);
    if (other !== undefined && other.id !== id) throw ContactsErrors.CONTACTS_GROUP_TAKEN({ id: other.id, name });
    const group = { id, name, externalUri: externalUri ?? known.externalUri };
    this.groups.set(id, group);
    this.entries.push({ kind: 'modifiedGroup', group });
  }

  /** One that is not there counts as removed. Throws CONTACTS_GROUP_FIXED, CONTACTS_GROUP_NOT_EMPTY. */
  deleteGroup(id: number): void {
    if (id === DEFAULT_GROUP) throw ContactsErrors.CONTACTS_GROUP_FIXED();
    let count = 0;
    for (const { groups } of this.contacts.values()) if (groups.includes(id)) count++;
    if (count > 0) throw ContactsErrors.CONTACTS_GROUP_NOT_EMPTY({ id, count });
    this.groups.delete(id);
    this.entries.push({ kind: 'deletedGroup', id });
  }

  /** Throws CONTACTS_ACCESS_LIMIT. */
  setAccess(entry: AccessEntry): void {
    const key = accessKey(entry);
    const limit = this.limits.maxAccessEntries;
    if (!this.access.has(key) && this.access.size >= limit) throw ContactsErrors.CONTACTS_ACCESS_LIMIT({ limit });
    this.access.set(key, entry);
    this.entries.push({ kind: 'access', entry });
  }

  /** The group of this name. */
  named(name: string): ContactGroup | undefined {
    return this.groups.values().find((group) => group.name === name);
  }

  done(): Changed {
    const { before, entries } = this;
    const access = entries.some(({ kind }) => kind === 'access');
    const contacts = entries.some(({ kind }) => kind !== 'access');
    const list: ContactList = {
      deltaNum: before.deltaNum + (contacts ? 1 : 0),
      lastGroupId: this.lastGroupId,
      groups: this.groups,
      contacts: this.contacts,
      access: { deltaNum: before.access.deltaNum + (access ? 1 : 0), entries: this.access },
    };
    return { before, list, entries };
  }

  private knownGroups(wanted: readonly number[]): readonly number[] {
    const unknown = wanted.find((id) => !this.groups.has(id));
    if (unknown !== undefined) throw ContactsErrors.CONTACTS_GROUP_UNKNOWN({ id: unknown });
    return wanted.length === 0 ? [DEFAULT_GROUP] : [...new Set(wanted)].sort((a, b) => a - b);
  }

  /** There is one: there are no more groups than ids. */
  private freeId(): number {
    let id = this.lastGroupId;
    do id = id >= LAST_GROUP_ID ? DEFAULT_GROUP + 1 : id + 1;
    while (this.groups.has(id));
    this.lastGroupId = id;
    return id;
  }
}
