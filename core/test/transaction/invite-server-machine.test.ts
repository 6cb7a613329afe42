import { expect, test } from 'vitest';
import { stepInviteServer as step } from '../../src/transaction/invite-server-machine.ts';

test('RFC 3261 17.2.1: an INVITE that the user leaves unanswered gets 100 Trying, and its copies get it again', () => {
  expect(step('proceeding', 'timer100')).toEqual(['proceeding', 'send100', 'startSilence']);
  expect(step('proceeding', 'request')).toEqual(['proceeding', 'resend']);
});
test('provisional responses go out and change nothing', () => {
  expect(step('proceeding', 'tu1xx')).toEqual(['proceeding', 'send', 'startSilence']);
});
test('RFC 6026 7.1: a 2xx keeps the transaction alive until timer L, and INVITE copies are swallowed', () => {
  expect(step('proceeding', 'tu2xx')).toEqual(['accepted', 'send', 'startL']);
  expect(step('accepted', 'request')).toEqual(['accepted']);
  expect(step('accepted', 'timerL')).toEqual(['terminated']);
});
test('RFC 6026 7.1: the user may send its 2xx again, and hears every ACK', () => {
  expect(step('accepted', 'tu2xx')).toEqual(['accepted', 'send']);
  expect(step('accepted', 'ack')).toEqual(['accepted', 'passAck']);
});
test('RFC 3261 17.2.1: an error response is repeated by timer G and for each copy of the INVITE, until the ACK', () => {
  expect(step('proceeding', 'tuFinal')).toEqual(['completed', 'send', 'startGH']);
  expect(step('completed', 'timerG')).toEqual(['completed', 'resend']);
  expect(step('completed', 'request')).toEqual(['completed', 'resend']);
  expect(step('completed', 'ack')).toEqual(['confirmed', 'startI']);
  expect(step('confirmed', 'timerI')).toEqual(['terminated']);
});
test('RFC 3261 17.2.1: timer H ends the wait for the ACK', () => {
  expect(step('completed', 'timerH')).toEqual(['terminated']);
});
test('RFC 6026 7.1: a transport error is told and ends nothing', () => {
  expect(step('proceeding', 'transportError')).toEqual(['proceeding', 'tellTransportError']);
  expect(step('accepted', 'transportError')).toEqual(['accepted', 'tellTransportError']);
  expect(step('completed', 'transportError')).toEqual(['completed', 'tellTransportError']);
});
test('an INVITE without an answer can be given up', () => {
  expect(step('proceeding', 'abandon')).toEqual(['terminated']);
});
test.each([
  ['proceeding', 'ack'],
  ['proceeding', 'timerG'],
  ['proceeding', 'timerL'],
  ['accepted', 'tu1xx'],
  ['accepted', 'tuFinal'],
  ['accepted', 'abandon'],
  ['accepted', 'timer100'],
  ['completed', 'tu1xx'],
  ['completed', 'tu2xx'],
  ['completed', 'tuFinal'],
  ['completed', 'abandon'],
  ['completed', 'timerI'],
  ['confirmed', 'request'],
  ['confirmed', 'ack'],
  ['confirmed', 'timerG'],
  ['confirmed', 'timerH'],
  ['confirmed', 'tuFinal'],
  ['confirmed', 'transportError'],
  ['terminated', 'request'],
  ['terminated', 'tu2xx'],
] as const)('%s has no use for %s', (state, input) => {
  expect(step(state, input)).toEqual([state]);
});
