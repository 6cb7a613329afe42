import { expect, test } from 'vitest';
import { Directory, SignInAttempts } from '../src/api.ts';
import { serving } from './serving.ts';

const ALICE = 'alice@example.com';

test('a guessing attack is one log line in ten seconds, with the address and how many more', async () => {
  await using server = await serving({ signIn: { perUser: 1, perAddress: 1 } }, { log: 'warn' });
  const attempts = server.find(SignInAttempts);
  const attack = (): void => {
    for (let i = 0; i < 50; i++) attempts.failed(`203.0.113.${i}`, `u${i}`, server.clock.now());
  };
  attack();
  expect(server.log).toMatchObject([{ address: '203.0.113.0', user: 'u0' }]);
  await server.advance('1m');
  attack();
  expect(server.log).toMatchObject([{}, { moreLikeThis: 49 }]);
});

test('the log names the user by address, not by id', async () => {
  await using server = await serving({ signIn: { perUser: 1 } }, { log: 'warn', users: ['alice'] });
  server.find(SignInAttempts).failed('203.0.113.9', server.find(Directory).findByAor(ALICE)?.id ?? '', server.clock.now());
  expect(server.log).toMatchObject([{ user: ALICE, limit: 'user' }]);
});

test('spraying is visible: failures, refusals, and who waits now', async () => {
  await using server = await serving({ signIn: { perUser: 2, perUserMinute: 60, perAddress: 100 } });
  const attempts = server.find(SignInAttempts);
  for (let i = 0; i < 3; i++) attempts.failed(`203.0.113.${i}`, 'alice', server.clock.now());
  attempts.refuse('203.0.113.9', 'alice', server.clock.now());
  expect(server.figure('parley_sign_in_failures_total')).toBe(3);
  expect(server.figure('parley_sign_in_refusals_total{limit="user"}')).toBe(1);
  const waiting = (): readonly number[] => ['address', 'user'].map((limit) => server.figure(`parley_sign_in_waiting{limit="${limit}"}`));
  expect(waiting()).toEqual([0, 1]);
  await server.advance('1m');
  expect(waiting()).toEqual([0, 0]);
});

test('what has recovered is forgotten by itself while the server runs', async () => {
  await using server = await serving({ signIn: { perUser: 1, perUserMinute: 60 } });
  const attempts = server.find(SignInAttempts);
  attempts.failed('203.0.113.1', 'alice', server.clock.now());
  expect(attempts.refuse('203.0.113.1', 'alice', server.clock.now())).toBeDefined();
  await server.advance('2m');
  expect(attempts.refuse('203.0.113.1', 'alice', server.clock.now())).toBeUndefined();
});
