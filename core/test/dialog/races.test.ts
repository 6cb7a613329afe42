/** What crosses on the way: RFC 5407 from the dialog's view, glare, and lost ACKs and 2xx. */
import { expect, test } from 'vitest';
import { pair, ringing, talking } from '../support/call.ts';
import { ANSWER, OFFER, RecordingCaller } from '../support/user-agent.ts';

test('RFC 3261 13.3.1.4: over UDP a 2xx without an ACK is sent at T1, doubling up to T2, and then the call is ended by BYE', () => {
  const { clock, network, alice, bob, incoming, atBob } = ringing(pair('UDP'));
  alice.station.endpoint.onMessage = () => undefined;
  clock.advance(90);
  incoming.accept(ANSWER);
  clock.advance(32_000);
  const times = network.log(bob.station.endpoint, 100).filter(([, line]) => line.startsWith('SIP/2.0 200'));
  expect(times.map(([ms]) => ms)).toEqual([0, 500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500]);
  expect(bob.log.at(-1)).toBe('BYE');
  expect(atBob.ends).toEqual(['unacknowledged']);
});
test('RFC 3261 13.3.1.4: over TCP the 2xx is repeated, too', () => {
  const { clock, bob, alice, incoming } = ringing();
  alice.station.endpoint.onMessage = () => undefined;
  incoming.accept(ANSWER);
  clock.advance(1_600);
  expect(bob.log).toEqual(['200 INVITE', '200 INVITE', '200 INVITE']);
});
test('RFC 3261 13.2.2.4: each copy of the 2xx gets the ACK again, the same one', () => {
  const { clock, network, alice, bob, incoming, atBob, caller } = ringing(pair('UDP'));
  bob.station.endpoint.onMessage = () => undefined; // ACKs do not arrive
  incoming.accept(ANSWER);
  clock.advance(1_600);
  bob.station.endpoint.onMessage = (inbound) => bob.station.layer.receive(inbound);
  clock.advance(10_000);
  const acks = network.sent
    .filter(({ from, text }) => from === alice.station.endpoint.name && text.startsWith('ACK'))
    .map(({ text }) => text);
  expect(acks).toHaveLength(4);
  expect(new Set(acks).size).toBe(1);
  expect(atBob.heard).toEqual(['ACK']);
  expect(caller.heard).toEqual(['200']);
  expect(bob.strayAcks).toEqual([]);
});
test('RFC 5407 3.1.2: CANCEL and 200 cross: the caller acknowledges and says BYE', () => {
  const { clock, alice, bob, caller, outgoing, incoming, atBob } = ringing();
  incoming.ring(180);
  clock.advance(10);
  incoming.accept(ANSWER);
  outgoing.cancel();
  clock.advance(30);
  expect(alice.log).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  expect(bob.log).toEqual(['180 INVITE', '200 INVITE', '200 CANCEL', '200 BYE']);
  expect(caller.heard).toEqual(['180', 'refused 487']);
  expect(atBob.heard).toEqual(['ACK', 'ended: bye']);
});
test('a call that is cancelled while it rings is over for both', () => {
  const { clock, alice, bob, caller, outgoing, incoming, atAlice, atBob } = ringing();
  let withdrawn = 0;
  incoming.onWithdrawn = () => withdrawn++;
  incoming.ring(180);
  clock.advance(10);
  outgoing.cancel([['Reason', 'SIP;cause=480']]);
  outgoing.cancel();
  clock.advance(30);
  expect(alice.log).toEqual(['INVITE', 'CANCEL', 'ACK']);
  expect(bob.log).toEqual(['180 INVITE', '200 CANCEL', '487 INVITE']);
  expect(caller.heard).toEqual(['180', 'refused 487']);
  expect([withdrawn, atAlice.ends, atBob.ends]).toEqual([1, ['refused'], ['cancelled']]);
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([0, 0]);
});
test('RFC 5407 3.1.3: a BYE while it rings is answered 200, and the INVITE 487', () => {
  const { clock, bob, caller, incoming, atBob } = ringing();
  incoming.ring(180);
  clock.advance(10);
  caller.session.bye();
  clock.advance(30);
  expect(bob.log).toEqual(['180 INVITE', '200 BYE', '487 INVITE']);
  expect(caller.heard).toEqual(['180', 'refused 487']);
  expect(atBob.ends).toEqual(['bye']);
});
test('RFC 3261 section 15: the one who is called says BYE after the ACK only, and 480 before the 2xx', () => {
  const early = ringing();
  early.bobSession.bye();
  early.clock.advance(20);
  expect(early.bob.log).toEqual(['480 INVITE']);
  expect(early.atBob.ends).toEqual(['hangup']);
  const { clock, bob, bobSession, incoming, atBob } = ringing();
  incoming.accept(ANSWER);
  bobSession.bye();
  expect(bob.log).toEqual(['200 INVITE']);
  clock.advance(20);
  expect(bob.log).toEqual(['200 INVITE', 'BYE']);
  expect(atBob.heard).toEqual(['ACK', 'ended: hangup']);
});
test('RFC 5407 3.1.4: a re-INVITE before the ACK is accepted when the exchange before was complete', () => {
  const { clock, bob, incoming, caller, atBob } = ringing(pair('UDP'));
  const { onMessage } = bob.station.endpoint;
  bob.station.endpoint.onMessage = (inbound) => {
    if (!inbound.message.toString().startsWith('ACK')) onMessage(inbound);
  };
  incoming.accept(ANSWER);
  clock.advance(20);
  caller.session.invite(OFFER, new RecordingCaller());
  clock.advance(20);
  expect(atBob.heard).toEqual(['INVITE']);
  bob.station.endpoint.onMessage = onMessage;
  const repeated = bob.log.length;
  clock.advance(5_000);
  // The first 2xx is not repeated any more: the re-INVITE has shown that it arrived.
  expect(bob.log.slice(repeated).filter((line) => line === '200 INVITE')).toEqual([]);
});
test('RFC 5407 3.1.4: a re-INVITE before the ACK that brings the answer gets 491', () => {
  const { clock, bob, incoming, caller, atBob } = ringing(pair('UDP'), {});
  const { onMessage } = bob.station.endpoint;
  bob.station.endpoint.onMessage = (inbound) => {
    if (!inbound.message.toString().startsWith('ACK')) onMessage(inbound);
  };
  incoming.accept(OFFER);
  clock.advance(20);
  caller.session.invite(OFFER, new RecordingCaller());
  clock.advance(20);
  expect(bob.log).toEqual(['200 INVITE', '491 INVITE']);
  expect(atBob.heard).toEqual([]);
});
test('RFC 5407 3.1.5: a BYE before the ACK is answered, and ends the repeating of the 2xx', () => {
  const { clock, bob, incoming, caller, atBob } = ringing(pair('UDP'));
  const { onMessage } = bob.station.endpoint;
  bob.station.endpoint.onMessage = (inbound) => {
    if (!inbound.message.toString().startsWith('ACK')) onMessage(inbound);
  };
  incoming.accept(ANSWER);
  clock.advance(20);
  caller.session.bye();
  clock.advance(10_000);
  expect(bob.log).toEqual(['200 INVITE', '200 BYE']);
  expect(atBob.ends).toEqual(['bye']);
});
test('RFC 5407 3.2: after our BYE, a copy of the 2xx is still acknowledged', () => {
  const { clock, network, alice, bob, aliceSession } = talking();
  const accepted = network.sent.find(({ text }) => text.startsWith('SIP/2.0 200'))?.text ?? '';
  aliceSession.bye();
  clock.advance(20);
  bob.flow?.write(Buffer.from(accepted, 'latin1'));
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK', 'BYE', 'ACK']);
});
test('RFC 5407 3.3.1: BYEs that cross are both answered 200', () => {
  const { clock, alice, bob, aliceSession, bobSession, atAlice, atBob } = talking();
  aliceSession.bye();
  bobSession.bye();
  clock.advance(30);
  expect(alice.log).toEqual(['INVITE', 'ACK', 'BYE', '200 BYE']);
  expect(bob.log).toEqual(['200 INVITE', 'BYE', '200 BYE']);
  expect([atAlice.ends, atBob.ends]).toEqual([['hangup'], ['hangup']]);
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([0, 0]);
});
test('RFC 5407 3.3.2: a re-INVITE that crosses our BYE gets 481, and the session is over for both', () => {
  const { clock, alice, bob, aliceSession, bobSession, atBob } = talking();
  const caller = new RecordingCaller();
  aliceSession.bye();
  bobSession.invite(OFFER, caller);
  clock.advance(30);
  expect(alice.log).toContain('481 INVITE');
  expect(bob.log).toContain('ACK');
  expect(caller.heard).toEqual(['refused 481']);
  expect(atBob.ends).toEqual(['bye']);
});
test('RFC 3261 15.1.2: a BYE while our answer to a re-INVITE is awaited ends that with 487', () => {
  const { clock, bob, aliceSession, atBob } = talking();
  const caller = new RecordingCaller();
  aliceSession.invite(OFFER, caller);
  clock.advance(10);
  expect(atBob.invites).toHaveLength(1);
  aliceSession.bye();
  clock.advance(20);
  expect(bob.log).toEqual(['200 INVITE', '200 BYE', '487 INVITE']);
  expect(caller.heard).toEqual(['refused 487']);
});
test('RFC 3261 14: re-INVITEs that cross get 491, and are tried again after different times', () => {
  const { clock, alice, bob, aliceSession, bobSession, atAlice, atBob } = talking();
  const [atFirst, atSecond] = [new RecordingCaller(), new RecordingCaller()];
  aliceSession.invite(OFFER, atFirst);
  bobSession.invite(OFFER, atSecond);
  clock.advance(30);
  expect(alice.log).toContain('491 INVITE');
  expect(bob.log).toContain('491 INVITE');
  expect([atFirst.heard, atSecond.heard]).toEqual([[], []]);
  clock.advance(1_000);
  expect(atAlice.heard).toEqual(['INVITE']); // Bob did not make the Call-ID: he is first
  atAlice.invites[0]?.accept(ANSWER);
  clock.advance(3_000);
  expect(atBob.heard).toEqual(['ACK', 'INVITE']);
  atBob.invites[0]?.accept(ANSWER);
  clock.advance(30);
  expect([atFirst.heard, atSecond.heard]).toEqual([['200'], ['200']]);
});
test('after glare a try that is not wanted any more is not made', () => {
  const { clock, aliceSession, bobSession } = talking();
  const caller = new RecordingCaller();
  const outgoing = aliceSession.invite(OFFER, caller);
  bobSession.invite(OFFER, new RecordingCaller());
  clock.advance(30);
  outgoing.cancel();
  clock.advance(5_000);
  expect(caller.heard).toEqual(['refused 487']);
});
test('a session that ends during the wait after glare is not asked again, and its user is told', () => {
  const { clock, alice, aliceSession, bobSession } = talking();
  const caller = new RecordingCaller();
  aliceSession.invite(OFFER, caller);
  bobSession.invite(OFFER, new RecordingCaller());
  clock.advance(30);
  aliceSession.bye();
  clock.advance(5_000);
  expect(caller.heard).toEqual(['refused 487']);
  expect(alice.log.filter((line) => line === 'INVITE')).toHaveLength(2);
});
test('RFC 5407 3.1.3: a BYE of the caller that crosses the 200 ends the call; the 200 is acknowledged', () => {
  const { clock, alice, caller, incoming, atBob } = ringing();
  incoming.ring(180);
  clock.advance(10);
  incoming.accept(ANSWER);
  caller.session.bye();
  clock.advance(30);
  expect(alice.log).toEqual(['INVITE', 'BYE', 'ACK']);
  expect(caller.heard).toEqual(['180', 'refused 487']);
  expect(atBob.ends).toEqual(['bye']);
});
test('what a plugin throws from a timer is reported, and costs no other timer anything', () => {
  const { clock, alice, bob } = pair();
  const caller = new RecordingCaller();
  const errors: unknown[] = [];
  alice.dialogs.onUserError = (error) => errors.push(error);
  alice.route = () => {
    throw new Error('no way');
  };
  caller.onRefused = () => {
    throw new Error('plugin');
  };
  alice.call(bob, caller);
  clock.advance(10);
  expect(errors).toEqual([new Error('plugin')]);
  expect(clock.timers.size).toBe(0);
});
test('a call over a network that loses a third of everything is set up and ended all the same', () => {
  const world = pair('UDP');
  world.network.faults = { loss: 0.33, duplication: 0.2, maxDelayMs: 300 };
  const { clock, alice, bob } = world;
  const caller = new RecordingCaller();
  alice.call(bob, caller);
  clock.advance(5_000);
  const incoming = bob.answer();
  incoming.ring(180);
  clock.advance(3_000);
  incoming.accept(ANSWER);
  clock.advance(20_000);
  caller.session.bye();
  clock.advance(100_000);
  expect(caller.heard.at(-1)).toBe('200');
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([0, 0]);
  expect(clock.timers.size).toBe(0);
});
