/** Whose presence is known: everybody in the directory, the stored part read when the server starts. */
import { Clock, Log, PluginConfig, Server, Store, inject, injectable } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { Location } from '@parley/plugin-registrar/api';
import type { PresenceConfig } from './config.ts';
import { DEFAULT_CONTAINERS, NO_DELEGATES } from './documents/index.ts';
import type { Container, Delegates, DirectoryCard } from './documents/index.ts';
import { Draft } from './draft.ts';
import { endpointKey } from './endpoint-key.ts';
import { heldContainer, heldDelegates, heldInstance, heldSubscriber } from './held-rows.ts';
import { instanceKey } from './presence-state.ts';
import type { HeldInstance, HeldSubscriber, PresenceState } from './presence-state.ts';
import { Presentity } from './presentity.ts';
import type { PresenceTables } from './rows.ts';
import { refreshAggregate, refreshCard } from './server-publications.ts';
import type { SilentPhone } from './server-publications.ts';

/** Rows read at a time when the server starts. */
const PAGE = 5000;

/** What the store had of one user. */
interface Stored {
  readonly instances: Map<string, HeldInstance>;
  readonly containers: Map<number, Container>;
  readonly subscribers: Map<string, HeldSubscriber>;
  delegates: Delegates;
  generation: number;
}

/** Finds presentities. Those that nobody has asked for since the start are kept as they were stored. */
@injectable()
export class Presentities {
  private readonly known = new Map<string, Presentity>();
  /** By user id; taken out when somebody asks. */
  private readonly stored = new Map<string, Stored>();

