import { FakeClock } from '@parley/sdk';
import { expect, test } from 'vitest';
import type { User } from '../src/api.ts';
import { LimitedSignIns } from '../src/sign-in-attempts.ts';
import { SignInLimitsConfig } from '../src/sign-in-limits-config.ts';

const ALICE = { id: 'id-of-alice', aor: 'alice@example.com' } as User;

function signIns(limits: object): { attempts: LimitedSignIns; clock: FakeClock; warnings: unknown[][] } {
  const warnings: unknown[][] = [];
  const clock = new FakeClock();
  const directory = { findById: (id: string) => (id === ALICE.id ? ALICE : undefined) };
  const config = { signIn: SignInLimitsConfig.parse(limits) };
  const attempts = new LimitedSignIns(directory, clock, { warn: (...line: unknown[]) => void warnings.push(line) }, config);
  return { attempts, clock, warnings };
}

test('a guessing attack is one log line in ten seconds, with the address and how many more', () => {
  const { attempts, clock, warnings } = signIns({ perUser: 1, perAddress: 1 });
  const attack = (): void => {
    for (let i = 0; i < 50; i++) attempts.failed(`203.0.113.${i}`, `u${i}`, clock.now());
  };
  attack();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]?.[0]).toMatchObject({ address: '203.0.113.0', user: 'u0' });
  clock.advance(60_000);
  attack();
  expect(warnings).toHaveLength(2);
  expect(warnings[1]?.[0]).toMatchObject({ moreLikeThis: 49 });
});

test('the log names the user by address, not by id', () => {
  const { attempts, clock, warnings } = signIns({ perUser: 1 });
  attempts.failed('203.0.113.9', ALICE.id, clock.now());
  expect(warnings[0]?.[0]).toMatchObject({ user: 'alice@example.com', limit: 'user' });
});

test('spraying is visible: failures, refusals, and who waits now', () => {
  const { attempts, clock } = signIns({ perUser: 2, perUserMinute: 60, perAddress: 100 });
  for (let i = 0; i < 3; i++) attempts.failed(`203.0.113.${i}`, ALICE.id, clock.now());
  attempts.refuse('203.0.113.9', ALICE.id, clock.now());
  expect(attempts.failureSamples()).toEqual([{ labels: {}, value: 3 }]);
  expect(attempts.refusalSamples()).toContainEqual({ labels: { limit: 'user' }, value: 1 });
  expect(attempts.waitingSamples()).toEqual([
    { labels: { limit: 'address' }, value: 0 },
    { labels: { limit: 'user' }, value: 1 },
  ]);
  clock.advance(60_000);
  expect(attempts.waitingSamples()).toContainEqual({ labels: { limit: 'user' }, value: 0 });
});

test('what has recovered is forgotten by itself while the server runs', () => {
  const { attempts, clock } = signIns({ perUser: 1, perUserMinute: 60 });
  attempts.start();
  attempts.failed('203.0.113.1', ALICE.id, clock.now());
  clock.advance(120_000);
  expect(attempts.refuse('203.0.113.1', ALICE.id, clock.now())).toBeUndefined();
  attempts.stop();
  expect(clock.timers.size).toBe(0);
});
