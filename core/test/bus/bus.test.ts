import { AsyncLocalStorage } from 'node:async_hooks';
import { beforeEach, expect, test } from 'vitest';
import { InProcessBus, requestSubject, subject } from '../../src/bus/index.ts';
import { FakeClock } from '../../src/clock/index.ts';

const Bound = subject<{ aor: string }>('registrar.bound');
const Lookup = requestSubject<{ name: string }, string>('directory.lookup');

let clock: FakeClock;
let errors: object[];
let bus: InProcessBus;

beforeEach(() => {
  clock = new FakeClock();
  errors = [];
  bus = new InProcessBus(clock, { error: (fields) => void errors.push(fields) });
});

/** Lets everything that is published be delivered. */
const delivered = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('every subscriber gets every message of its subject, in the order of publishing', async () => {
  const seen: string[] = [];
  bus.subscribe(Bound, ({ aor }) => void seen.push(`1 ${aor}`));
  bus.subscribe(Bound, ({ aor }) => void seen.push(`2 ${aor}`));
  bus.subscribe(subject('registrar.unbound'), () => void seen.push('never'));
  bus.publish(Bound, { aor: 'alice' });
  bus.publish(Bound, { aor: 'bob' });
  await delivered();
  expect(seen).toEqual(['1 alice', '2 alice', '1 bob', '2 bob']);
});

test('a subscriber runs after the publisher has returned', async () => {
  let seen = 0;
  bus.subscribe(Bound, () => void seen++);
  bus.publish(Bound, { aor: 'alice' });
  expect(seen).toBe(0);
  await delivered();
  expect(seen).toBe(1);
});

test('a subscriber runs outside of what the publisher was doing', async () => {
  const context = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  bus.subscribe(Bound, () => void seen.push(context.getStore()));
  bus.answer(Lookup, () => String(context.getStore()));
  await context.run('a transaction', async () => {
    bus.publish(Bound, { aor: 'alice' });
    seen.push(await bus.request(Lookup, { name: 'alice' }));
  });
  expect(seen).toEqual([undefined, 'undefined']);
});

test('a subscriber that fails is logged and reaches nobody else', async () => {
  const seen: string[] = [];
  bus.subscribe(Bound, () => {
    throw new Error('at once');
  });
  bus.subscribe(Bound, () => Promise.reject(new Error('later')));
  bus.subscribe(Bound, ({ aor }) => void seen.push(aor));
  bus.publish(Bound, { aor: 'alice' });
  await delivered();
  expect(seen).toEqual(['alice']);
  expect(errors).toMatchObject([
    { subject: 'registrar.bound', err: { message: 'at once' } },
    { subject: 'registrar.bound', err: { message: 'later' } },
  ]);
});

test('a subscription that was ended gets nothing, not even what was on its way', async () => {
  let seen = 0;
  const end = bus.subscribe(Bound, () => void seen++);
  bus.publish(Bound, { aor: 'alice' });
  end();
  end();
  bus.publish(Bound, { aor: 'bob' });
  await delivered();
  expect(seen).toBe(0);
});

test('a request gets the answer, or the answerer’s own error', async () => {
  bus.answer(Lookup, ({ name }) => {
    if (name === 'mallory') throw new Error('no such user');
    return `${name}@example.com`;
  });
  expect(await bus.request(Lookup, { name: 'alice' })).toBe('alice@example.com');
  await expect(bus.request(Lookup, { name: 'mallory' })).rejects.toThrow('no such user');
  expect(clock.timers.size).toBe(0);
});

test('a request that nobody answers fails at once', async () => {
  await expect(bus.request(Lookup, { name: 'alice' })).rejects.toMatchObject({ code: 'BUS_NOBODY_ANSWERS' });
});

test('a request whose answer does not come fails when its time is over', async () => {
  bus.answer(Lookup, () => new Promise(() => {}));
  const answer = bus.request(Lookup, { name: 'alice' }, { timeoutMs: 100 });
  const refused = expect(answer).rejects.toMatchObject({ code: 'BUS_TIMEOUT', status: 504 });
  clock.advance(110);
  await refused;
});

test('one subject has one answerer', () => {
  const end = bus.answer(Lookup, () => 'first');
  expect(() => bus.answer(Lookup, () => 'second')).toThrow(expect.objectContaining({ code: 'BUS_ANSWERED_TWICE' }));
  end();
  bus.answer(Lookup, () => 'second');
});

test('closing ends subscriptions and fails what waits for an answer', async () => {
  let seen = 0;
  bus.subscribe(Bound, () => void seen++);
  bus.answer(Lookup, () => new Promise(() => {}));
  const answer = bus.request(Lookup, { name: 'alice' });
  const refused = expect(answer).rejects.toMatchObject({ code: 'BUS_CLOSED' });
  bus.publish(Bound, { aor: 'alice' });
  await bus.close();
  await refused;
  await delivered();
  expect(seen).toBe(0);
  expect(clock.timers.size).toBe(0);
  await expect(bus.request(Lookup, { name: 'alice' })).rejects.toMatchObject({ code: 'BUS_CLOSED' });
});

test.each(['', 'Registrar', 'a..b', 'a b'])('%j is no name of a subject', (name) => {
  expect(() => subject(name)).toThrow(TypeError);
});
