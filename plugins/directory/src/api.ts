/** What other plugins may know of the directory: who the users are, and what their passwords left behind. */
import { subject, token } from '@parley/sdk';
import type { ParleyError, Subject, Token } from '@parley/sdk';

/** One user. Objects are snapshots: a change makes a new one. */
export interface User {
  /** Never changes and is never given to another user. */
  readonly id: string;
  /** Address of record, the key: `alice@example.com`, lower case. */
  readonly aor: string;
  readonly displayName: string;
  /** Sign-in names as they were written; compared without regard to case. */
  readonly logins: readonly string[];
  /** E.164, as `+14255550100` or `+14255550100;ext=100`. */
  readonly phones: readonly string[];
  /** Names of the groups, as they were written. */
  readonly groups: readonly string[];
  /** False: may not sign in and is not reached. */
  readonly enabled: boolean;
  /** The server that holds the user; null: this one. */
  readonly homeServer: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Milliseconds since 1970; null while no password was ever set. What was authenticated with an older one no longer counts. */
  readonly passwordChangedAt: number | null;
}

/** A named set of users. */
export interface Group {
  readonly id: string;
  readonly name: string;
  /** Addresses of record, sorted. */
  readonly members: readonly string[];
}

/** Which users, and which page of them; sorted by address. */
export interface UserQuery {
  /** Part of an address, display name, sign-in name or phone number, in any case. */
  readonly filter?: string;
  readonly group?: string;
  readonly enabled?: boolean;
  /** From 0. */
  readonly offset?: number;
  /** At most 10,000; default 100. */
  readonly limit?: number;
}

/** A page of users and how many there are in all. */
export interface UserPage {
  readonly users: readonly User[];
  readonly total: number;
}

/** Hash functions that digest credentials are kept for. RFC 8760 section 2.1. */
export type DigestAlgorithm = 'MD5' | 'SHA-256';

/** What a mechanism gets to see of a password, once, at the moment it is set. */
export interface PasswordSet {
  readonly userId: string;
  readonly aor: string;
  /** Every name the user may type beside the password: address, its user part, sign-in names, as written and in lower case. */
  readonly spellings: readonly string[];
  readonly realms: readonly string[];
  /** In Unicode normalisation form C. */
  readonly password: string;
}

/** One way of signing in and what it must remember of a password; the directory encrypts and stores it. */
export interface Mechanism {
  /** As `digest-md5`; unique. */
  readonly name: string;
  /** What to keep; undefined when this mechanism cannot serve this user. Must not keep the password itself. */
  derive(set: PasswordSet): Buffer | undefined;
}

/** Reading side of the directory. Every look-up is in memory and synchronous. */
export interface Directory {
  /** Realms that digest credentials are kept for; the first one is what a server without further wishes challenges with. */
  readonly realms: readonly string[];
  findById(id: string): User | undefined;
  /** @param aor `user@host`, any case */
  findByAor(aor: string): User | undefined;
  /** @param login `EXAMPLE\alice`, `alice@realm` or an address of record, any case */
  findByLogin(login: string): User | undefined;
  /** @param phone any spelling of an E.164 number, `tel:` allowed */
  findByPhone(phone: string): User | undefined;
  /** True when the address belongs to a user who may sign in and be reached. */
  isEnabled(aor: string): boolean;
  list(query?: UserQuery): UserPage;
  group(name: string): Group | undefined;
  listGroups(): readonly Group[];

  /** Names of the mechanisms that something is kept for. */
  mechanismsOf(userId: string): readonly string[];
  /**
   * What is kept for a mechanism; undefined when nothing is. With an unknown or undefined user a decoy is decrypted all the
   * same, so that the time taken does not tell who exists. Throws DIRECTORY_CREDENTIAL_DAMAGED.
   */
  credential(userId: string | undefined, mechanism: string): Buffer | undefined;
  /** H(username:realm:password) of RFC 7616 section 3.4.2 as raw bytes; the same promise about time. */
  digestHa1(userId: string | undefined, algorithm: DigestAlgorithm, realm: string, username: string): Buffer | undefined;
  /** True when this is the user's password. For sign-ins that carry it, such as HTTP Basic over TLS. */
  checkPassword(userId: string | undefined, password: string): boolean;
  /**
   * Adds a mechanism: it is asked whenever a password is set from now on. Users have nothing for it until then.
   * Throws DIRECTORY_MECHANISM_TWICE.
   */
  addMechanism(mechanism: Mechanism): void;
}
export const Directory: Token<Directory> = token<Directory>('directory');

