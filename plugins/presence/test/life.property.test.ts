/** What holds of a user's presence whatever happens in whatever order: endpoints come, publish, go, time passes, the process is killed. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { SipResponse } from '@parley/sdk';
import type { Endpoint, TestServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { Location } from '@parley/plugin-registrar/api';
import routing from '@parley/plugin-routing';
import { Presence } from '../src/api.ts';
import presence from '../src/plugin.ts';
import { held, serving } from './serving.ts';
import type { Held } from './serving.ts';
import { DOMAIN, MACHINE, note, publication, publish, state } from './words.ts';

const ALICE = `alice@${DOMAIN}`;
/** The second is on UDP: its registration ends by time alone. */
const ENDPOINTS = ['e0', 'e1', 'e2'];
/** What takes minutes in life takes seconds here: each is lived through. */
const RETURN_SECONDS = 12;
const NOTE_SECONDS = 6;
const REGISTERED_SECONDS = 12;

const endpoint = fc.constantFrom(...ENDPOINTS);
const step = fc.oneof(
  fc.record({ do: fc.constant('register' as const), endpoint }),
  fc.record({ do: fc.constantFrom('unregister' as const, 'disconnect' as const), endpoint }),
  fc.record({
    do: fc.constant('publish' as const),
    endpoint,
    what: fc.constantFrom('machine' as const, 'user' as const, 'time' as const, 'static' as const, 'deletion' as const),
    availability: fc.constantFrom(3500, 6500, 15_500, 18_500),
    stale: fc.boolean(),
  }),
  fc.record({ do: fc.constant('wait' as const), seconds: fc.integer({ min: 1, max: 9 }) }),
  fc.record({ do: fc.constant('settle' as const) }),
  fc.record({ do: fc.constant('kill' as const) }),
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;
type Publish = Extract<Step, { readonly do: 'publish' }>;

/** A publish that is under way: what it was about, and the version that it was sent with. */
interface Asked {
  readonly key: string;
  readonly version: number;
  readonly deletes: boolean;
  readonly callId: string;
}

/** One user through many steps. */
class Life {
  private readonly endpoints: ReadonlyMap<string, Endpoint>;
  /** What the endpoints take for the present versions. */
  private versions: ReadonlyMap<string, number> = new Map();
  private readonly asked: Asked[] = [];
  private number = 0;
  private startedAt: number;

  constructor(private readonly server: TestServer) {
    this.startedAt = server.now;
    this.endpoints = new Map(
      ENDPOINTS.map((epid) => [epid, server.endpoint(epid, { user: 'alice', epid, transport: epid === 'e1' ? 'udp' : 'tcp' })]),
    );
  }

  async take(one: Step): Promise<void> {
    const { server } = this;
    if (one.do === 'wait') await server.advance(one.seconds * 1000);
    else if (one.do === 'settle') await this.settle();
    else if (one.do === 'kill') await this.kill();
    else {
      const by = this.endpoints.get(one.endpoint) as Endpoint;
      if (one.do === 'publish') this.publish(by, one);
      else if (one.do === 'register') await by.register({ expires: REGISTERED_SECONDS });
      else if (one.do === 'disconnect') by.disconnect();
      else if (this.registered.has(one.endpoint)) await by.unregister();
    }
  }

  /** Everything that was asked for is answered. */
  async settle(): Promise<void> {
    await this.server.advance(20);
    for (const asked of this.asked.splice(0)) this.look(asked);
    this.versions = new Map([...(await held(this.server))].map(([key, { version }]) => [key, version]));
  }

  get registered(): ReadonlySet<string> {
    const bindings = this.server.find(Location).bindings(ALICE);
    return new Set(bindings.map(({ epid }) => epid));
  }

  /** Endpoints that were there before the last start have their time to come back. */
  get waitsForReturn(): boolean {
    return this.server.now < this.startedAt + RETURN_SECONDS * 1000 + 1000;
  }

  /** What is under way is lost or not; registrations over connections are. */
  async kill(): Promise<void> {
    await this.server.kill();
    this.asked.splice(0);
    this.startedAt = this.server.now;
  }

  private publish(by: Endpoint, { endpoint: epid, what, availability, stale }: Publish): void {
    const number = ENDPOINTS.indexOf(epid);
    const key = { machine: `state 2 ${MACHINE + number}`, user: `own 2 ${number}` }[what as string] ?? `note 200 ${number}`;
    const version = (this.versions.get(key) ?? 0) + (stale ? 7 : 0);
    const of = { instance: number, version };
    const text = String(++this.number);
    const { request } = publish(
      by,
      {
        machine: () => state('machineState', availability, version, { instance: MACHINE + number }),
        user: () => publication('own', { ...of, container: 2, expireType: 'user' }),
        time: () => note(text, 200, version, { ...of, expireType: 'time', expires: NOTE_SECONDS }),
        static: () => note(text, 200, version, of),
        deletion: () => note('', 200, version, { ...of, expires: 0 }),
      }[what](),
    );
    this.asked.push({ key, version, deletes: what === 'deletion', callId: request.callId });
  }

  /** Taken, with the next version; or it lost a race, or its endpoint was not there: then it was told so. */
  private look({ key, version, deletes, callId }: Asked): void {
    const answers = this.server.messages.flatMap(({ message }) =>
      message instanceof SipResponse && message.callId === callId ? [message] : [],
    );
    const answer = answers.at(-1);
    // The connection may have broken before.
    if (answer === undefined) return;
    expect([200, 403, 409], answer.toString()).toContain(answer.status);
    if (answer.status !== 200 || deletes) return;
    const [name = '', container = '', instance = ''] = key.split(' ');
    const category = new RegExp(`<category name="${name}" instance="${instance}" [^>]*container="${container}" version="(\\d+)"`);
    expect(category.exec(answer.body.toString())?.[1], key).toBe(String(version + 1));
  }
}

/** A line of `presence category note`. */
interface Note extends Pick<Held, 'container' | 'instance'> {
  readonly published: string;
}

/** What clients have published. */
async function byClients(server: TestServer): Promise<readonly (readonly [string, Held])[]> {
  const all = [...(await held(server))].filter(([, { by }]) => by === 'client' || by.startsWith('endpoint'));
  return all.toSorted(([a], [b]) => a.localeCompare(b));
}

test('MS-PRES R8, R16, R33: whatever the order, nothing outlives what it is bound to, versions count by one, and a kill changes nothing', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
      const plugins = [
        directory(),
        registrar({ minExpires: 1 }),
        presence({ returnSeconds: RETURN_SECONDS, categories: ['own'] }),
        routing(),
      ];
      await using server = await serving({}, { plugins });
      const life = new Life(server);
      for (const one of steps) await life.take(one);
      await life.settle();
      const notes = (await server.command('presence category', { category: 'note' })).rows as readonly Note[];
      const before = await byClients(server);
      for (const [key, { lives, by }] of before) {
        const published = notes.find(({ container, instance }) => `note ${container} ${instance}` === key)?.published;
        if (lives === `${NOTE_SECONDS} s`)
          expect(Date.parse(published ?? '') + NOTE_SECONDS * 1000).toBeGreaterThan(server.clock.now() - 20);
        if (life.waitsForReturn) continue;
        if (by.startsWith('endpoint ')) expect(life.registered).toContain(by.slice('endpoint '.length));
        if (lives === 'user') expect(life.registered.size).toBeGreaterThan(0);
      }
      const status = server.find(Presence).stateOf(ALICE);
      const aggregated = (await held(server)).get('state 2 1')?.version ?? 0;
      await life.kill();
      expect(await byClients(server)).toEqual(before);
      expect(server.find(Presence).stateOf(ALICE)).toEqual(status);
      expect((await held(server)).get('state 2 1')?.version ?? 0).toBeGreaterThanOrEqual(aggregated);
    }),
    { numRuns: 40 },
  );
});
