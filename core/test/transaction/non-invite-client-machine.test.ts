import { expect, test } from 'vitest';
import { stepNonInviteClient as step } from '../../src/transaction/non-invite-client-machine.ts';

test('RFC 3261 17.1.2.2: the request is repeated by timer E, at T2 once something has come back', () => {
  expect(step('trying', 'timerE')).toEqual(['trying', 'resend', 'startE']);
  expect(step('trying', 'response1xx')).toEqual(['proceeding', 'pass']);
  expect(step('proceeding', 'response1xx')).toEqual(['proceeding', 'pass']);
  expect(step('proceeding', 'timerE')).toEqual(['proceeding', 'resend', 'startSlowE']);
});
test.each(['trying', 'proceeding'] as const)(
  'RFC 3261 17.1.2.2: in %s the final response goes up; its copies are swallowed until timer K',
  (state) => {
    expect(step(state, 'responseFinal')).toEqual(['completed', 'pass', 'startK']);
    expect(step('completed', 'responseFinal')).toEqual(['completed']);
    expect(step('completed', 'timerK')).toEqual(['terminated']);
  },
);
test.each(['trying', 'proceeding'] as const)('RFC 3261 17.1.2.2: timer F ends %s', (state) => {
  expect(step(state, 'timerF')).toEqual(['terminated', 'tellTimeout']);
});
test.each(['trying', 'proceeding'] as const)('RFC 3261 17.1.4: a transport error in %s goes up', (state) => {
  expect(step(state, 'transportError')).toEqual(['terminated', 'tellTransportError']);
});
test.each(['trying', 'proceeding'] as const)('%s ends when its user no longer cares', (state) => {
  expect(step(state, 'abandon')).toEqual(['terminated']);
});
test.each([
  ['trying', 'timerK'],
  ['completed', 'response1xx'],
  ['completed', 'timerE'],
  ['completed', 'timerF'],
  ['completed', 'abandon'],
  ['completed', 'transportError'],
  ['terminated', 'responseFinal'],
  ['terminated', 'timerE'],
] as const)('%s has no use for %s', (state, input) => {
  expect(step(state, input)).toEqual([state]);
});