  constructor(
    @inject(Store) private readonly store: Store<PresenceTables>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor' | 'findById'>,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'phones'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(Server) private readonly server: Pick<Server, 'mode'>,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Reads the store. */
  async load(): Promise<void> {
    const read = this.store.read;
    await paged(
      (offset) =>
        read
          .selectFrom('presence_instances')
          .selectAll()
          .orderBy('user_id')
          .orderBy('category')
          .orderBy('container')
          .orderBy('instance')
          .offset(offset)
          .limit(PAGE)
          .execute(),
      (row) => {
        const held = heldInstance(row);
        this.storedOf(row.user_id).instances.set(instanceKey(held), held);
      },
    );
    await paged(
      (offset) =>
        read.selectFrom('presence_containers').selectAll().orderBy('user_id').orderBy('container').offset(offset).limit(PAGE).execute(),
      (row) => {
        const held = heldContainer(row);
        this.storedOf(row.user_id).containers.set(held.id, held);
      },
    );
    await paged(
      (offset) =>
        read.selectFrom('presence_subscribers').selectAll().orderBy('user_id').orderBy('watcher').offset(offset).limit(PAGE).execute(),
      (row) => {
        const held = heldSubscriber(row);
        this.storedOf(row.user_id).subscribers.set(held.user, held);
      },
    );
    await paged(
      (offset) => read.selectFrom('presence_delegates').selectAll().orderBy('user_id').offset(offset).limit(PAGE).execute(),
      (row) => {
        this.storedOf(row.user_id).delegates = heldDelegates(row);
      },
    );
    await paged(
      (offset) => read.selectFrom('presence_users').selectAll().orderBy('user_id').offset(offset).limit(PAGE).execute(),
      (row) => {
        this.storedOf(row.user_id).generation = row.generation;
      },
    );
    if (this.stored.size > 0 && this.server.mode === 'serve')
      this.log.info({ users: this.stored.size }, 'presence is back from before the restart');
  }

  /** Users for whom something is stored, or somebody has asked. */
  get size(): number {
    return this.known.size + this.stored.size;
  }

  /** The user with this address (lower case); undefined when there is none in the directory. */
  of(aor: string): Presentity | undefined {
    const known = this.known.get(aor);
    if (known !== undefined) return known;
    const user = this.directory.findByAor(aor);
    return user === undefined ? undefined : this.build(user);
  }

  /** The same, as far as watchers are concerned: a user who is disabled is not there for them. */
  shown(aor: string): Presentity | undefined {
    const presentity = this.of(aor);
    return presentity?.hidden === true ? undefined : presentity;
  }

  /** The same, but nobody is made who was not asked for before. */
  peek(aor: string): Presentity | undefined {
    return this.known.get(aor);
  }

  /** The same, if somebody has asked before or something is stored. */
  heldOf(aor: string): Presentity | undefined {
    const known = this.known.get(aor);
    if (known !== undefined) return known;
    const user = this.directory.findByAor(aor);
    return user === undefined || !this.stored.has(user.id) ? undefined : this.build(user);
  }

  /** Everybody who has published something that lives as long as an endpoint. Made as they are taken. */
  bound(): Iterator<Presentity> {
    return this.having(({ expireType, endpoint }) => expireType === 'user' || endpoint !== '');
  }

  /** Everybody who has published something for a time. */
  timed(): Iterable<Presentity> {
    return this.having(({ expireType }) => expireType === 'time');
  }

  /** What everybody publishes, for an administrator: nobody is made for that. */
  *published(): Generator<{ readonly aor: string; readonly instances: Iterable<HeldInstance> }> {
    for (const [userId, { instances }] of this.stored) {
      const user = this.directory.findById(userId);
      if (user !== undefined) yield { aor: user.aor, instances: instances.values() };
    }
    for (const { aor, state } of this.known.values()) yield { aor, instances: state.instances.values() };
  }

  /** The user is no more. */
  forget(aor: string): Presentity | undefined {
    const known = this.known.get(aor);
    this.known.delete(aor);
    if (known !== undefined) {
      known.gone = true;
      this.clock.timers.cancel(known.timer);
    }
    return known;
  }

  /** The server stops: nothing wakes a user any more. */
  stopTimers(): void {
    for (const { timer } of this.known.values()) this.clock.timers.cancel(timer);
  }

  /** Registered endpoints of a user that have no way to publish. */
  phonesOf(aor: string): readonly SilentPhone[] {
    if (this.config.phones === 'ignored') return [];
    const phones: SilentPhone[] = [];
    for (const binding of this.location.bindings(aor)) {
      if (binding.epid === '') phones.push({ key: endpointKey(binding), registeredAt: binding.registeredAt });
    }
    return phones;
  }

  /** What the directory knows of a user. */
  cardOf(user: User): DirectoryCard {
    return { aor: user.aor, displayName: user.displayName, phones: user.phones };
  }

  private *having(wanted: (held: HeldInstance) => boolean): Generator<Presentity> {
    for (const [userId, { instances }] of this.stored) {
      if (!instances.values().some(wanted)) continue;
      const user = this.directory.findById(userId);
      const presentity = user === undefined ? undefined : this.of(user.aor);
      if (presentity !== undefined) yield presentity;
    }
    for (const presentity of this.known.values()) {
      if (presentity.state.instances.values().some((held) => held.origin === 'client' && wanted(held))) yield presentity;
    }
  }

  private storedOf(userId: string): Stored {
    const stored = this.stored.get(userId);
    if (stored !== undefined) return stored;
    const made: Stored = { instances: new Map(), containers: new Map(), subscribers: new Map(), delegates: NO_DELEGATES, generation: 0 };
    this.stored.set(userId, made);
    return made;
  }

  private build(user: User): Presentity {
    const stored = this.stored.get(user.id);
    this.stored.delete(user.id);
    const before: PresenceState = {
      instances: stored?.instances ?? new Map<string, HeldInstance>(),
      containers: new Map([...DEFAULT_CONTAINERS.map((one) => [one.id, one] as const), ...(stored?.containers ?? [])]),
      subscribers: stored?.subscribers ?? new Map<string, HeldSubscriber>(),
      delegates: stored?.delegates ?? NO_DELEGATES,
      generation: stored?.generation ?? 0,
      outputs: undefined,
    };
    // Not a change to be committed: it comes out the same whenever it is made.
    const draft = new Draft(user.id, before, this.clock.now());
    refreshCard(draft, this.cardOf(user));
    refreshAggregate(draft, user.aor, this.phonesOf(user.aor));
    const presentity = new Presentity(user.id, user.aor, draft.seal());
    presentity.hidden = !user.enabled;
    this.known.set(user.aor, presentity);
    return presentity;
  }
}

async function paged<T>(page: (offset: number) => Promise<readonly T[]>, take: (row: T) => void): Promise<void> {
  for (let offset = 0; ; offset += PAGE) {
    const rows = await page(offset);
    rows.forEach(take);
    if (rows.length < PAGE) return;
  }
}
