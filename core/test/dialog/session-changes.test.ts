/** Changes within a session: re-INVITE, UPDATE, reliable provisional responses, forks. */
import { expect, test } from 'vitest';
import { SipResponse } from '../../src/sip/index.ts';
import { pair, ringing, talking } from '../support/call.ts';
import { ANSWER, OFFER, RecordingCaller, RecordingSession, UserAgent } from '../support/user-agent.ts';

const RELIABLE = { ...ANSWER, reliable: true };
const SUPPORTS_100REL = { ...OFFER, headers: [['Supported', 'timer, 100rel']] as const };

test('RFC 3261 14: a re-INVITE changes the session, and refreshes the target at both sides', () => {
  const { clock, alice, bob, aliceSession, bobSession, atBob } = talking();
  const caller = new RecordingCaller();
  aliceSession.dialog.localContact = '<sip:alice@192.0.2.11>';
  bobSession.dialog.localContact = '<sip:bob@192.0.2.22>';
  aliceSession.invite(OFFER, caller);
  clock.advance(10);
  atBob.invites[0]?.accept(ANSWER);
  clock.advance(20);
  expect(caller.heard).toEqual(['200']);
  expect(atBob.heard).toEqual(['ACK', 'INVITE', 'ACK']);
  expect(bobSession.dialog.remoteTarget).toBe('sip:alice@192.0.2.11');
  expect(aliceSession.dialog.remoteTarget).toBe('sip:bob@192.0.2.22');
  expect(alice.lastRequest('ACK').cseq.number).toBe(2);
  bobSession.bye();
  expect(bob.lastRequest('BYE').uri).toBe('sip:alice@192.0.2.11');
});
test('RFC 3261 14.1: a re-INVITE that is refused leaves the session as it was', () => {
  const { clock, aliceSession, bobSession, atBob } = talking();
  const caller = new RecordingCaller();
  aliceSession.dialog.localContact = '<sip:alice@192.0.2.11>';
  aliceSession.invite(OFFER, caller);
  clock.advance(10);
  atBob.invites[0]?.reject(488);
  clock.advance(20);
  expect(caller.heard).toEqual(['refused 488']);
  expect(aliceSession.ended).toBe(false);
  expect(bobSession.dialog.remoteTarget).toBe('sip:alice@192.0.2.1');
  aliceSession.invite(OFFER, caller);
  clock.advance(10);
  expect(atBob.invites).toHaveLength(2);
});
test('RFC 3261 14.1: one INVITE at a time', () => {
  const { clock, aliceSession, bobSession } = talking();
  aliceSession.invite(OFFER, new RecordingCaller());
  expect(() => aliceSession.invite(OFFER, new RecordingCaller())).toThrow(expect.objectContaining({ code: 'DIALOG_BUSY' }));
  clock.advance(10);
  expect(() => bobSession.invite(OFFER, new RecordingCaller())).toThrow(expect.objectContaining({ code: 'DIALOG_BUSY' }));
});
test('RFC 3261 14.2: an INVITE while the one before waits for its answer gets 500 with Retry-After', () => {
  const { clock, network, bob, aliceSession } = talking();
  aliceSession.invite(OFFER, new RecordingCaller());
  clock.advance(10);
  const second = network.sent
    .findLast(({ text }) => text.startsWith('INVITE'))
    ?.text.replace(/branch=[^\r]*/, 'branch=z9hG4bKsecond')
    .replace('CSeq: 2 ', 'CSeq: 3 ');
  aliceSession.flow?.write(Buffer.from(second ?? '', 'latin1'));
  clock.advance(10);
  const refusal = bob.sentMessages.at(-1);
  expect(bob.log.at(-1)).toBe('500 INVITE');
  expect(refusal?.first('Retry-After')).toBe('5');
});
test('a re-INVITE that gets 481, or no answer, ends the session', () => {
  const { clock, network, aliceSession, atAlice } = talking(pair('UDP'));
  network.faults = { loss: 1, duplication: 0, maxDelayMs: 0 };
  const caller = new RecordingCaller();
  aliceSession.invite(OFFER, caller);
  clock.advance(33_000);
  expect(caller.heard).toEqual(['refused 408']);
  expect(atAlice.ends).toEqual(['lost']);
});
test('a cancelled re-INVITE that was accepted all the same leaves the call standing', () => {
  const { clock, aliceSession, atBob } = talking();
  const caller = new RecordingCaller();
  const outgoing = aliceSession.invite(OFFER, caller);
  clock.advance(10);
  atBob.invites[0]?.ring(180);
  clock.advance(10);
  atBob.invites[0]?.accept(ANSWER);
  outgoing.cancel();
  clock.advance(30);
  expect(caller.heard).toEqual(['180', '200']);
  expect(aliceSession.ended).toBe(false);
});

