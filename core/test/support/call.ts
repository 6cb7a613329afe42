/** Two user agents, and the call between them that many tests begin with. */
import { FakeClock } from '../../src/clock/index.ts';
import type { IncomingInvite, Session } from '../../src/dialog/index.ts';
import { LossyNetwork } from './lossy-network.ts';
import { ANSWER, OFFER, RecordingCaller, RecordingSession, UserAgent, meet } from './user-agent.ts';

export interface Pair {
  readonly clock: FakeClock;
  readonly network: LossyNetwork;
  readonly alice: UserAgent;
  readonly bob: UserAgent;
}

export function pair(transport: 'UDP' | 'TCP' = 'TCP'): Pair {
  const clock = new FakeClock(0);
  const network = new LossyNetwork(clock);
  const [alice, bob] = [new UserAgent(network, 'alice', '192.0.2.1'), new UserAgent(network, 'bob', '192.0.2.2')];
  meet(alice, bob, transport);
  return { clock, network, alice, bob };
}

export interface Call extends Pair {
  readonly caller: RecordingCaller;
  /** What Alice's session hears, and Bob's. */
  readonly atAlice: RecordingSession;
  readonly atBob: RecordingSession;
  readonly incoming: IncomingInvite;
  readonly bobSession: Session;
}

/** Alice has called, Bob has not answered yet. */
export function ringing(world: Pair = pair(), content = OFFER): Call & { readonly outgoing: ReturnType<UserAgent['call']> } {
  const { clock, alice, bob } = world;
  const caller = new RecordingCaller();
  const [atAlice, atBob] = [new RecordingSession(), new RecordingSession()];
  const outgoing = alice.call(bob, caller, content, atAlice);
  clock.advance(10);
  const incoming = bob.answer(atBob);
  return { ...world, caller, atAlice, atBob, incoming, bobSession: incoming.session, outgoing };
}

/** They talk. */
export function talking(world: Pair = pair()): Call & { readonly aliceSession: Session } {
  const call = ringing(world);
  call.incoming.accept(ANSWER);
  call.clock.advance(20);
  return { ...call, aliceSession: call.caller.session };
}