/** Which limit of attempts was reached. */
export type AttemptLimit = 'address' | 'user';

/** Nothing may be tried for this long. */
export interface AttemptRefusal {
  readonly limit: AttemptLimit;
  readonly retryAfterSeconds: number;
}

/**
 * Counts failed sign-ins of every protocol together, by the address they come from and the account they try. A user who has
 * signed in from an address before is counted there apart from the rest.
 *
 * Ask `refuse` before an attempt is answered, whether it was right or not: what is refused must look the same either way.
 */
export interface SignInAttempts {
  /**
   * Why an attempt may not be answered now, or undefined.
   * @param address IP literal of the client
   * @param account the user's id, or the name that was tried, lower case, at most 256 characters, when nobody has it
   */
  refuse(address: string, account: string, now: number): AttemptRefusal | undefined;
  /** Counts a failed attempt. An operator is told when it uses up a limit. */
  failed(address: string, account: string, now: number): void;
  /** Remembers where a user signs in from. */
  succeeded(address: string, account: string): void;
}
export const SignInAttempts: Token<SignInAttempts> = token<SignInAttempts>('sign-in-attempts');

/** Keys that all servers of one database have in common: made from the directory's key file, which they share. */
export interface PoolKeys {
  /**
   * 32 secret bytes for one purpose, the same on every server and after every start, which tell nothing of those for others.
   * Not before the directory has started.
   * @param purpose as `web-ticket signature`; never change it, or what was made with the key is lost
   */
  derive(purpose: string): Buffer;
}
export const PoolKeys: Token<PoolKeys> = token<PoolKeys>('pool-keys');

/** A user to be. */
export interface NewUser {
  /** `sip:alice@example.com` or `alice@example.com`. */
  readonly uri: string;
  readonly displayName?: string;
  readonly logins?: readonly string[];
  readonly phones?: readonly string[];
  /** Groups that do not exist yet are made. */
  readonly groups?: readonly string[];
  readonly enabled?: boolean;
  /** Without one the user cannot sign in by password. */
  readonly password?: string;
}

/** What changes; what is absent stays. Lists replace the old ones. */
export interface UserChange {
  readonly displayName?: string;
  readonly logins?: readonly string[];
  readonly phones?: readonly string[];
  readonly groups?: readonly string[];
  /** The present password or a new one. Without it a sign-in name that is new gets no digest: those are made of name and password. */
  readonly password?: string;
}

/**
 * Writing side. What is resolved is committed to the disk, and seen by the look-ups of {@link Directory}.
 * Every method rejects with a DIRECTORY_* error that says what is wrong and changes nothing then.
 */
export interface DirectoryAdmin {
  /** What `addUsers` would refuse, user by user, each list empty when there is nothing; looks for names that come twice, too. */
  checkUsers(users: readonly NewUser[]): readonly (readonly ParleyError[])[];
  addUser(user: NewUser): Promise<User>;
  /** All or none, in one transaction. */
  addUsers(users: readonly NewUser[]): Promise<readonly User[]>;
  changeUser(aor: string, change: UserChange): Promise<User>;
  removeUser(aor: string): Promise<User>;
  setEnabled(aor: string, enabled: boolean): Promise<User>;
  setPassword(aor: string, password: string): Promise<User>;
  addGroup(name: string): Promise<Group>;
  removeGroup(name: string): Promise<void>;
  addMembers(group: string, aors: readonly string[]): Promise<Group>;
  removeMembers(group: string, aors: readonly string[]): Promise<Group>;
}
export const DirectoryAdmin: Token<DirectoryAdmin> = token<DirectoryAdmin>('directory-admin');

/** Said on the bus after the change is committed. */
export interface UserEvent {
  readonly id: string;
  readonly aor: string;
}

/** What a node wrote, for the memory of the others. */
export interface DirectoryChange {
  /** The directory that wrote; it has taken note of its own change already. */
  readonly origin: string;
  readonly userIds: readonly string[];
  /** Whether groups came or went. */
  readonly groups: boolean;
}

/** Bus subjects of the directory. */
export const DirectoryEvents = {
  added: subject<UserEvent>('user.added'),
  changed: subject<UserEvent>('user.changed'),
  removed: subject<UserEvent>('user.removed'),
  enabled: subject<UserEvent>('user.enabled'),
  disabled: subject<UserEvent>('user.disabled'),
  passwordChanged: subject<UserEvent>('user.password-changed'),
  /** For the directories of other nodes: what to read again. */
  reload: subject<DirectoryChange>('directory.changed'),
} as const satisfies Record<string, Subject<UserEvent> | Subject<DirectoryChange>>;
