/** Writing side of the embedded directory: check, commit, then memory and bus, one change after the other. */
import { randomUUID } from 'node:crypto';
import { Bus, Clock, PluginConfig, Server, Store, brokenConstraint, inject, injectable } from '@parley/sdk';
import type { ParleyError, Subject } from '@parley/sdk';
import type { Transaction } from 'kysely';
import { DirectoryEvents } from './api.ts';
import type { DirectoryAdmin, Group, NewUser, User, UserChange, UserEvent } from './api.ts';
import type { DirectoryConfig } from './config.ts';
import { EmbeddedDirectory } from './directory.ts';
import { draftGroupName, draftUser, weaknesses } from './draft.ts';
import type { Draft, DraftRules } from './draft.ts';
import { DirectoryErrors } from './errors.ts';
import { spellingsOf } from './mechanisms.ts';
import { NameClaims } from './name-claims.ts';
import { foldName, normaliseAor } from './names.ts';
import { deleteGroup, deleteUser, insertGroups, insertUsers, updateUser } from './rows.ts';
import type { StoredUser } from './rows.ts';
import type { CredentialRow, DirectoryTables, GroupRow } from './schema.ts';

/** Users and groups as administrators change them. */
@injectable()
export class EmbeddedDirectoryAdmin implements DirectoryAdmin {
  private readonly store: Store<DirectoryTables>;
  private readonly rules: DraftRules;

  constructor(
    @inject(EmbeddedDirectory) private readonly directory: EmbeddedDirectory,
    @inject(Store) store: Store,
    @inject(Server) server: Pick<Server, 'domains'>,
    @inject(Bus) private readonly bus: Bus,
    @inject(Clock) private readonly clock: Pick<Clock, 'now'>,
    @inject(PluginConfig) config: DirectoryConfig,
  ) {
    this.store = store.as<DirectoryTables>();
    this.rules = { domains: server.domains, passwords: config.passwords };
  }

  checkUsers(users: readonly NewUser[]): readonly (readonly ParleyError[])[] {
    const claims = new NameClaims(this.directory.users);
    return users.map((input) => {
      const draft = draftUser(input, this.rules);
      return refusals(draft, claims);
    });
  }

  async addUser(user: NewUser): Promise<User> {
    const [added] = await this.addUsers([user]);
    return added as User;
  }

  addUsers(users: readonly NewUser[]): Promise<readonly User[]> {
    return this.directory.turns.run(async () => {
      const claims = new NameClaims(this.directory.users);
      const drafts = users.map((input) => draftUser(input, this.rules));
      for (const draft of drafts) refuse(refusals(draft, claims));
      const groups = this.groupsToMake(drafts.flatMap((draft) => draft.groups));
      const stored = drafts.map((draft) => this.newUser(draft, groups));
      await this.commit(async (trx) => {
        await insertGroups(trx, groups);
        await insertUsers(trx, stored);
      });
      const added = stored.map((s) => s.user);
      this.directory.committed({ put: added, credentials: stored.flatMap((s) => s.credentials), ...(groups.length > 0 && { groups }) });
      for (const user of added) this.say(DirectoryEvents.added, user);
      return added;
    });
  }

  changeUser(aor: string, change: UserChange): Promise<User> {
    return this.directory.turns.run(async () => {
      const before = this.known(aor);
      const draft = draftUser({ ...asInput(before), ...change }, this.rules);
      // The domain may have left the configuration since: no reason to refuse another phone number.
      refuse(draft.faults.filter((fault) => fault.code !== 'DIRECTORY_DOMAIN_UNKNOWN'));
      refuse(new NameClaims(this.directory.users, before.id).conflicts(draft));
      const { displayName, logins, phones, password } = draft;
      const after = { ...before, displayName, logins, phones, groups: draft.groups };
      const user = await this.replace(before, after, this.groupsToMake(draft.groups), password);
      this.say(DirectoryEvents.changed, user);
      return user;
    });
  }

  setPassword(aor: string, password: string): Promise<User> {
    return this.directory.turns.run(async () => {
      const before = this.known(aor);
      const normal = password.normalize('NFC');
      refuse(weaknesses(normal, before.aor, this.rules.passwords));
      return this.replace(before, before, [], normal);
    });
  }

  setEnabled(aor: string, enabled: boolean): Promise<User> {
    return this.directory.turns.run(async () => {
      const before = this.known(aor);
      if (before.enabled === enabled) return before;
      const user = await this.replace(before, { ...before, enabled }, [], undefined);
      this.say(enabled ? DirectoryEvents.enabled : DirectoryEvents.disabled, user);
      return user;
    });
  }

  removeUser(aor: string): Promise<User> {
    return this.directory.turns.run(async () => {
      const user = this.known(aor);
      await this.commit((trx) => deleteUser(trx, user.id));
      this.directory.committed({ removed: [user] });
      this.say(DirectoryEvents.removed, user);
      return user;
    });
  }

  addGroup(name: string): Promise<Group> {
    return this.directory.turns.run(async () => {
      const faults: ParleyError[] = [];
      const written = draftGroupName(name, faults);
      refuse(faults);
      if (this.directory.groups.row(written) !== undefined) {
        throw DirectoryErrors.DIRECTORY_TAKEN({ what: 'group name', found: written, owner: 'another group' });
      }
      const groups = this.groupsToMake([written]);
      await this.commit((trx) => insertGroups(trx, groups));
      this.directory.committed({ groups });
      return this.directory.group(written) as Group;
    });
  }

