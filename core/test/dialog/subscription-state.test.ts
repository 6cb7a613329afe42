import { expect, test } from 'vitest';
import { offers, readSubscriptionState, writeSubscriptionState } from '../../src/dialog/index.ts';
import { refreshAfter, sameEvent } from '../../src/dialog/subscription-state.ts';
import { request } from '../support/sip-text.ts';

function notify(value?: string) {
  return request('NOTIFY', { headers: value === undefined ? [] : [['Subscription-State', value]] });
}

test.each([
  ['active;expires=300', { state: 'active', expires: 300 }],
  ['Terminated ; reason=Timeout ;retry-after=5', { state: 'terminated', reason: 'timeout', retryAfter: 5 }],
  ['pending;expires=soon;x=y', { state: 'pending' }],
  ['active;expires=99999999999', { state: 'active' }],
  [undefined, { state: 'active' }],
])('RFC 6665 8.4: %s', (value, expected) => {
  expect(readSubscriptionState(notify(value))).toMatchObject(expected);
});
test('a state is written as it is read', () => {
  for (const text of ['active;expires=300', 'terminated;reason=deactivated;retry-after=5', 'pending']) {
    expect(writeSubscriptionState(readSubscriptionState(notify(text)))).toBe(text);
  }
});
test('RFC 6665 8.2.1: the package and the id make the event', () => {
  expect(sameEvent('presence', 'Presence')).toBe(true);
  expect(sameEvent('presence;id=1', 'presence;id=1;x=y')).toBe(true);
  expect(sameEvent('presence;id=1', 'presence;id=2')).toBe(false);
  expect(sameEvent('presence', 'presence;id=2')).toBe(false);
  expect(sameEvent('presence', 'dialog')).toBe(false);
  expect(sameEvent('presence', undefined)).toBe(true);
});
test('[MS-SIPRE] sheet 6: extensions are offered in Supported', () => {
  const subscribe = request('SUBSCRIBE', { headers: [['Supported', 'com.microsoft.autoextend, MS-BENOTIFY']] });
  expect(offers(subscribe, 'ms-benotify')).toBe(true);
  expect(offers(subscribe, 'ms-piggyback-first-notify')).toBe(false);
  expect(offers(request('SUBSCRIBE'), 'ms-benotify')).toBe(false);
});
test('a subscription is refreshed two minutes before its end, a short one half-way', () => {
  expect([refreshAfter(28_800), refreshAfter(240), refreshAfter(60)]).toEqual([28_680, 120, 30]);
});
