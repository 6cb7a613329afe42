/** The embedded directory: everything in memory to read, loaded from the store at start and kept current. */
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { Bus, Log, PluginConfig, Server, Store, inject, injectable } from '@parley/sdk';
import type { Lifecycle, Unsubscribe } from '@parley/sdk';
import { DirectoryEvents } from './api.ts';
import type { DigestAlgorithm, Directory, DirectoryChange, Group, Mechanism, PoolKeys, User, UserPage, UserQuery } from './api.ts';
import type { DirectoryConfig } from './config.ts';
import { Credentials } from './credentials.ts';
import { DirectoryErrors } from './errors.ts';
import { GroupIndex } from './group-index.ts';
import { loadOrMakeKey } from './key-file.ts';
import { countCredentials, loadGroups, loadUsers } from './rows.ts';
import type { CredentialRow, DirectoryTables, GroupRow } from './schema.ts';
import { Turns } from './turns.ts';
import { UserIndex } from './user-index.ts';
import { Vault, deriveKey } from './vault.ts';

/** As many realms as are kept digests for when the configuration names none. */
const MAX_DEFAULT_REALMS = 16;

/** What one write changed, for the memory. */
export interface MemoryChange {
  readonly put?: readonly User[];
  readonly credentials?: readonly CredentialRow[];
  readonly removed?: readonly User[];
  readonly groups?: readonly GroupRow[];
  readonly removedGroup?: string;
}

/** Reading side; {@link EmbeddedDirectoryAdmin} tells it what it wrote. */
@injectable()
export class EmbeddedDirectory implements Directory, PoolKeys, Lifecycle {
  readonly realms: readonly string[];
  readonly users = new UserIndex();
  readonly groups = new GroupIndex();
  /** Changes wait for each other, and for what is read of other nodes' changes: what one checks must still be true when it writes. */
  readonly turns = new Turns();
  private readonly origin = randomUUID();
  private readonly store: Store<DirectoryTables>;
  private vaulted: Credentials | undefined;
  private key: Buffer | undefined;
  /** Added by other plugins before `start`. */
  private readonly waiting: Mechanism[] = [];
  private unsubscribe: Unsubscribe | undefined;

  constructor(
    @inject(Store) store: Store,
    @inject(Server) private readonly server: Pick<Server, 'domains' | 'dataDir'>,
    @inject(Bus) private readonly bus: Bus,
    @inject(Log) private readonly log: Log,
    @inject(PluginConfig) private readonly config: DirectoryConfig,
  ) {
    this.store = store.as<DirectoryTables>();
    this.realms = config.realms ?? server.domains.slice(0, MAX_DEFAULT_REALMS);
  }

  /** Throws DIRECTORY_KEY_MISSING, _DAMAGED, _EXPOSED or _WRONG. */
  async start(): Promise<void> {
    const keyFile = resolve(this.server.dataDir, this.config.keyFile);
    const key = loadOrMakeKey(keyFile, await countCredentials(this.store.read));
    const credentials = new Credentials(new Vault(key));
    const loaded = await loadUsers(this.store.read);
    const [sample] = loaded.credentials;
    if (sample !== undefined && !credentials.fitsKey(sample)) throw DirectoryErrors.DIRECTORY_KEY_WRONG({ file: keyFile });
    for (const mechanism of this.waiting) credentials.addMechanism(mechanism);
    this.vaulted = credentials;
    this.key = key;
    this.unsubscribe = this.bus.subscribe(DirectoryEvents.reload, (change) => this.turns.run(() => this.reload(change)));
    this.applyToMemory({ groups: await loadGroups(this.store.read), put: loaded.users, credentials: loaded.credentials });
    this.warnOfMissingRealm();
    this.log.info({ users: this.users.size, realms: this.realms }, 'directory loaded');
  }

  stop(): void {
    this.unsubscribe?.();
  }

  findById(id: string): User | undefined {
    return this.users.findById(id);
  }

