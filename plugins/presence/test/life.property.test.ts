/** What holds of a user's presence whatever happens in whatever order: endpoints come, publish, go, time passes, the process is killed. */
import * as fc from 'fast-check';
import { FakeClock, temporaryStore } from '@parley/sdk';
import { expect, test } from 'vitest';
import { ConflictError } from '../src/publish.ts';
import { expiryOf } from '../src/presence-state.ts';
import type { PresenceState } from '../src/presence-state.ts';
import { Rig, aDeletion, aPublication, machineState } from './rig.ts';

const ENDPOINTS = ['e0', 'e1', 'e2'];
const RETURN_SECONDS = 120;

const endpoint = fc.constantFrom(...ENDPOINTS);
const step = fc.oneof(
  fc.record({ do: fc.constant('bind' as const), endpoint }),
  fc.record({
    do: fc.constant('unbind' as const),
    endpoint,
    reason: fc.constantFrom('unregistered' as const, 'disconnected' as const, 'expired' as const),
  }),
  fc.record({
    do: fc.constant('publish' as const),
    endpoint,
    what: fc.constantFrom('machine' as const, 'user' as const, 'time' as const, 'static' as const, 'deletion' as const),
    availability: fc.constantFrom(3500, 6500, 15_500, 18_500),
    stale: fc.boolean(),
  }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 90 }) }),
  fc.record({ do: fc.constant('settle' as const) }),
  fc.record({ do: fc.constant('kill' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** What clients have published. */
function held(state: PresenceState): readonly unknown[] {
  return [...state.instances.values()]
    .filter(({ origin }) => origin === 'client')
    .map(({ name, container, instance, version, publishTime, expireType, expires, endpoint: of, content }) =>
      [name, container, instance, version, publishTime, expireType, expires, of, content].join(' '),
    )
    .toSorted();
}

/** One user through many steps. */
class Life {
  private readonly under = new Set<Promise<unknown>>();
  private number = 0;
  private startedAt: number;

  constructor(public rig: Rig) {
    this.startedAt = rig.clock.now();
  }

  async take(one: Step): Promise<void> {
    const registered = this.registered.has('endpoint' in one ? one.endpoint : '');
    switch (one.do) {
      case 'bind':
        if (!registered) this.rig.bind('alice', one.endpoint);
        break;
      case 'unbind':
        if (registered) this.rig.unbind('alice', one.endpoint, one.reason);
        break;
      case 'publish':
        this.publish(one);
        break;
      case 'wait':
        this.rig.clock.advance(one.seconds * 1000);
        break;
      case 'settle':
        await this.settle();
        break;
      case 'kill':
        await this.kill();
    }
  }

  get registered(): ReadonlySet<string> {
    return new Set((this.rig.registered.get('alice@example.com') ?? []).map(({ epid }) => epid));
  }

  /** Everything that was asked for is done. */
  async settle(): Promise<void> {
    await Promise.all(this.under);
    await this.rig.settled();
    this.rig.clock.advance(20);
    await this.rig.settled();
  }

  /** What is under way is lost or not; registrations are. */
  private async kill(): Promise<void> {
    const { clock, store, commits } = this.rig;
    commits.commit = () => new Promise(() => undefined);
    await commits.settled();
    this.under.clear();
    this.rig = new Rig(store, { clock, config: { returnSeconds: RETURN_SECONDS } });
    await this.rig.presence.start();
    this.startedAt = clock.now();
  }

  private publish({ endpoint: of, what, availability, stale }: Extract<Step, { do: 'publish' }>): void {
    const number = ENDPOINTS.indexOf(of);
    const instance = 0x3000_0000 + number;
    const note = { container: 200, instance: number };
    const key =
      what === 'machine' || what === 'user' ? `${what === 'machine' ? 'state' : 'services2'} 2 ${instance}` : `note 200 ${number}`;
    const version = (this.rig.instance('alice', key)?.version ?? 0) + (stale ? 7 : 0);
    const content = `<note xmlns="urn:n">${++this.number}</note>`;
    const publication = {
      machine: () => machineState(availability, version, instance),
      user: () => aPublication('services2', version, { instance, expireType: 'user', content }),
      time: () => aPublication('note', version, { ...note, expireType: 'time', expires: 60, content }),
      static: () => aPublication('note', version, { ...note, content }),
      deletion: () => aDeletion('note', version, note),
    }[what]();
    const published = this.rig.publish('alice', of, [publication]).catch((error: unknown) => {
      // It lost the race, or its endpoint is not there: it was told so.
      if (error instanceof ConflictError || (error as { code?: string }).code === 'PRESENCE_ENDPOINT_UNREGISTERED') return;
      throw error;
    });
    this.under.add(published);
    void published.finally(() => this.under.delete(published));
  }

  /** Endpoints that were there before the last start have their time to come back. */
  get waitsForReturn(): boolean {
    return this.rig.clock.now() < this.startedAt + RETURN_SECONDS * 1000 + 1000;
  }
}

test('MS-PRES R8, R16, R33: whatever the order, nothing outlives what it is bound to, versions count by one, and a restart finds the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const clock = new FakeClock();
      const store = temporaryStore(clock);
      try {
        const life = new Life(await Rig.start(store, { clock, config: { returnSeconds: RETURN_SECONDS } }));
        for (const one of steps) await life.take(one);
        await life.settle();
        const { rig } = life;
        const { state } = rig.user();
        for (const { draft } of rig.seen) {
          for (const { was, now } of draft.changedInstances.values()) {
            if (now?.origin === 'client') expect(now.version).toBe((was?.version ?? 0) + 1);
          }
        }
        for (const instance of state.instances.values()) {
          if (instance.origin !== 'client') continue;
          expect(expiryOf(instance) ?? Infinity).toBeGreaterThan(clock.now() - 20);
          if (life.waitsForReturn) continue;
          if (instance.endpoint !== '') expect(life.registered).toContain(instance.endpoint);
          if (instance.expireType === 'user') expect(life.registered.size).toBeGreaterThan(0);
        }
        const next = new Rig(rig.store, { clock });
        for (const [aor, bindings] of rig.registered) next.registered.set(aor, bindings);
        await next.presence.start();
        expect(held(next.user().state)).toEqual(held(state));
        expect(next.presence.stateOf('alice@example.com')?.availability).toBe(rig.presence.stateOf('alice@example.com')?.availability);
        expect(next.instance('alice', 'state 2 1')?.version ?? 0).toBeGreaterThanOrEqual(rig.instance('alice', 'state 2 1')?.version ?? 0);
      } finally {
        await store.close();
      }
    }),
    { numRuns: 150 },
  );
});
