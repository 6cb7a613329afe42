import { expect, test } from 'vitest';
import { stepNonInviteServer as step } from '../../src/transaction/non-invite-server-machine.ts';

test('RFC 3261 17.2.2: copies of an unanswered request are swallowed', () => {
  expect(step('trying', 'request')).toEqual(['trying']);
});
test('RFC 4320 4.1: a 100 before its time is not sent; it is when its time has come', () => {
  expect(step('trying', 'tu100TooEarly')).toEqual(['trying']);
  expect(step('trying', 'timer100')).toEqual(['proceeding', 'send100', 'startExpiry']);
});
test('RFC 4320 4.1: over a reliable transport the user may send a 100 at any time, and then the layer does not', () => {
  expect(step('trying', 'tu100')).toEqual(['proceeding', 'send']);
  expect(step('proceeding', 'tu100')).toEqual(['proceeding', 'send']);
  expect(step('proceeding', 'timer100')).toEqual(['proceeding', 'startExpiry']);
});
test('RFC 3261 17.2.2: after a provisional response each copy gets it again', () => {
  expect(step('proceeding', 'request')).toEqual(['proceeding', 'resend']);
});
test.each(['trying', 'proceeding'] as const)('RFC 3261 17.2.2: %s ends with the final response, which is kept until timer J', (state) => {
  expect(step(state, 'tuFinal')).toEqual(['completed', 'send', 'startJ']);
  expect(step('completed', 'request')).toEqual(['completed', 'resend']);
  expect(step('completed', 'timerJ')).toEqual(['terminated']);
});
test.each(['trying', 'proceeding'] as const)('RFC 4320 4.2: a 408 ends %s in silence', (state) => {
  expect(step(state, 'tu408')).toEqual(['terminated']);
});
test.each(['trying', 'proceeding'] as const)('%s can be given up', (state) => {
  expect(step(state, 'abandon')).toEqual(['terminated']);
});
test('RFC 4320 4.2: when the client has stopped waiting, there is nothing left to say', () => {
  expect(step('proceeding', 'timerExpiry')).toEqual(['terminated']);
});
test.each(['trying', 'proceeding', 'completed'] as const)('RFC 3261 17.2.2: a transport error ends %s', (state) => {
  expect(step(state, 'transportError')).toEqual(['terminated', 'tellTransportError']);
});
test.each([
  ['trying', 'timerExpiry'],
  ['trying', 'timerJ'],
  ['proceeding', 'tu100TooEarly'],
  ['completed', 'tuFinal'],
  ['completed', 'tu100'],
  ['completed', 'tu408'],
  ['completed', 'abandon'],
  ['completed', 'timer100'],
  ['completed', 'timerExpiry'],
  ['terminated', 'request'],
  ['terminated', 'tuFinal'],
] as const)('%s has no use for %s', (state, input) => {
  expect(step(state, input)).toEqual([state]);
});
