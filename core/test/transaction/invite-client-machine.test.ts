import { expect, test } from 'vitest';
import { stepInviteClient as step } from '../../src/transaction/invite-client-machine.ts';

test('RFC 3261 17.1.1.2: the INVITE is repeated by timer A and given up by timer B', () => {
  expect(step('calling', 'timerA')).toEqual(['calling', 'resend']);
  expect(step('calling', 'timerB')).toEqual(['terminated', 'tellTimeout']);
});
test('RFC 3261 17.1.1.2: a provisional response stops the repeating and goes up, like those after it', () => {
  expect(step('calling', 'response1xx')).toEqual(['proceeding', 'stopAB', 'pass', 'sendHeldCancel']);
  expect(step('proceeding', 'response1xx')).toEqual(['proceeding', 'pass']);
});
test.each(['calling', 'proceeding'] as const)('RFC 6026 7.2: a 2xx in %s goes up, and so does every further one until timer M', (state) => {
  expect(step(state, 'response2xx')).toEqual(['accepted', 'pass', 'startM']);
  expect(step('accepted', 'response2xx')).toEqual(['accepted', 'pass']);
  expect(step('accepted', 'timerM')).toEqual(['terminated']);
});
test.each(['calling', 'proceeding'] as const)(
  'RFC 3261 17.1.1.2: an error response in %s is acknowledged, as often as it comes until timer D',
  (state) => {
    expect(step(state, 'responseError')).toEqual(['completed', 'sendAck', 'pass', 'startD']);
    expect(step('completed', 'responseError')).toEqual(['completed', 'resendAck']);
    expect(step('completed', 'timerD')).toEqual(['terminated']);
  },
);
test('RFC 3261 9.1: CANCEL waits for a provisional response, and then gives the INVITE 64*T1 to end', () => {
  expect(step('calling', 'cancel')).toEqual(['calling', 'holdCancel']);
  expect(step('proceeding', 'cancel')).toEqual(['proceeding', 'sendCancel', 'startCancelled']);
  expect(step('proceeding', 'timerCancelled')).toEqual(['terminated', 'tellTimeout']);
});
test.each(['calling', 'proceeding'] as const)('RFC 3261 17.1.4: a transport error in %s goes up', (state) => {
  expect(step(state, 'transportError')).toEqual(['terminated', 'tellTransportError']);
});
test('an ACK that cannot be sent ends the transaction; the user has had its outcome', () => {
  expect(step('completed', 'transportError')).toEqual(['terminated']);
});
test.each([
  ['calling', 'timerCancelled'],
  ['calling', 'timerD'],
  ['proceeding', 'timerA'],
  ['proceeding', 'timerB'],
  ['accepted', 'response1xx'],
  ['accepted', 'responseError'],
  ['accepted', 'cancel'],
  ['accepted', 'timerCancelled'],
  ['accepted', 'transportError'],
  ['completed', 'response1xx'],
  ['completed', 'response2xx'],
  ['completed', 'cancel'],
  ['completed', 'timerM'],
  ['terminated', 'response2xx'],
  ['terminated', 'timerB'],
] as const)('%s has no use for %s', (state, input) => {
  expect(step(state, input)).toEqual([state]);
});