test('RFC 3311: an UPDATE changes the session, and refreshes the target', () => {
  const { clock, aliceSession, bobSession, atBob } = talking();
  const bodies: string[] = [];
  aliceSession.dialog.localContact = '<sip:alice@192.0.2.11>';
  aliceSession.update(OFFER, (response) => bodies.push(`${response.status} ${response.body.toString()}`));
  expect(() => aliceSession.update(OFFER, () => undefined)).toThrow(expect.objectContaining({ code: 'DIALOG_BUSY' }));
  clock.advance(10);
  expect(bobSession.dialog.remoteTarget).toBe('sip:alice@192.0.2.1');
  atBob.requests[0]?.answer(200, ANSWER);
  expect(() => atBob.requests[0]?.answer(200)).toThrow(expect.objectContaining({ code: 'DIALOG_ANSWERED' }));
  clock.advance(10);
  expect(bodies).toEqual(['200 v=0 answer']);
  expect(bobSession.dialog.remoteTarget).toBe('sip:alice@192.0.2.11');
  aliceSession.update(OFFER, () => undefined);
});
test('RFC 3311 5.2: UPDATEs with offers that cross get 491', () => {
  const { clock, aliceSession, bobSession } = talking();
  const statuses: number[] = [];
  aliceSession.update(OFFER, (response) => statuses.push(response.status));
  bobSession.update(OFFER, (response) => statuses.push(response.status));
  clock.advance(30);
  expect(statuses).toEqual([491, 491]);
});

test('RFC 3262: a reliable response is repeated until its PRACK; the next waits for that, and so does the 2xx', () => {
  const { clock, network, alice, bob, caller, incoming } = ringing(pair('UDP'), SUPPORTS_100REL);
  const pracks: string[] = [];
  incoming.onPrack = (prack) => {
    pracks.push(prack.first('RAck') ?? '');
    return undefined;
  };
  network.faults = { loss: 1, duplication: 0, maxDelayMs: 0 };
  incoming.ring(183, RELIABLE);
  incoming.ring(180, { reliable: true });
  incoming.accept();
  clock.advance(3_600);
  expect(bob.log).toEqual(['183 INVITE', '183 INVITE', '183 INVITE', '183 INVITE']);
  network.faults = { loss: 0, duplication: 0, maxDelayMs: 0 };
  clock.advance(10_000);
  expect(caller.heard).toEqual(['183', '180', '200']);
  expect(pracks).toEqual(['1073741824 1 INVITE', '1073741825 1 INVITE']);
  expect(bob.log.filter((line) => line !== '183 INVITE')).toEqual(['200 PRACK', '180 INVITE', '200 PRACK', '200 INVITE']);
  expect(alice.log.filter((line) => line !== 'INVITE')).toEqual(['PRACK', 'PRACK', 'ACK']);
});
test('RFC 3262 section 4: copies and responses that overtook another get no PRACK', () => {
  const { clock, network, alice, bob, caller, incoming } = ringing(pair('UDP'), SUPPORTS_100REL);
  incoming.ring(183, RELIABLE);
  clock.advance(30);
  const first = network.sent.find(({ text }) => text.startsWith('SIP/2.0 183'))?.text ?? '';
  bob.flow?.write(Buffer.from(first, 'latin1'));
  bob.flow?.write(Buffer.from(first.replace(/RSeq: \d+/, 'RSeq: 1073741829'), 'latin1'));
  clock.advance(30);
  expect(caller.heard).toEqual(['183']);
  expect(alice.log).toEqual(['INVITE', 'PRACK']);
});
test('RFC 3262 section 3: a PRACK for nothing that waits gets 481', () => {
  const { clock, bob, caller, incoming } = ringing(pair(), SUPPORTS_100REL);
  incoming.ring(180);
  clock.advance(10);
  caller.session.request('PRACK', { headers: [['RAck', '1 1 INVITE']] });
  clock.advance(10);
  expect(bob.log).toEqual(['180 INVITE', '481 PRACK']);
});
test('RFC 3262 section 3: without a PRACK in 64*T1 the INVITE is refused with a 5xx', () => {
  const { clock, network, bob, incoming, atBob } = ringing(pair('UDP'), SUPPORTS_100REL);
  network.faults = { loss: 1, duplication: 0, maxDelayMs: 0 };
  incoming.ring(183, RELIABLE);
  clock.advance(32_010);
  expect(bob.log.at(-1)).toBe('504 INVITE');
  expect(atBob.ends).toEqual(['unacknowledged']);
});
test('RFC 3262 section 3: nothing is reliable for a caller that does not know it, everything for one that demands it', () => {
  const plain = ringing();
  plain.incoming.ring(183, RELIABLE);
  expect(plain.bob.sentMessages[0]?.has('RSeq')).toBe(false);
  const demanding = ringing(pair(), { ...OFFER, headers: [['Require', '100rel']] });
  demanding.incoming.ring(180);
  expect(demanding.bob.sentMessages[0]?.first('Require')).toBe('100rel');
  expect(demanding.bob.sentMessages[0]?.first('RSeq')).toBe('1073741824');
});
test('RFC 3311 section 4: once the offer of the INVITE was answered reliably, an UPDATE changes the early session', () => {
  const { clock, caller, incoming, bobSession, atBob } = ringing(pair(), SUPPORTS_100REL);
  const statuses: number[] = [];
  expect(() => bobSession.update(OFFER, () => undefined)).toThrow(expect.objectContaining({ code: 'DIALOG_BUSY' }));
  incoming.ring(183, RELIABLE);
  clock.advance(30);
  caller.session.update(OFFER, (response) => statuses.push(response.status));
  clock.advance(10);
  atBob.requests[0]?.answer(200, ANSWER);
  clock.advance(10);
  expect(statuses).toEqual([200]);
  incoming.accept();
  clock.advance(30);
  expect(caller.heard).toEqual(['183', '200']);
});
test('RFC 3262 section 5: an INVITE without an offer gets one in the reliable response, and its answer in the PRACK', () => {
  const { clock, caller, incoming } = ringing(pair(), { headers: [['Supported', '100rel']] });
  caller.answer = ANSWER;
  const answers: string[] = [];
  incoming.onPrack = (prack) => {
    answers.push(prack.body.toString());
    return undefined;
  };
  incoming.ring(183, { ...OFFER, reliable: true });
  expect(incoming.session.usage.ourOffer).toBe(true);
  clock.advance(30);
  expect(answers).toEqual(['v=0 answer']);
  expect(incoming.session.usage.ourOffer).toBe(false);
});
test('a call that is cancelled while its 2xx waits for a PRACK is refused', () => {
  const { clock, bob, caller, outgoing, incoming, atBob } = ringing(pair(), SUPPORTS_100REL);
  caller.onProgress = () => {
    throw new Error('no PRACK');
  };
  incoming.ring(183, RELIABLE);
  incoming.accept();
  clock.advance(10);
  outgoing.cancel();
  clock.advance(30);
  expect(bob.log).toEqual(['183 INVITE', '200 CANCEL', '487 INVITE']);
  expect(atBob.ends).toEqual(['cancelled']);
});