  removeGroup(name: string): Promise<void> {
    return this.directory.turns.run(async () => {
      const row = this.knownGroup(name);
      const without = this.directory.groups.members(name).map((user) => withGroups(user, user.groups, row.name));
      await this.commit((trx) => deleteGroup(trx, row.id));
      this.directory.committed({ put: without, removedGroup: row.name });
      for (const user of without) this.say(DirectoryEvents.changed, user);
    });
  }

  addMembers(group: string, aors: readonly string[]): Promise<Group> {
    return this.changeMembers(group, aors, (user, row) => withGroups(user, [...user.groups, row.written], undefined));
  }

  removeMembers(group: string, aors: readonly string[]): Promise<Group> {
    return this.changeMembers(group, aors, (user, row) => withGroups(user, user.groups, row.name));
  }

  private changeMembers(group: string, aors: readonly string[], change: (user: User, row: GroupRow) => User): Promise<Group> {
    return this.directory.turns.run(async () => {
      const row = this.knownGroup(group);
      const users = [...new Set(aors.map((aor) => this.known(aor)))].map((user) => change(user, row));
      await this.commit(async (trx) => {
        for (const user of users) await updateUser(trx, { user, groupIds: this.groupIds(user.groups, []), credentials: [] });
      });
      this.directory.committed({ put: users });
      for (const user of users) this.say(DirectoryEvents.changed, user);
      return this.directory.group(group) as Group;
    });
  }

  private async replace(before: User, after: User, groups: readonly GroupRow[], password: string | undefined): Promise<User> {
    const user = password === undefined ? after : { ...after, passwordChangedAt: Math.floor(this.clock.now()) };
    const credentials = password === undefined ? [] : this.derive(user, password);
    await this.commit(async (trx) => {
      await insertGroups(trx, groups);
      await updateUser(trx, { user, groupIds: this.groupIds(user.groups, groups), credentials });
    });
    this.directory.committed({ put: [user], credentials, ...(groups.length > 0 && { groups }) });
    if (password !== undefined) this.say(DirectoryEvents.passwordChanged, { ...before, ...user });
    return user;
  }

  private newUser(draft: Draft, made: readonly GroupRow[]): StoredUser {
    const now = Math.floor(this.clock.now());
    const { aor, displayName, logins, phones, groups, enabled, password } = draft;
    const passwordChangedAt = password === undefined ? null : now;
    const names = { id: randomUUID(), aor, displayName, logins, phones, groups, enabled };
    const user = Object.freeze({ ...names, homeServer: null, createdAt: now, passwordChangedAt });
    return { user, groupIds: this.groupIds(user.groups, made), credentials: password === undefined ? [] : this.derive(user, password) };
  }

  private derive(user: User, password: string): CredentialRow[] {
    const spellings = spellingsOf(user.aor, user.logins);
    return this.directory.credentials.derive({ userId: user.id, aor: user.aor, spellings, realms: this.directory.realms, password });
  }

  /** Rows for the named groups that do not exist. */
  private groupsToMake(names: readonly string[]): GroupRow[] {
    const missing = new Map<string, GroupRow>();
    for (const written of names) {
      const name = foldName(written);
      if (this.directory.groups.row(name) === undefined) missing.set(name, { id: missing.get(name)?.id ?? randomUUID(), name, written });
    }
    return [...missing.values()];
  }

  private groupIds(names: readonly string[], made: readonly GroupRow[]): string[] {
    return names.map((written) => {
      const name = foldName(written);
      const row = this.directory.groups.row(name) ?? made.find((group) => group.name === name);
      return (row as GroupRow).id;
    });
  }

  private known(aor: string): User {
    const user = this.directory.users.findByAor(normaliseAor(aor) ?? aor);
    if (user === undefined) throw DirectoryErrors.DIRECTORY_USER_UNKNOWN({ found: aor });
    return user;
  }

  private knownGroup(name: string): GroupRow {
    const row = this.directory.groups.row(name);
    if (row === undefined) throw DirectoryErrors.DIRECTORY_GROUP_UNKNOWN({ found: name });
    return row;
  }

  private say(event: Subject<UserEvent>, user: User): void {
    this.bus.publish(event, { id: user.id, aor: user.aor });
  }

  /** The names were free in memory; with several servers on one database that is not the last word. */
  private async commit(work: (trx: Transaction<DirectoryTables>) => Promise<void>): Promise<void> {
    try {
      await this.store.write(work);
    } catch (error) {
      if (brokenConstraint(error) === 'unique') throw DirectoryErrors.DIRECTORY_CONFLICT({}, { cause: error });
      throw error;
    }
  }
}

/** Everything against a draft; without any, its names are claimed for the rest of the batch. */
function refusals(draft: Draft, claims: NameClaims): readonly ParleyError[] {
  const faults = [...draft.faults, ...claims.conflicts(draft)];
  if (faults.length === 0) claims.claim(draft);
  return faults;
}

function refuse(faults: readonly ParleyError[]): void {
  if (faults[0] !== undefined) throw faults[0];
}

function asInput(user: User): NewUser {
  const { aor, displayName, logins, phones, groups, enabled } = user;
  return { uri: aor, displayName, logins, phones, groups, enabled };
}

/** The user in these groups, each once, and not in the one whose folded name is `without`. */
function withGroups(user: User, groups: readonly string[], without: string | undefined): User {
  const byName = new Map(groups.map((group) => [foldName(group), group]));
  if (without !== undefined) byName.delete(without);
  return Object.freeze({ ...user, groups: [...byName.values()] });
}
