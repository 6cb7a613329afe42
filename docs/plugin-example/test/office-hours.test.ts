import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { secondsUntilOpen } from '../src/hours.ts';
import officeHours from '../src/plugin.ts';

const MONDAY_HALF_PAST_SEVEN = new Date('2025-01-06T07:30:00Z');

test('a call before the office opens is told when to come back, and rings when it has opened', async () => {
  await using server = await testServer({
    plugins: [directory(), registrar(), routing(), officeHours({ users: ['support@example.com'] })],
    users: ['alice', 'support'],
    startAt: MONDAY_HALF_PAST_SEVEN,
  });
  const alice = await server.endpoint('alice').register();
  const early = await alice.invite('support').expect(480);
  expect(early.reason).toBe('The office is closed');
  expect(early.first('Retry-After')).toBe('1800');

  await server.advance('30m');
  const support = await server.endpoint('support').register();
  const call = alice.invite('support');
  await support.expect('INVITE').answer(200);
  await call.expect(200).ack();
  await call.bye().expect(200);
});

test('who keeps no office hours can be called at any time', async () => {
  await using server = await testServer({
    plugins: [directory(), registrar(), routing(), officeHours({ users: ['support@example.com'] })],
    users: ['alice', 'bob'],
    startAt: MONDAY_HALF_PAST_SEVEN,
  });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(486);
  await call.expect(486);
});

test('parley office-hours says who keeps them and whether they are open', async () => {
  await using server = await testServer({ plugins: [officeHours({ users: ['support@example.com'] })], startAt: MONDAY_HALF_PAST_SEVEN });
  expect(await server.command('office-hours')).toMatchObject({ rows: [{ user: 'support@example.com', state: 'closed' }] });
});

const HOURS = { opens: '08:00', closes: '18:00', days: ['Mon', 'Tue', 'Wed', 'Thu', 'Fri'], timeZone: 'Europe/Oslo' } as const;

test.each([
  ['on a Monday at noon', '2025-01-06T11:00:00Z', 0],
  ['a minute before it closes', '2025-01-06T16:59:00Z', 0],
  ['when it has closed, until the next morning', '2025-01-06T17:00:00Z', 14 * 3600],
  ['on a Saturday, until Monday', '2025-01-04T07:00:00Z', 48 * 3600],
])('%s', (_, time, seconds) => {
  expect(secondsUntilOpen(Date.parse(time), { ...HOURS, days: [...HOURS.days] })).toBe(seconds);
});

test('an office without a working day never opens', () => {
  expect(secondsUntilOpen(0, { ...HOURS, days: [] })).toBeUndefined();
});

test('a time that is none, and an option that there is not, are refused by name', () => {
  expect(() => officeHours.config.parse({ opens: '8 am' })).toThrow(/08:00/);
  expect(() => officeHours.config.parse({ openAt: '08:00' })).toThrow(/openAt/);
});