  findByAor(aor: string): User | undefined {
    return this.users.findByAor(aor);
  }

  findByLogin(login: string): User | undefined {
    return this.users.findByLogin(login);
  }

  findByPhone(phone: string): User | undefined {
    return this.users.findByPhone(phone);
  }

  isEnabled(aor: string): boolean {
    return this.users.findByAor(aor)?.enabled === true;
  }

  list(query?: UserQuery): UserPage {
    return this.users.list(query);
  }

  group(name: string): Group | undefined {
    return this.groups.get(name);
  }

  listGroups(): readonly Group[] {
    return this.groups.list();
  }

  mechanismsOf(userId: string): readonly string[] {
    return this.credentials.mechanismsOf(userId);
  }

  credential(userId: string | undefined, mechanism: string): Buffer | undefined {
    return this.credentials.open(userId, mechanism);
  }

  digestHa1(userId: string | undefined, algorithm: DigestAlgorithm, realm: string, username: string): Buffer | undefined {
    return this.credentials.digestHa1(userId, algorithm, realm, username);
  }

  checkPassword(userId: string | undefined, password: string): boolean {
    const aor = userId === undefined ? undefined : this.users.findById(userId)?.aor;
    return this.credentials.check(userId, aor ?? 'nobody', this.realms, password);
  }

  addMechanism(mechanism: Mechanism): void {
    if (this.vaulted === undefined) this.waiting.push(mechanism);
    else this.vaulted.addMechanism(mechanism);
  }

  derive(purpose: string): Buffer {
    if (this.key === undefined) throw new Error('the directory has not been started');
    return deriveKey(this.key, purpose);
  }

  /** The sealed credentials. Throws a plain error before `start`: nothing may ask so early. */
  get credentials(): Credentials {
    if (this.vaulted === undefined) throw new Error('the directory has not been started');
    return this.vaulted;
  }

  /** Takes in what was committed, and tells the other nodes. */
  committed(change: MemoryChange): void {
    this.applyToMemory(change);
    const touched = [...(change.put ?? []), ...(change.removed ?? [])];
    const groups = change.groups !== undefined || change.removedGroup !== undefined;
    this.bus.publish(DirectoryEvents.reload, { origin: this.origin, userIds: touched.map((user) => user.id), groups });
  }

  private applyToMemory(change: MemoryChange): void {
    if (change.removedGroup !== undefined) this.groups.remove(change.removedGroup);
    this.groups.add(change.groups ?? []);
    for (const user of change.removed ?? []) {
      this.groups.userChanged(user, undefined);
      this.users.remove(user.id);
      this.credentials.remove(user.id);
    }
    for (const user of change.put ?? []) {
      this.groups.userChanged(this.users.findById(user.id), user);
      this.users.put(user);
    }
    this.credentials.put(change.credentials ?? []);
  }

  /** Another node wrote: reads again what it names. */
  private async reload(change: DirectoryChange): Promise<void> {
    if (change.origin === this.origin) return;
    if (change.groups) this.groups.reset(await loadGroups(this.store.read));
    const loaded = await loadUsers(this.store.read, change.userIds);
    const found = new Set(loaded.users.map((user) => user.id));
    const gone = change.userIds.filter((id) => !found.has(id)).map((id) => this.users.findById(id));
    this.applyToMemory({ put: loaded.users, credentials: loaded.credentials, removed: gone.filter((user) => user !== undefined) });
  }

  /** A realm that was changed after passwords were set locks everybody out; one user shows it. */
  private warnOfMissingRealm(): void {
    const realm = this.realms[0] as string;
    for (const user of this.users.all()) {
      if (user.passwordChangedAt === null) continue;
      if (this.credentials.digestHa1(user.id, 'SHA-256', realm, user.aor) === undefined) {
        this.log.warn(
          { user: user.aor, realm },
          'passwords set earlier have no digest for the realm: set them anew, or put the old realm first',
        );
      }
      return;
    }
  }
}
