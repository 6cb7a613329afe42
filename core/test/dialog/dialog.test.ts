import { expect, test } from 'vitest';
import { Dialog } from '../../src/dialog/index.ts';
import { routeTo } from '../../src/dialog/route-set.ts';
import { SipResponse } from '../../src/sip/index.ts';
import { request } from '../support/sip-text.ts';

const RECORD_ROUTES = [
  ['Record-Route', '<sip:p2.example.com;lr>, <sip:p1.example.com;transport=tls;lr>;x=y'],
  ['Record-Route', '<sip:p0.example.com;lr>'],
] as const;

function invite(headers: readonly (readonly [string, string])[] = []) {
  return request('INVITE', {
    from: '"Alice" <sip:alice@example.com>;tag=a1;epid=0a',
    cseq: 7,
    headers: [['Contact', '<sip:alice@192.0.2.1:5070;transport=tcp>'], ...headers],
  });
}

function answer(to: ReturnType<typeof invite>, tag: string, contact: string | undefined, status = 200) {
  const response = SipResponse.reply(to, status, undefined, tag);
  if (contact !== undefined) response.append('Contact', contact);
  return response;
}

test('RFC 3261 12.1.1: the one who is called keeps the Record-Route in order, the Contact and the CSeq of the request', () => {
  const dialog = Dialog.asUas(invite(RECORD_ROUTES), 'b1', '<sip:bob@192.0.2.2>');
  expect(dialog.routeSet).toEqual(['<sip:p2.example.com;lr>', '<sip:p1.example.com;transport=tls;lr>;x=y', '<sip:p0.example.com;lr>']);
  expect(dialog.key).toBe('call-1@192.0.2.1 b1 a1');
  expect(dialog.ownsCallId).toBe(false);
  const bye = dialog.request('BYE', {});
  expect(bye.uri).toBe('sip:alice@192.0.2.1:5070;transport=tcp');
  expect(bye.all('Route')).toEqual([...dialog.routeSet]);
  expect(bye.first('From')).toBe('<sip:bob@example.com>;tag=b1');
  expect(bye.first('To')).toBe('"Alice" <sip:alice@example.com>;tag=a1;epid=0a');
  expect(bye.cseq).toEqual({ number: 1, method: 'BYE' });
  expect(dialog.takeSequence(request('INFO', { cseq: 7 }))).toBe(false);
  expect(dialog.takeSequence(request('INFO', { cseq: 9 }))).toBe(true);
  expect(dialog.takeSequence(request('INFO', { cseq: 8 }))).toBe(false);
});
test('RFC 3261 12.1.2: the caller keeps the Record-Route of the response in reverse', () => {
  const sent = invite(RECORD_ROUTES);
  const dialog = Dialog.asUac(sent, answer(sent, 'b1', '<sip:bob@192.0.2.2>'));
  expect(dialog.routeSet).toEqual(['<sip:p0.example.com;lr>', '<sip:p1.example.com;transport=tls;lr>;x=y', '<sip:p2.example.com;lr>']);
  expect(dialog.key).toBe('call-1@192.0.2.1 a1 b1');
  expect(dialog.ownsCallId).toBe(true);
  expect(dialog.request('INFO', {}).cseq.number).toBe(8);
  expect(dialog.request('UPDATE', {}).first('Contact')).toBe('<sip:alice@192.0.2.1:5070;transport=tcp>');
});
test('RFC 3261 12.2.1.1: a strict router comes into the Request-URI, and the target to the end of the route', () => {
  expect(routeTo('sip:bob@192.0.2.2', ['<sip:p1.example.com;method=INVITE?x=y>', '<sip:p2.example.com;lr>'])).toEqual({
    uri: 'sip:p1.example.com',
    routes: ['<sip:p2.example.com;lr>', '<sip:bob@192.0.2.2>'],
  });
  expect(routeTo('sip:bob@192.0.2.2', ['<sip:p1.example.com;lr>'])).toEqual({
    uri: 'sip:bob@192.0.2.2',
    routes: ['<sip:p1.example.com;lr>'],
  });
  expect(routeTo('sip:bob@192.0.2.2', [])).toEqual({ uri: 'sip:bob@192.0.2.2', routes: [] });
});
test('what a Contact may have and a Request-URI may not is taken off', () => {
  const sent = invite();
  const dialog = Dialog.asUac(sent, answer(sent, 'b1', '"Bob" <sip:bob@192.0.2.2;method=INVITE;transport=tls?Subject=x>;expires=60'));
  expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.2;transport=tls');
});
test('a response without a Contact leaves the Request-URI as target', () => {
  const sent = invite();
  expect(Dialog.asUac(sent, answer(sent, 'b1', undefined)).remoteTarget).toBe('sip:bob@example.com');
});
test('RFC 3261 13.2.2.4: the 2xx has the valid route set and target, whatever the provisional response said', () => {
  const sent = invite();
  const early = answer(sent, 'b1', '<sip:bob@192.0.2.7>', 180);
  early.append('Record-Route', '<sip:old.example.com;lr>');
  const dialog = Dialog.asUac(sent, early);
  expect(dialog.routeSet).toEqual(['<sip:old.example.com;lr>']);
  const confirmed = answer(sent, 'b1', '<sip:bob@192.0.2.8>');
  confirmed.append('Record-Route', '<sip:new.example.com;lr>');
  dialog.confirmBy(confirmed);
  expect(dialog.state).toBe('confirmed');
  expect(dialog.routeSet).toEqual(['<sip:new.example.com;lr>']);
  expect(dialog.remoteTarget).toBe('sip:bob@192.0.2.8');
});
test('RFC 3261 12.2.2: a refresh changes the target and never the route set; without a Contact it changes nothing', () => {
  const dialog = Dialog.asUas(invite(RECORD_ROUTES), 'b1', '<sip:bob@192.0.2.2>');
  dialog.refreshTarget(
    request('INVITE', {
      headers: [
        ['Contact', '<sip:alice@192.0.2.99>'],
        ['Record-Route', '<sip:evil.example.com;lr>'],
      ],
    }),
  );
  expect(dialog.remoteTarget).toBe('sip:alice@192.0.2.99');
  expect(dialog.routeSet).toHaveLength(3);
  dialog.refreshTarget(request('UPDATE'));
  expect(dialog.remoteTarget).toBe('sip:alice@192.0.2.99');
});
test('a peer of RFC 2543 has no tag', () => {
  const old = request('INVITE', { from: '<sip:alice@example.com>', headers: [['Contact', '<sip:alice@192.0.2.1>']] });
  const dialog = Dialog.asUas(old, 'b1', '<sip:bob@192.0.2.2>');
  expect(dialog.remoteTag).toBe('');
  expect(dialog.request('BYE', {}).to.tag).toBeUndefined();
});
