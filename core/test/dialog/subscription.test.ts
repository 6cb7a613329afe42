import { expect, test } from 'vitest';
import type { Notifier, NotifierEnd, NotifierOptions, SubscriberEnd, SubscriptionState } from '../../src/dialog/index.ts';
import { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { pair, talking } from '../support/call.ts';

const EXTENSIONS = [
  ['Supported', 'ms-benotify'],
  ['Proxy-Require', 'ms-benotify'],
  ['Supported', 'ms-piggyback-first-notify'],
] as const;

class RecordingSubscriber {
  readonly heard: string[] = [];
  readonly bodies: string[] = [];
  readonly ends: SubscriberEnd[] = [];

  onNotify(message: SipRequest | SipResponse, state: SubscriptionState): void {
    this.heard.push(`${message instanceof SipRequest ? message.method : message.status} ${state.state}`);
    this.bodies.push(message.body.toString());
  }

  onEnded(reason: SubscriberEnd): void {
    this.ends.push(reason);
  }
}

/** Alice subscribes to Bob's presence; Bob has not answered yet. */
function asked(headers: readonly (readonly [string, string])[] = [], transport: 'UDP' | 'TCP' = 'TCP', expires = 3600) {
  const world = pair(transport);
  const { clock, alice, bob } = world;
  const user = new RecordingSubscriber();
  const parts = { uri: bob.uri, from: `<${alice.uri}>;epid=0a`, contact: alice.contact, headers };
  const subscriber = alice.dialogs.subscribe(parts, 'presence', expires, user);
  clock.advance(10);
  const ends: NotifierEnd[] = [];
  let version = 0;
  const accept = (options: Partial<NotifierOptions> = {}): Notifier =>
    bob.dialogs.notifier(
      bob.request,
      { contact: bob.contact, expires: 3600, ...options },
      {
        current: () => ({ body: `state ${++version}`, contentType: 'text/plain' }),
        onEnded: (reason) => ends.push(reason),
      },
    );
  return { ...world, user, subscriber, accept, ends };
}

test('RFC 6665: a subscription is accepted, told its state, and told again', () => {
  const { clock, alice, bob, user, accept } = asked();
  const notifier = accept();
  clock.advance(20);
  notifier.notify({ body: 'news', contentType: 'text/plain', headers: [['Require', 'eventlist']] });
  clock.advance(20);
  expect(alice.log).toEqual(['SUBSCRIBE', '200 NOTIFY', '200 NOTIFY']);
  expect(bob.log).toEqual(['200 SUBSCRIBE', 'NOTIFY', 'NOTIFY']);
  expect(user.heard).toEqual(['NOTIFY active', 'NOTIFY active']);
  expect(user.bodies).toEqual(['state 1', 'news']);
  const [answer, , second] = bob.sentMessages;
  expect(answer?.first('Expires')).toBe('3600');
  expect(answer?.first('Contact')).toBe('<sip:bob@192.0.2.2>');
  expect(second?.first('Subscription-State')).toBe('active;expires=3600');
  expect(second?.first('Event')).toBe('presence');
  expect(second?.first('Require')).toBe('eventlist');
  expect(second?.cseq).toEqual({ number: 2, method: 'NOTIFY' });
  expect(second?.first('To')).toContain(';epid=0a');
  expect([alice.dialogs.size, bob.dialogs.size]).toEqual([1, 1]);
});
test('RFC 6665 4.1.2.2: it is refreshed before it runs out, and told its state each time', () => {
  const { clock, alice, user, accept } = asked();
  accept();
  clock.advance(3_479_000);
  expect(alice.log.filter((line) => line === 'SUBSCRIBE')).toHaveLength(1);
  clock.advance(3_480_000);
  expect(alice.log.filter((line) => line === 'SUBSCRIBE')).toHaveLength(2);
  expect(alice.lastRequest('SUBSCRIBE').to.tag).toBeDefined();
  expect(alice.lastRequest('SUBSCRIBE').first('Expires')).toBe('3600');
  clock.advance(10_000_000);
  expect(user.ends).toEqual([]);
  expect(user.bodies.length).toBeGreaterThanOrEqual(4);
});
test('RFC 6665 4.1.2.3: giving it up is answered by a last notification, and leaves nothing', () => {
  const { clock, alice, bob, user, subscriber, accept, ends } = asked();
  accept();
  clock.advance(20);
  subscriber.unsubscribe();
  subscriber.unsubscribe();
  clock.advance(30);
  expect(alice.lastRequest('SUBSCRIBE').first('Expires')).toBe('0');
  expect(user.heard).toEqual(['NOTIFY active', 'NOTIFY terminated']);
  expect([user.ends, ends]).toEqual([['unsubscribed'], ['unsubscribed']]);
  clock.advance(100_000);
  expect([alice.dialogs.size, bob.dialogs.size, clock.timers.size]).toEqual([0, 0, 0]);
});
test('RFC 6665 4.4.3: a subscription of no time is told its state once', () => {
  const { clock, alice, bob, user, accept, ends } = asked([], 'TCP', 0);
  accept({ expires: 0 });
  clock.advance(30);
  expect(user.heard).toEqual(['NOTIFY terminated']);
  expect(user.bodies).toEqual(['state 1']);
  expect([user.ends, ends]).toEqual([['terminated'], ['expired']]);
  clock.advance(100_000);
  expect([alice.dialogs.size, bob.dialogs.size, clock.timers.size]).toEqual([0, 0, 0]);
});
test('RFC 6665 4.2.2: one that is not refreshed ends, with a last notification', () => {
  const { clock, network, bob, accept, ends } = asked([], 'UDP');
  accept({ expires: 60 });
  clock.advance(30);
  network.faults = { loss: 1, duplication: 0, maxDelayMs: 0 };
  clock.advance(60_010);
  expect(ends).toEqual(['expired']);
  expect(bob.lastRequest('NOTIFY').first('Subscription-State')).toBe('terminated;reason=timeout');
});
test('RFC 6665 4.1.3: the notifier ends it, with a reason and a time to come back', () => {
  const { clock, user, accept, ends, bob } = asked();
  const notifier = accept();
  clock.advance(20);
  notifier.close('probation', {}, 30);
  notifier.notify({ body: 'too late' });
  clock.advance(20);
  expect(bob.lastRequest('NOTIFY').first('Subscription-State')).toBe('terminated;reason=probation;retry-after=30');
  expect(user.heard.at(-1)).toBe('NOTIFY terminated');
  expect([user.ends, ends]).toEqual([['terminated'], ['closed']]);
});
test('RFC 6665 4.1.3: a pending subscription is told so, and told when it is approved', () => {
  const { clock, bob, user, accept } = asked();
  const notifier = accept({ state: 'pending' });
  clock.advance(20);
  notifier.activate();
  clock.advance(20);
  expect(bob.log[0]).toBe('202 SUBSCRIBE');
  expect(user.heard).toEqual(['NOTIFY pending', 'NOTIFY active']);
});
test('RFC 6665 4.4.1: a NOTIFY before the 2xx makes the dialog; one from another fork gets 481', () => {
  const { clock, network, alice, bob, user, accept } = asked([], 'UDP');
  const { onMessage } = alice.station.endpoint;
  const held: Parameters<typeof onMessage>[0][] = [];
  alice.station.endpoint.onMessage = (inbound) => (inbound.message.isRequest ? onMessage(inbound) : void held.push(inbound));
  accept();
  clock.advance(10);
  expect(user.heard).toEqual(['NOTIFY active']);
  for (const inbound of held) onMessage(inbound);
  clock.advance(10);
  expect(alice.dialogs.size).toBe(1);
  const other = network.sent.find(({ text }) => text.startsWith('NOTIFY'))?.text ?? '';
  bob.flow?.write(Buffer.from(other.replace(/(From: .*tag=)\w+/, '$1other').replace(/branch=[^\r]*/, 'branch=z9hG4bKother'), 'latin1'));
  clock.advance(20);
  expect(alice.log).toContain('481 NOTIFY');
  expect(user.heard).toEqual(['NOTIFY active']);
});
test('RFC 6665 4.1.2.4: a subscription that is never told anything is given up', () => {
  const { clock, bob, user } = asked();
  const answer = SipResponse.reply(bob.request.request, 200, undefined, 'b1');
  answer.append('Contact', bob.contact);
  answer.append('Expires', '3600');
  bob.request.respond(answer);
  clock.advance(33_000);
  expect(user.ends).toEqual(['silent']);
  expect(clock.timers.size).toBe(0);
});
test('a subscription that is refused is over', () => {
  const { clock, alice, bob, user } = asked();
  bob.request.respond(SipResponse.reply(bob.request.request, 489));
  clock.advance(20);
  expect(user.ends).toEqual(['refused']);
  expect([alice.dialogs.size, clock.timers.size]).toEqual([0, 0]);
});
test('RFC 6665 4.1.2.2: a refresh that gets 481 ends it; 423 is tried again for longer; another refusal lets it run out', () => {
  const { clock, alice, bob, user, subscriber, accept } = asked();
  accept();
  clock.advance(20);
  const refuse = (status: number, headers: readonly (readonly [string, string])[] = []) => {
    const { onRequest } = bob.station.layer;
    bob.station.layer.onRequest = (transaction) => {
      const response = SipResponse.reply(transaction.request, status);
      for (const [name, value] of headers) response.append(name, value);
      transaction.respond(response);
      bob.station.layer.onRequest = onRequest;
    };
    subscriber.refresh();
    clock.advance(30);
  };
  refuse(423, [['Min-Expires', '7200']]);
  expect(alice.lastRequest('SUBSCRIBE').first('Expires')).toBe('7200');
  refuse(503);
  expect(user.ends).toEqual([]);
  refuse(481);
  expect(user.ends).toEqual(['lost']);
});
test('[MS-SIPRE] R11: a NOTIFY that gets 481, or no answer, drops the subscription; a 500 does not', () => {
  for (const [status, expected] of [
    [481, ['unreachable']],
    [0, ['unreachable']],
    [500, []],
  ] as const) {
    const { clock, alice, accept, ends } = asked();
    const notifier = accept();
    clock.advance(20);
    alice.station.layer.onRequest = (transaction) => {
      if (status === 0) transaction.abandon();
      else transaction.respond(SipResponse.reply(transaction.request, status));
    };
    notifier.notify({ body: 'news' });
    clock.advance(33_000);
    expect(ends).toEqual(expected);
  }
});

test('[MS-SIPRE] sheet 6: the first notification is in the 2xx, the next ones are BENOTIFYs that nobody answers', () => {
  const { clock, alice, bob, user, accept } = asked(EXTENSIONS);
  const notifier = accept();
  clock.advance(20);
  const [answer] = bob.sentMessages;
  expect(bob.log).toEqual(['200 SUBSCRIBE']);
  expect(answer?.first('Supported')).toBe('ms-benotify, ms-piggyback-first-notify');
  expect(answer?.first('ms-piggyback-cseq')).toBe('1');
  expect(answer?.first('Event')).toBe('presence');
  expect(answer?.first('Subscription-State')).toBe('active;expires=3600');
  expect(answer?.body.toString()).toBe('state 1');
  notifier.notify({ body: 'news', contentType: 'text/plain' });
  notifier.notify({ body: 'more', contentType: 'text/plain' });
  clock.advance(20);
  const benotify = bob.lastRequest('BENOTIFY');
  expect(benotify.cseq).toEqual({ number: 3, method: 'BENOTIFY' });
  expect(benotify.uri).toBe('sip:alice@192.0.2.1');
  expect(benotify.has('Contact')).toBe(false);
  expect(benotify.to.epid).toBe('0a');
  expect(user.heard).toEqual(['200 active', 'BENOTIFY active', 'BENOTIFY active']);
  expect(alice.log).toEqual(['SUBSCRIBE']);
  expect(bob.station.layer.size.client.nonInvite).toBe(0);
  expect(alice.station.layer.size.server.nonInvite).toBe(0);
});
test('[MS-SIPRE] sheet 6: a refresh gets its state in the 2xx, too', () => {
  const { clock, bob, user, subscriber, accept } = asked(EXTENSIONS);
  accept();
  clock.advance(20);
  subscriber.refresh();
  clock.advance(20);
  expect(bob.log).toEqual(['200 SUBSCRIBE', '200 SUBSCRIBE']);
  expect(bob.sentMessages[1]?.first('ms-piggyback-cseq')).toBe('2');
  expect(user.bodies).toEqual(['state 1', 'state 2']);
});
test('[MS-SIPRE] sheet 6: with autoextend each notification gives the whole time again', () => {
  const { clock, accept, ends } = asked([['Supported', 'com.microsoft.autoextend']]);
  const notifier = accept({ expires: 600 });
  for (const _ of [1, 2, 3]) {
    clock.advance(250_000);
    notifier.notify({ body: 'news' });
    expect(notifier.remaining).toBe(600);
  }
  expect(ends).toEqual([]);
});
test('the time that is left is told, and no more than was asked for', () => {
  const { clock, bob, accept } = asked();
  const notifier = accept({ expires: 1000 });
  clock.advance(100_000);
  notifier.notify({});
  expect(bob.lastRequest('NOTIFY').first('Subscription-State')).toBe('active;expires=900');
});
test('the one who refreshes is asked how long, and may be told less', () => {
  const { clock, alice, bob, subscriber } = asked();
  const asks: (number | undefined)[] = [];
  bob.dialogs.notifier(
    bob.request,
    { contact: bob.contact, expires: 3600, headers: [['Server', 'x']] },
    {
      current: () => ({}),
      onRefresh: (_subscribe, wanted) => {
        asks.push(wanted);
        return 120;
      },
    },
  );
  clock.advance(20);
  subscriber.refresh();
  clock.advance(20);
  expect(asks).toEqual([3600]);
  const answers = bob.sentMessages.filter((one): one is SipResponse => one instanceof SipResponse && one.cseq.method === 'SUBSCRIBE');
  expect(answers.map((one) => [one.first('Expires'), one.first('Server')])).toEqual([
    ['3600', 'x'],
    ['120', 'x'],
  ]);
  const before = alice.log.length;
  clock.advance(61_000);
  expect(alice.log.slice(before)).toContain('SUBSCRIBE');
});
test('RFC 5057: a subscription in the dialog of a call ends neither with it nor it', () => {
  const { clock, alice, bob, aliceSession, bobSession } = talking();
  const ends: NotifierEnd[] = [];
  const notifications: string[] = [];
  aliceSession.user = {
    onRequest: (request) => {
      notifications.push(request.request.body.toString());
      request.answer(200);
    },
  };
  let notifier: Notifier | undefined;
  bobSession.user = {
    onRequest: (request) => {
      notifier = bob.dialogs.notifier(
        request.received,
        { contact: bob.contact, expires: 60, event: 'refer;id=2' },
        { current: () => ({ body: 'SIP/2.0 100 Trying', contentType: 'message/sipfrag' }), onEnded: (reason) => ends.push(reason) },
      );
    },
  };
  aliceSession.request('REFER', { headers: [['Refer-To', '<sip:carol@example.com>']] });
  clock.advance(30);
  expect(bob.log).toEqual(['200 INVITE', '200 REFER', 'NOTIFY']);
  expect(bob.lastRequest('NOTIFY').first('Event')).toBe('refer;id=2');
  expect(bob.lastRequest('NOTIFY').callId).toBe(alice.lastRequest('INVITE').callId);
  expect(notifications).toEqual(['SIP/2.0 100 Trying']);
  aliceSession.bye();
  clock.advance(30);
  expect([ends, bob.dialogs.size]).toEqual([[], 1]);
  notifier?.close('noresource');
  expect([ends, bob.dialogs.size]).toEqual([['closed'], 0]);
});
test('a NOTIFY in a call that nobody asked for gets 481, a BENOTIFY nothing', () => {
  const { clock, alice, aliceSession, bobSession } = talking();
  aliceSession.user = {};
  bobSession.request('BENOTIFY', { headers: [['Event', 'refer']] });
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK']);
  bobSession.request('NOTIFY', { headers: [['Event', 'refer']] });
  clock.advance(20);
  expect(alice.log).toEqual(['INVITE', 'ACK', '481 NOTIFY']);
});
