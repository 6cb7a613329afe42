/** Presence without a server around it: a store, a directory, registrations and a clock that a test moves. */
import { FakeClock, migrate, parseXml } from '@parley/sdk';
import type { Log, SqlStore, Store, Subject } from '@parley/sdk';
import { DirectoryEvents } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import { Bound, Unbound } from '@parley/plugin-registrar/api';
import type { Binding, UnboundReason } from '@parley/plugin-registrar/api';
import { Changes } from '../src/changes.ts';
import type { Change } from '../src/changes.ts';
import { Commits } from '../src/commits.ts';
import { PresenceConfig } from '../src/config.ts';
import { readState } from '../src/aggregate/index.ts';
import type { Publication } from '../src/documents/index.ts';
import type { HeldInstance } from '../src/presence-state.ts';
import { Endpoints } from '../src/endpoints.ts';
import { FanOut } from '../src/fan-out.ts';
import { Presentities } from '../src/presentities.ts';
import type { Presentity } from '../src/presentity.ts';
import { PresenceService } from '../src/presence.ts';
import { applyPublications } from '../src/publish.ts';
import { migrations } from '../src/rows.ts';
import type { PresenceTables } from '../src/rows.ts';
import type { SelfSubscriptions } from '../src/self-subscriptions.ts';
import { SubscriptionTerms } from '../src/subscription-terms.ts';
import type { SubscriptionJournal } from '../src/subscription-journal.ts';
import type { Subscriptions } from '../src/subscriptions.ts';
import { Watched } from '../src/watched.ts';

/** Tells at once. */
class PromptBus {
  private readonly listeners = new Map<string, Set<(message: never) => void>>();

  publish<M>({ name }: Subject<M>, message: M): void {
    for (const listener of this.listeners.get(name) ?? []) listener(message as never);
  }

  subscribe<M>({ name }: Subject<M>, listener: (message: M) => void): () => void {
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(listener));
    return () => known.delete(listener);
  }
}

const LOG = { info() {}, warn() {}, error() {}, debug() {} } as unknown as Log;

export function aUser(name: string, more: Partial<User> = {}): User {
  return {
    id: `id-${name}`,
    aor: `${name}@example.com`,
    displayName: name,
    logins: [],
    phones: [],
    groups: [],
    enabled: true,
    homeServer: null,
    createdAt: 0,
    passwordChangedAt: null,
    ...more,
  };
}

/** One life of a server's presence on a store. */
export class Rig {
  readonly clock: FakeClock;
  readonly users = new Map<string, User>();
  readonly registered = new Map<string, Binding[]>();
  readonly changes: Changes;
  readonly commits: Commits;
  readonly presentities: Presentities;
  readonly presence: PresenceService;
  readonly fanOut: FanOut;
  readonly watched: Watched;
  readonly seen: Change[] = [];
  private readonly bus = new PromptBus();

  constructor(
    readonly store: Store<PresenceTables>,
    { clock = new FakeClock(), config = {} }: { readonly clock?: FakeClock; readonly config?: unknown } = {},
  ) {
    this.clock = clock;
    for (const name of ['alice', 'bob', 'carol']) this.users.set(`${name}@example.com`, aUser(name));
    const settings = PresenceConfig.parse(config);
    const directory = {
      findByAor: (aor: string) => this.users.get(aor),
      findById: (id: string) => [...this.users.values()].find((user) => user.id === id),
    };
    const location = { bindings: (aor: string) => this.registered.get(aor) ?? [] };
    const server = { mode: 'serve' as const };
    this.commits = new Commits(store, LOG);
    this.presentities = new Presentities(store, directory, location, settings, clock, server, LOG);
    this.changes = new Changes(this.presentities, this.commits, clock, LOG);
    const endpoints = new Endpoints(this.presentities, this.changes, location, clock, settings);
    this.fanOut = new FanOut(clock, settings, LOG);
    this.watched = new Watched(this.fanOut, settings);
    const own = { changed: () => undefined } as unknown as SelfSubscriptions;
    const journal = { start: () => undefined, stop: () => Promise.resolve() } as unknown as SubscriptionJournal;
    const subscriptions = {} as unknown as Subscriptions;
    this.presence = new PresenceService(
      this.presentities,
      this.changes,
      this.commits,
      endpoints,
      new SubscriptionTerms(settings),
      own,
      this.watched,
      subscriptions,
      journal,
      this.fanOut,
      directory,
      this.bus,
      server,
    );
    this.changes.onChange((change) => void this.seen.push(change));
  }