/** Bob and Carol both get Alice's INVITE, as a forking proxy would have it. */
function forked(takesForks = false) {
  const world = ringing(pair('UDP'));
  const { clock, network, alice, caller, atAlice } = world;
  caller.takesForks = takesForks;
  const carol = new UserAgent(network, 'carol', '192.0.2.3');
  const toCarol = alice.station.endpoint.flowTo(carol.station.endpoint);
  carol.flow = toCarol.opposite;
  // The proxy between them is not there, so responses of Carol come from where the request went to.
  const invite = network.sent.find(({ text }) => text.startsWith('INVITE'))?.text ?? '';
  toCarol.write(Buffer.from(invite, 'latin1'));
  clock.advance(10);
  const atCarol = new RecordingSession();
  const second = carol.answer(atCarol);
  const { opposite } = toCarol;
  if (opposite !== undefined) Object.assign(opposite.local, { host: '192.0.2.2' });
  return { ...world, carol, second, atCarol, atAlice };
}

test('RFC 3261 12.1.2: each phone that rings is an early dialog; those that do not answer end with the transaction', () => {
  const { clock, alice, caller, incoming, second, atAlice } = forked();
  incoming.ring(180);
  second.ring(183);
  clock.advance(10);
  expect(caller.heard).toEqual(['180', '183']);
  expect(caller.sessions).toHaveLength(2);
  expect(alice.dialogs.size).toBe(2);
  incoming.accept(ANSWER);
  clock.advance(20);
  expect(caller.sessions.map(({ dialog }) => dialog.state)).toEqual(['confirmed', 'early']);
  clock.advance(32_000);
  expect(alice.dialogs.size).toBe(1);
  expect(atAlice.ends).toEqual(['refused']);
});
test('RFC 3261 13.2.2.4: a second phone that answers gets ACK and BYE', () => {
  const { clock, alice, caller, incoming, second } = forked();
  incoming.accept(ANSWER);
  clock.advance(20);
  second.accept(ANSWER);
  clock.advance(20);
  expect(caller.heard).toEqual(['200']);
  expect(alice.log.slice(-2)).toEqual(['ACK', 'BYE']);
  expect(alice.lastRequest('BYE').uri).toBe('sip:carol@192.0.2.3');
  expect(caller.session.ended).toBe(false);
});
test('RFC 3261 13.2.2.4: a caller that takes forks has a session with each phone', () => {
  const { clock, caller, incoming, second } = forked(true);
  incoming.accept(ANSWER);
  second.accept(ANSWER);
  clock.advance(20);
  expect(caller.heard).toEqual(['200', '200']);
  expect(caller.sessions.map(({ dialog }) => dialog.state)).toEqual(['confirmed', 'confirmed']);
  expect(new Set(caller.sessions.map(({ dialog }) => dialog.key)).size).toBe(2);
});
test('a 2xx from a phone that never rang makes its dialog then', () => {
  const { clock, alice, bob } = pair();
  const caller = new RecordingCaller();
  alice.call(bob, caller);
  clock.advance(10);
  const response = SipResponse.reply(bob.request.request, 200, undefined, 'sudden');
  bob.request.respond(response);
  clock.advance(10);
  expect(caller.session.dialog.remoteTag).toBe('sudden');
  expect(alice.log).toEqual(['INVITE', 'ACK']);
});
