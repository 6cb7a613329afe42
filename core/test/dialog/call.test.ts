import { expect, test } from 'vitest';
import { SipResponse } from '../../src/sip/index.ts';
import { pair, ringing, talking } from '../support/call.ts';
import { ANSWER, OFFER, RecordingCaller, RecordingSession } from '../support/user-agent.ts';

test('a call is made, answered, acknowledged and ended', () => {
  const { clock, alice, bob, aliceSession, bobSession, caller, atAlice, atBob } = talking();
  expect(caller.heard).toEqual(['200']);
  expect(atBob.heard).toEqual(['ACK']);
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([1, 1]);
  aliceSession.bye();
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK', 'BYE']);
  expect(bob.log).toEqual(['200 INVITE', '200 BYE']);
  expect(atAlice.ends).toEqual(['hangup']);
  expect(atBob.ends).toEqual(['bye']);
  expect([aliceSession.ended, bobSession.ended]).toEqual([true, true]);
  clock.advance(100_000);
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([0, 0]);
  expect(clock.timers.size).toBe(0);
});
test('the one who was called may end the call, too', () => {
  const { clock, bob, bobSession, atAlice, atBob } = talking();
  bobSession.bye({ headers: [['Reason', 'SIP;cause=200']] });
  clock.advance(20);
  expect(bob.lastRequest('BYE').first('Reason')).toBe('SIP;cause=200');
  expect(atAlice.ends).toEqual(['bye']);
  expect(atBob.ends).toEqual(['hangup']);
});
test('RFC 3261 12.1: requests of the dialog go to the Contact of the other side, with both tags and the next CSeq', () => {
  const { clock, alice, bob, aliceSession, bobSession } = talking();
  aliceSession.request('INFO', { headers: [['Info-Package', 'x']], body: 'hello', contentType: 'text/plain' });
  bobSession.request('INFO', {});
  clock.advance(10);
  const [invite, there, back] = [alice.lastRequest('INVITE'), alice.lastRequest('INFO'), bob.lastRequest('INFO')];
  expect(there.uri).toBe('sip:bob@192.0.2.2');
  expect(there.callId).toBe(invite.callId);
  expect(there.from.tag).toBe(invite.from.tag);
  expect(there.to.tag).toBe(bobSession.dialog.localTag);
  expect(there.cseq.number).toBe(2);
  expect(there.first('Content-Type')).toBe('text/plain');
  expect(there.body.toString()).toBe('hello');
  expect(there.has('Contact')).toBe(false);
  expect(back.uri).toBe('sip:alice@192.0.2.1');
  expect(back.from.tag).toBe(bobSession.dialog.localTag);
  expect(back.to.tag).toBe(invite.from.tag);
  expect(back.cseq.number).toBe(1);
});
test('RFC 3261 13.2.2.4: the ACK has the CSeq number and the credentials of its INVITE, and a branch of its own', () => {
  const { alice } = ringingWith([
    ['Authorization', 'Digest a'],
    ['Proxy-Authorization', 'Digest b'],
  ]);
  const [invite, ack] = [alice.lastRequest('INVITE'), alice.lastRequest('ACK')];
  expect(ack.cseq).toEqual({ number: invite.cseq.number, method: 'ACK' });
  expect(ack.first('Authorization')).toBe('Digest a');
  expect(ack.first('Proxy-Authorization')).toBe('Digest b');
  expect(ack.uri).toBe('sip:bob@192.0.2.2');
  expect(ack.topVia.branch).not.toBe(invite.topVia.branch);
});
function ringingWith(headers: readonly (readonly [string, string])[]) {
  const call = ringing(pair(), { ...OFFER, headers });
  call.incoming.accept(ANSWER);
  call.clock.advance(20);
  return call;
}
test('an INVITE without an offer gets one in the 2xx, and its answer in the ACK', () => {
  const { clock, caller, incoming, atBob } = ringing(pair(), {});
  caller.answer = ANSWER;
  incoming.accept(OFFER);
  clock.advance(20);
  expect(caller.heard).toEqual(['200']);
  expect(atBob.acks[0]?.body.toString()).toBe('v=0 answer');
});
test('a BYE from inside onAnswer follows the ACK', () => {
  const { clock, alice, caller, incoming } = ringing();
  caller.onAnswer = (_response, session) => {
    session.bye();
    return undefined;
  };
  incoming.accept(ANSWER);
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK', 'BYE']);
});
test('a caller that throws in onAnswer loses the call, with ACK and BYE', () => {
  const { clock, alice, caller, incoming, atBob } = ringing();
  caller.onAnswer = () => {
    throw new Error('no');
  };
  incoming.accept(ANSWER);
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK', 'BYE']);
  expect(alice.station.errors).toEqual([new Error('no')]);
  expect(atBob.ends).toEqual(['bye']);
});
test('a call that is refused leaves nothing behind', () => {
  const { clock, alice, bob, caller, incoming, atAlice, atBob } = ringing();
  incoming.ring(180);
  clock.advance(10);
  incoming.reject(486, { headers: [['Retry-After', '60']] });
  clock.advance(20);
  expect(caller.heard).toEqual(['180', 'refused 486']);
  expect(atAlice.ends).toEqual(['refused']);
  expect(atBob.ends).toEqual(['refused']);
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([0, 0]);
  expect(bob.strayAcks).toEqual([]);
});
test('an INVITE is answered once', () => {
  const { incoming } = ringing();
  incoming.accept(ANSWER);
  for (const again of [() => incoming.accept(), () => incoming.reject(486), () => incoming.ring(180)]) {
    expect(again).toThrow(expect.objectContaining({ code: 'DIALOG_ANSWERED' }));
  }
});
test('RFC 3261 8.1.3.1: no answer counts as 408, no way as 503', async () => {
  const { clock, network, alice, bob } = pair('UDP');
  const [silent, lost, unreachable] = [new RecordingCaller(), new RecordingCaller(), new RecordingCaller()];
  network.faults = { loss: 1, duplication: 0, maxDelayMs: 0 };
  alice.call(bob, silent);
  clock.advance(33_000);
  expect(silent.heard).toEqual(['refused 408']);
  alice.route = () => {
    throw new Error('no route');
  };
  alice.call(bob, lost);
  expect(lost.heard).toEqual([]);
  clock.advance(10);
  expect(lost.heard).toEqual(['refused 503']);
  alice.route = () => Promise.reject(new Error('no connection'));
  alice.call(bob, unreachable);
  await Promise.resolve();
  await Promise.resolve();
  clock.advance(10);
  expect(unreachable.heard).toEqual(['refused 503']);
});
test('a flow that has to be opened first is waited for; a call that is cancelled meanwhile is never sent', async () => {
  const { clock, alice, bob } = pair();
  const { flow } = alice;
  const opening = Promise.withResolvers<NonNullable<typeof flow>>();
  alice.route = () => opening.promise;
  const [kept, dropped] = [new RecordingCaller(), new RecordingCaller()];
  alice.call(bob, kept);
  alice.call(bob, dropped).cancel();
  expect(alice.log).toEqual([]);
  if (flow !== undefined) opening.resolve(flow);
  await opening.promise;
  await Promise.resolve();
  clock.advance(10);
  expect(alice.log).toEqual(['INVITE']);
  expect(dropped.heard).toEqual(['refused 487']);
});
test('a call that rings for too long is cancelled', () => {
  const { clock, alice, caller, incoming } = ringing();
  incoming.ring(180);
  clock.advance(180_020);
  expect(alice.log).toEqual(['INVITE', 'CANCEL', 'ACK']);
  expect(caller.heard).toEqual(['180', 'refused 487']);
});
test('a call is tried again with credentials: same Call-ID and From tag, next CSeq', () => {
  const { clock, alice, bob } = pair();
  const caller = new RecordingCaller();
  alice.call(bob, caller);
  clock.advance(10);
  bob.request.respond(SipResponse.reply(bob.request.request, 407));
  clock.advance(20);
  const first = alice.lastRequest('INVITE');
  alice.dialogs.invite(
    { uri: bob.uri, from: `<${alice.uri}>`, contact: alice.contact, repeats: first, headers: [['Proxy-Authorization', 'Digest x']] },
    caller,
    {},
  );
  clock.advance(10);
  const second = alice.lastRequest('INVITE');
  expect(second.callId).toBe(first.callId);
  expect(second.from.tag).toBe(first.from.tag);
  expect(second.cseq.number).toBe(2);
  expect(second.to.tag).toBeUndefined();
});
test('requests of the dialog that nobody asked for get 405, re-INVITEs 488; an UPDATE without an offer is agreed to', () => {
  const { clock, bob, aliceSession, bobSession } = talking();
  bobSession.user = {};
  const statuses: number[] = [];
  aliceSession.request('INFO', {}, (response) => statuses.push(response.status));
  clock.advance(20);
  aliceSession.update({}, (response) => statuses.push(response.status));
  clock.advance(20);
  aliceSession.update(OFFER, (response) => statuses.push(response.status));
  clock.advance(20);
  const caller = new RecordingCaller();
  aliceSession.invite(OFFER, caller);
  clock.advance(20);
  expect(statuses).toEqual([405, 200, 488]);
  expect(caller.heard).toEqual(['refused 488']);
  expect(bob.sentMessages.find((one) => one instanceof SipResponse && one.status === 405)?.first('Allow')).toContain('INVITE');
  expect(aliceSession.ended).toBe(false);
});
test('RFC 3261 12.2.1.2: a request of the dialog that gets 481, 408 or nothing ends the session', () => {
  for (const status of [481, 408, 0]) {
    const { clock, aliceSession, bobSession, atAlice } = talking();
    bobSession.user = { onRequest: (request) => (status === 0 ? undefined : request.answer(status)) };
    aliceSession.request('INFO', {});
    clock.advance(33_000);
    expect(atAlice.ends).toEqual(['lost']);
  }
});
test('RFC 3261 12.2.2: a request that comes out of order gets 500', () => {
  const { clock, network, bob, aliceSession, atBob } = talking();
  aliceSession.request('INFO', {});
  aliceSession.request('INFO', {});
  clock.advance(10);
  const old = network.sent.find(({ text }) => text.startsWith('INFO'))?.text ?? '';
  aliceSession.flow?.write(Buffer.from(old.replace(/branch=[^\r]*/, 'branch=z9hG4bKlate'), 'latin1'));
  clock.advance(10);
  expect(atBob.heard).toEqual(['ACK', 'INFO', 'INFO']);
  expect(bob.log.at(-1)).toBe('500 INFO');
});
test('a request for a dialog that is not there is nobody’s, and a first request with a To tag begins none', () => {
  const { clock, bob, aliceSession, bobSession } = talking();
  bobSession.bye();
  clock.advance(20);
  expect(() => aliceSession.request('INFO', {})).toThrow(expect.objectContaining({ code: 'DIALOG_ENDED' }));
  const { request } = bob;
  request.request.set('To', '<sip:bob@example.com>;tag=old');
  expect(() => bob.dialogs.answer(request, bob.contact, {})).toThrow(expect.objectContaining({ code: 'DIALOG_UNKNOWN', status: 481 }));
});
test('RFC 3261 12.1.1: an INVITE without a Contact makes no dialog', () => {
  const { clock, alice, bob } = pair();
  alice.dialogs.request('INVITE', { uri: bob.uri, from: `<${alice.uri}>` }, () => undefined);
  clock.advance(10);
  expect(() => bob.answer()).toThrow(expect.objectContaining({ code: 'DIALOG_NO_CONTACT', status: 400 }));
  expect(bob.dialogs.size).toBe(0);
});
test('the number of dialogs is bounded', () => {
  const { clock, alice, bob } = pair();
  const bounded = new (bob.constructor as typeof import('../support/user-agent.ts').UserAgent)(bob.network, 'carol', '192.0.2.3', {
    maxDialogs: 1,
  });
  const flow = alice.station.endpoint.flowTo(bounded.station.endpoint, 'TCP');
  alice.flow = flow;
  for (const _ of [1, 2]) alice.call(bounded, new RecordingCaller());
  clock.advance(10);
  const [first, second] = bounded.requests;
  if (first === undefined || second === undefined) throw new Error('no calls');
  bounded.dialogs.answer(first, bounded.contact, {});
  expect(() => bounded.dialogs.answer(second, bounded.contact, {})).toThrow(expect.objectContaining({ code: 'DIALOG_LIMIT', status: 503 }));
});
test('an INVITE that the user agent forgets ends with its transaction', () => {
  const { clock, bob, caller, atBob } = ringing();
  clock.advance(1_000_000);
  expect(caller.heard).toEqual(['refused 487']);
  expect(atBob.ends).toEqual(['cancelled']);
  expect(bob.dialogs.size).toBe(0);
  expect(clock.timers.size).toBe(0);
});
test('closing ends every session', () => {
  const { clock, bob, atAlice, atBob } = talking();
  bob.dialogs.close();
  clock.advance(20);
  expect(atBob.ends).toEqual(['hangup']);
  expect(atAlice.ends).toEqual(['bye']);
});
test('a dialog is found by its identifiers', () => {
  const { bob, bobSession } = talking();
  const { callId, localTag, remoteTag } = bobSession.dialog;
  expect(bob.dialogs.find(callId, localTag, remoteTag)).toBe(bobSession.dialog);
  expect(bob.dialogs.find(callId, localTag, 'other')).toBeUndefined();
});
test('a client that has reconnected is answered where it was heard last', () => {
  const { clock, alice, bob, aliceSession, bobSession } = talking();
  const fresh = alice.station.endpoint.flowTo(bob.station.endpoint, 'TCP');
  bob.route = (last) => last ?? Promise.reject(new Error('nowhere'));
  alice.flow = fresh;
  aliceSession.request('INFO', {});
  clock.advance(10);
  expect(bobSession.flow).toBe(fresh.opposite);
  bobSession.bye();
  clock.advance(10);
  expect(bob.log.at(-1)).toBe('BYE');
  expect(aliceSession.ended).toBe(true);
});
test('requests outside of dialogs are sent and answered', () => {
  const { clock, alice, bob } = pair();
  const statuses: number[] = [];
  alice.dialogs.request('OPTIONS', { uri: bob.uri, from: `"Alice" <${alice.uri}>`, routes: ['<sip:p.example.com;lr>'] }, (response) =>
    statuses.push(response.status),
  );
  clock.advance(10);
  bob.request.respond(SipResponse.reply(bob.request.request, 200));
  clock.advance(10);
  expect(statuses).toEqual([200]);
  expect(alice.lastRequest('OPTIONS').first('Route')).toBe('<sip:p.example.com;lr>');
  expect(alice.lastRequest('OPTIONS').from.displayName).toBe('Alice');
  expect(new RecordingSession().heard).toEqual([]);
});
