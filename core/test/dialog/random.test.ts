/** Two user agents that do what comes to their mind, over a network that loses, delays, reorders and duplicates: every call ends, once. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import type { IncomingInvite, OutgoingInvite, Session } from '../../src/dialog/index.ts';
import { ParleyError } from '../../src/errors/index.ts';
import { LossyNetwork, seededRandom } from '../support/lossy-network.ts';
import { ANSWER, OFFER, RecordingCaller, RecordingSession, UserAgent, meet } from '../support/user-agent.ts';

const ACTIONS = [
  'call',
  'ring',
  'ringReliably',
  'accept',
  'reject',
  'cancel',
  'reinvite',
  'reinviteEmpty',
  'update',
  'info',
  'answer',
  'bye',
] as const;
const step = fc.oneof(
  { weight: 2, arbitrary: fc.record({ ms: fc.constantFrom<number[]>(10, 20, 500, 4_000) }) },
  { weight: 3, arbitrary: fc.record({ action: fc.constantFrom(...ACTIONS), who: fc.nat(1), which: fc.nat() }) },
);
const scenario = fc.record({
  seed: fc.integer(),
  begin: fc.constantFrom('quiet' as const, 'ringing' as const, 'talking' as const, 'talking' as const),
  transport: fc.constantFrom('UDP' as const, 'TCP' as const),
  loss: fc.constantFrom(0, 0.2, 0.5),
  duplication: fc.constantFrom(0, 0.3),
  maxDelayMs: fc.constantFrom(0, 30, 1_000),
  steps: fc.array(step, { minLength: 1, maxLength: 40 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

/** One of the two: takes every call, and remembers what is open. */
class Person {
  readonly agent: UserAgent;
  readonly callers: RecordingCaller[] = [];
  readonly users: RecordingSession[] = [];
  readonly outgoing: OutgoingInvite[] = [];
  readonly invites: IncomingInvite[] = [];
  private readonly sessions: Session[] = [];

  constructor(network: LossyNetwork, name: string, host: string) {
    this.agent = new UserAgent(network, name, host);
    const { layer } = this.agent.station;
    layer.onRequest = (transaction) => {
      if (this.agent.dialogs.receive(transaction)) return;
      if (transaction.request.method !== 'INVITE' || transaction.request.to.tag !== undefined) {
        transaction.abandon();
        return;
      }
      this.invites.push(this.agent.dialogs.answer(transaction, this.agent.contact, this.newUser()));
    };
  }

  get allSessions(): Session[] {
    return [
      ...new Set([...this.sessions, ...this.callers.flatMap(({ sessions }) => sessions), ...this.invites.map(({ session }) => session)]),
    ];
  }

  newUser(): RecordingSession {
    const user = new RecordingSession();
    user.onInvite = (invite) => {
      user.heard.push('INVITE');
      this.invites.push(invite);
    };
    this.users.push(user);
    return user;
  }

  newCaller(): RecordingCaller {
    const caller = new RecordingCaller();
    caller.answer = ANSWER;
    this.callers.push(caller);
    return caller;
  }
}

class Model {
  readonly clock = new FakeClock(0);
  readonly people: readonly [Person, Person];

  constructor(one: Scenario) {
    const network = new LossyNetwork(this.clock, one, seededRandom(one.seed));
    this.people = [new Person(network, 'alice', '192.0.2.1'), new Person(network, 'bob', '192.0.2.2')];
    meet(this.people[0].agent, this.people[1].agent, one.transport);
  }

  /** Alice calls Bob first. */
  begin(how: Scenario['begin']): void {
    if (how === 'quiet') return;
    this.run({ action: 'call', who: 0, which: 0 });
    this.run({ ms: 3_000 });
    if (how === 'ringing') return;
    this.run({ action: 'accept', who: 1, which: 0 });
    this.run({ ms: 10_000 });
  }

  run(one: Scenario['steps'][number]): void {
    if ('ms' in one) {
      this.clock.advance(one.ms);
      return;
    }
    try {
      this.act(one.action, this.people[one.who === 0 ? 0 : 1], this.people[one.who === 0 ? 1 : 0], one.which);
    } catch (error) {
      // What a user agent may not do now is refused with a code; anything else is a fault.
      if (!(error instanceof ParleyError)) throw error;
    }
  }

  private act(action: (typeof ACTIONS)[number], me: Person, other: Person, which: number): void {
    const session = pick(me.allSessions, which);
    const invite = pick(me.invites, which);
    const actions: Record<(typeof ACTIONS)[number], () => unknown> = {
      call: () => {
        const content = { ...OFFER, headers: [['Supported', '100rel']] as const };
        me.outgoing.push(me.agent.call(other.agent, me.newCaller(), content, me.newUser()));
      },
      ring: () => invite?.ring(180),
      ringReliably: () => invite?.ring(183, { ...ANSWER, reliable: true }),
      accept: () => invite?.accept(ANSWER),
      reject: () => invite?.reject(486),
      cancel: () => pick(me.outgoing, which)?.cancel(),
      reinvite: () => session?.invite(OFFER, me.newCaller()),
      reinviteEmpty: () => session?.invite({}, me.newCaller()),
      update: () => session?.update(OFFER, () => undefined),
      info: () => session?.request('INFO', {}),
      answer: () => {
        for (const { requests } of me.users) for (const request of requests.splice(0)) request.answer(200, ANSWER);
      },
      bye: () => session?.bye(),
    };
    actions[action]();
  }

  /** Everybody answers what waits, and goes home. */
  settle(): void {
    for (const _ of [1, 2, 3]) {
      for (const me of this.people) {
        for (const { requests } of me.users) for (const request of requests.splice(0)) request.answer(200, ANSWER);
        for (const call of me.outgoing) call.cancel();
        for (const session of me.allSessions) session.bye();
        for (const invite of me.invites) this.try(() => invite.reject(480));
      }
      this.clock.advance(200_000);
    }
  }

  private try(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
    }
  }
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list.length === 0 ? undefined : list[which % list.length];
}

test('whatever two people do to their calls, each ends once and leaves nothing behind', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenario, (one) => {
      const model = new Model(one);
      model.begin(one.begin);
      for (const each of one.steps) model.run(each);
      model.settle();
      for (const { agent, users, callers, allSessions } of model.people) {
        expect(agent.station.errors).toEqual([]);
        expect(allSessions.every(({ ended }) => ended)).toBe(true);
        expect(agent.dialogs.size).toBe(0);
        for (const { ends, heard } of users)
          expect([ends.length, heard.indexOf(`ended: ${ends[0]}`)]).toEqual([Math.min(ends.length, 1), heard.length - 1]);
        for (const { heard } of callers)
          expect(heard.filter((word) => word.startsWith('refused') || word === '200').length).toBeLessThanOrEqual(1);
      }
      expect(model.clock.timers.size).toBe(0);
    }),
    { numRuns: 150 },
  );
});
