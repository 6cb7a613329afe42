/** The machines against each other over a network that loses, delays, reorders and duplicates: whatever happens, these hold. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import type { ClientTransaction, ServerTransaction } from '../../src/transaction/index.ts';
import { LossyNetwork, seededRandom } from '../support/lossy-network.ts';
import type { NetworkFlow } from '../support/lossy-network.ts';
import { RecordingClient, RecordingServer } from '../support/recording-users.ts';
import { reply, request } from '../support/sip-text.ts';
import { Station } from '../support/station.ts';

/** What may be done to the model, at random times. Numbers choose among what is there. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9_000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('send' as const), invite: fc.boolean() }) },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('respond' as const),
      which: fc.nat(),
      status: fc.constantFrom(100, 180, 183, 200, 202, 302, 404, 408, 486, 487, 503, 603),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cancel' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('abandon' as const), which: fc.nat(), server: fc.boolean() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

const scenario = fc.record({
  seed: fc.integer(),
  transport: fc.constantFrom('UDP' as const, 'UDP' as const, 'TCP' as const),
  loss: fc.constantFrom(0, 0.1, 0.4, 0.9),
  duplication: fc.constantFrom(0, 0.3),
  maxDelayMs: fc.constantFrom(0, 20, 700, 6_000),
  handlesCancel: fc.boolean(),
  steps: fc.array(step, { minLength: 1, maxLength: 30 }),
});
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never;

interface Sent {
  readonly transaction: ClientTransaction;
  readonly user: RecordingClient;
  readonly branch: string;
  abandoned: boolean;
}

interface Received {
  readonly transaction: ServerTransaction;
  readonly user: RecordingServer;
  /** Statuses of final responses that the transaction took. */
  readonly finals: number[];
}

class Model {
  readonly clock = new FakeClock(0);
  readonly network: LossyNetwork;
  readonly caller: Station;
  readonly callee: Station;
  readonly sent: Sent[] = [];
  readonly received: Received[] = [];
  private flow: NetworkFlow;

  constructor(private readonly scenario: Scenario) {
    this.network = new LossyNetwork(this.clock, scenario, seededRandom(scenario.seed));
    this.caller = new Station(this.network, '192.0.2.1');
    this.callee = new Station(this.network, '192.0.2.2');
    this.callee.layer.onRequest = (transaction) => this.receive(transaction);
    this.flow = this.caller.endpoint.flowTo(this.callee.endpoint, scenario.transport);
  }

  run(one: Step): void {
    switch (one.kind) {
      case 'wait':
        return this.clock.advance(one.ms);
      case 'send':
        return this.send(one.invite);
      case 'respond':
        return this.respond(pick(this.received, one.which), one.status);
      case 'cancel':
        return pick(this.sent, one.which)?.transaction.cancel();
      case 'abandon':
        return this.abandon(one.which, one.server);
      case 'close':
        return this.reconnect();
    }
  }

  /** The users do what users must: answer what they were asked, cancel what does not end. Then time passes. */
  settle(): void {
    for (const one of this.received) this.respond(one, 500);
    this.clock.advance(10_000);
    for (const one of this.received) this.respond(one, 500);
    for (const one of this.sent) one.transaction.cancel();
    this.clock.advance(200_000);
    for (const one of this.received) this.respond(one, 500);
    this.clock.advance(200_000);
  }

  private send(invite: boolean): void {
    const branch = `z9hG4bK${this.sent.length}`;
    const message = request(invite ? 'INVITE' : 'MESSAGE', { branch, transport: this.scenario.transport, callId: branch });
    const user = new RecordingClient();
    this.sent.push({ transaction: this.caller.layer.send(message, this.flow, user), user, branch, abandoned: false });
  }

  private receive(transaction: ServerTransaction): void {
    const user = new RecordingServer(transaction);
    if (!this.scenario.handlesCancel) transaction.onCancel = undefined;
    this.received.push({ transaction, user, finals: [] });
  }

  private respond(to: Received | undefined, status: number): void {
    if (to === undefined) return;
    const taken = to.transaction.respond(reply(to.transaction.request, status));
    if (taken && status >= 200) to.finals.push(status);
  }

  private abandon(which: number, server: boolean): void {
    if (server) return pick(this.received, which)?.transaction.abandon();
    const one = pick(this.sent, which);
    if (one === undefined) return;
    one.abandoned = true;
    one.transaction.abandon();
  }

  private reconnect(): void {
    if (!this.flow.reliable) return;
    this.flow.close();
    this.flow = this.caller.endpoint.flowTo(this.callee.endpoint, 'TCP');
  }
}

function pick<T>(list: readonly T[], which: number): T | undefined {
  return list.length === 0 ? undefined : list[which % list.length];
}

function check(model: Model): void {
  const { caller, callee, clock } = model;
  for (const { user, abandoned, transaction } of model.sent) {
    expect(transaction.state).toBe('terminated');
    const finals = user.outcomes;
    if (abandoned) continue;
    // One outcome; only an INVITE may bring more, and then they are 2xx all of them.
    if (finals.length !== 1) {
      expect(finals.length).toBeGreaterThan(1);
      expect(transaction.isInvite && finals.every((word) => word.startsWith('2'))).toBe(true);
    }
    expect(user.heard.filter((word) => word === 'terminated')).toHaveLength(1);
    expect(user.heard.at(-1)).toBe('terminated');
  }
  for (const { transaction, user, finals } of model.received) {
    expect(transaction.state).toBe('terminated');
    expect(user.heard.filter((word) => word === 'terminated')).toHaveLength(1);
    expect(user.heard.filter((word) => word === 'cancel').length).toBeLessThanOrEqual(1);
    const errors = finals.filter((status) => status >= 300);
    if (!transaction.isInvite) expect(finals.length).toBeLessThanOrEqual(1);
    expect(errors.length === 0 || finals.length === 1).toBe(true);
    expect(finals).not.toContain(transaction.isInvite ? -1 : 408);
  }
  checkWire(model);
  expect(caller.errors.concat(callee.errors)).toEqual([]);
  for (const { layer } of [caller, callee]) {
    expect(layer.size).toEqual({ server: { invite: 0, nonInvite: 0 }, client: { invite: 0, nonInvite: 0 }, answeredCalls: 0 });
  }
  expect(clock.timers.size).toBe(0);
}

/** On the wire one server transaction shows one final response, however often it is repeated. */
function checkWire(model: Model): void {
  const accepted = new Map<string, number>();
  for (const { transaction } of model.received) {
    const { branch } = transaction.request.topVia;
    accepted.set(branch ?? '', (accepted.get(branch ?? '') ?? 0) + 1);
  }
  for (const [branch, servers] of accepted) {
    const texts = new Set<string>();
    for (const { from, text } of model.network.sent) {
      if (from !== model.callee.endpoint.name || !/^SIP\/2.0 [3-6]/.test(text) || text.includes(' CANCEL\r\n')) continue;
      if (text.includes(`branch=${branch}\r\n`)) texts.add(text);
    }
    expect(texts.size).toBeLessThanOrEqual(servers);
  }
}

// The limit is for machines that are busy with other things: it takes a second.
test('at most one final response, one outcome for each request, every transaction ends, no timer is left', { timeout: 60_000 }, () => {
  fc.assert(
    fc.property(scenario, (one) => {
      const model = new Model(one);
      for (const each of one.steps) model.run(each);
      model.settle();
      check(model);
    }),
    { numRuns: 200 },
  );
});