  static async start(store: SqlStore, options: { readonly clock?: FakeClock; readonly config?: unknown } = {}): Promise<Rig> {
    await migrate(store, 'presence', migrations, 0);
    const rig = new Rig(store.as<PresenceTables>(), options);
    await rig.presence.start();
    return rig;
  }

  user(name = 'alice'): Presentity {
    const presentity = this.presentities.of(`${name}@example.com`);
    if (presentity === undefined) throw new Error(`${name} does not exist`);
    return presentity;
  }

  /** Registers an endpoint. */
  bind(name: string, epid: string, contact = `sip:192.0.2.1:5060;of=${name}${epid}`): void {
    const aor = `${name}@example.com`;
    const binding = { aor, epid, instance: '', contact, registeredAt: this.clock.now(), flowId: 1 } as Binding;
    this.registered.set(aor, [...(this.registered.get(aor) ?? []), binding]);
    this.bus.publish(Bound, binding);
  }

  unbind(name: string, epid: string, reason: UnboundReason = 'unregistered'): void {
    const aor = `${name}@example.com`;
    const all = this.registered.get(aor) ?? [];
    const gone = all.find((binding) => binding.epid === epid);
    if (gone === undefined) throw new Error(`${name} has no endpoint ${epid}`);
    this.registered.set(
      aor,
      all.filter((binding) => binding !== gone),
    );
    this.bus.publish(Unbound, { aor, epid, instance: '', contact: gone.contact, reason });
  }

  /** The directory has changed. */
  tell(event: 'added' | 'changed' | 'removed' | 'disabled' | 'enabled', user: User): void {
    if (event === 'removed') this.users.delete(user.aor);
    else this.users.set(user.aor, user);
    this.bus.publish(DirectoryEvents[event], { id: user.id, aor: user.aor });
  }

  /** Publishes in the name of an endpoint; the versions are answered. */
  async publish(name: string, epid: string, publications: readonly Publication[]): Promise<readonly number[]> {
    const presentity = this.user(name);
    const registered = this.registered.get(presentity.aor)?.some((binding) => binding.epid === epid) === true;
    const { change } = await this.changes.run(
      presentity,
      (draft) => applyPublications(draft, publications, { aor: presentity.aor, endpoint: registered ? epid : undefined }, LIMITS),
      { by: epid },
    );
    return publications.map(
      ({ name: category, container, instance }) => change.after.instances.get(`${category} ${container} ${instance}`)?.version ?? 0,
    );
  }

  /** Resolves when everything that was begun is committed. */
  async settled(name = 'alice'): Promise<void> {
    await this.changes.run(this.user(name), () => undefined);
  }

  /** Something that could be held under this key. */
  instanceOf(key: string): HeldInstance {
    const [name = '', container, instance] = key.split(' ');
    return {
      ...aPublication(name, 0),
      container: Number(container),
      instance: Number(instance),
      version: 1,
      publishTime: 0,
      origin: 'client',
      endpoint: '',
    };
  }

  /** What an instance holds; undefined when it is not there. */
  instance(name: string, key: string): { readonly version: number; readonly content: string } | undefined {
    return this.user(name).state.instances.get(key);
  }
}

const LIMITS = PresenceConfig.parse({}).limits;

/** A publication of a machine's state in container 2. */
export function machineState(availability: number, version = 0, instance = 0x3000_0001): Publication {
  return aPublication('state', version, { instance, content: machineDocument(availability), expireType: 'endpoint' });
}

export function machineDocument(availability: number): string {
  return `<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" manual="false" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="machineState"><availability>${availability}</availability><endpointLocation/></state>`;
}

/** A publication; container 2 when nothing is said. */
export function aPublication(name: string, version: number, more: Partial<Publication> = {}): Publication {
  const content = more.content ?? `<${name} xmlns="urn:x"/>`;
  const state = name === 'state' && content !== '' ? readState(parseXml(content).root) : undefined;
  return { name, instance: 0, container: 2, version, expireType: 'static', deletes: false, content, state, ...more };
}

/** A deletion. */
export function aDeletion(name: string, version: number, more: Partial<Publication> = {}): Publication {
  return { name, instance: 0, container: 2, version, expireType: 'static', deletes: true, content: '', ...more };
}
