/** A contact list as a value: nothing of it changes, each change makes another one. [MS-SIP] section 3.7.1, [MS-PRES] sheet section 3.8. */
import type { AccessEntry, Contact, ContactGroup } from './api.ts';

/** The group that everybody has. */
export const DEFAULT_GROUP = 1;
/** Its name, for which clients show one of their own. */
export const DEFAULT_GROUP_NAME = '~';
/** [MS-SIP] section 9.1: clients know no higher one. */
export const LAST_GROUP_ID = 64;

/** What LCS 2005 clients have allowed and blocked. It has a number of its own. */
export interface AccessList {
  readonly deltaNum: number;
  /** By `accessKey`. */
  readonly entries: ReadonlyMap<string, AccessEntry>;
}

/** All that is kept for one user. */
export interface ContactList {
  /** 1 for a list that was never changed, one more with each change. */
  readonly deltaNum: number;
  /** The group id that was given last. Behind it the next free one is looked for, so that an id comes back as late as can be. */
  readonly lastGroupId: number;
  /** By id; group 1 is always there. */
  readonly groups: ReadonlyMap<number, ContactGroup>;
  /** By address. */
  readonly contacts: ReadonlyMap<string, Contact>;
  readonly access: AccessList;
}

/** What identifies an entry on an access list. */
export function accessKey({ type, mask }: Pick<AccessEntry, 'type' | 'mask'>): string {
  return `${type} ${mask}`;
}

/** The list of a user who has not changed it yet. [MS-PRES] R28. */
export const EMPTY_LIST: ContactList = {
  deltaNum: 1,
  lastGroupId: DEFAULT_GROUP,
  groups: new Map([[DEFAULT_GROUP, { id: DEFAULT_GROUP, name: DEFAULT_GROUP_NAME, externalUri: '' }]]),
  contacts: new Map(),
  access: { deltaNum: 1, entries: new Map() },
};
