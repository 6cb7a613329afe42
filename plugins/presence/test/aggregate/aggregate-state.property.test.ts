/** What holds of every aggregation. */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { aggregateState, availabilityClass } from '../../src/aggregate/index.ts';
import type { PublishedState } from '../../src/aggregate/index.ts';
import { NOW, published } from './states.ts';

const availability = fc.oneof(fc.constantFrom(3500, 5000, 6500, 8000, 9500, 12_500, 15_500, 18_500), fc.integer({ min: 0, max: 20_000 }));
const state: fc.Arbitrary<PublishedState> = fc
  .record({
    type: fc.constantFrom('machineState' as const, 'userState' as const, 'phoneState' as const, 'calendarState' as const),
    availability: fc.option(availability, { nil: undefined }),
    manual: fc.boolean(),
    instance: fc.integer({ min: 2, max: 9 }),
    ago: fc.integer({ min: 0, max: 5 }),
    expiresIn: fc.option(fc.integer({ min: -1, max: 2 }), { nil: undefined }),
    token: fc.option(fc.constantFrom('on-the-phone', 'in-a-meeting'), { nil: undefined }),
  })
  .map(({ type, availability, manual, instance, ago, expiresIn, token }) =>
    published(type, {
      manual,
      instance,
      publishTime: NOW - ago,
      ...(availability === undefined ? {} : { availability }),
      ...(expiresIn === undefined ? {} : { expiresAt: NOW + expiresIn }),
      ...(token === undefined ? {} : { more: `<activity token="${token}" minAvailability="6500"/>` }),
    }),
  );
/** In one container a type has each instance once. */
const keyed = { selector: ({ type, instance }: PublishedState) => `${type} ${instance}` };
const states = fc.uniqueArray(state, { ...keyed, maxLength: 8 });
const workgroup = fc.boolean();

const alive = ({ expiresAt }: PublishedState): boolean => expiresAt === undefined || expiresAt > NOW;
const isOn = ({ type, availability }: PublishedState): boolean =>
  type === 'machineState' && availability !== undefined && availabilityClass(availability) !== 'offline';

test('MS-PRES S5: the order in which states come does not matter', () => {
  fc.assert(
    fc.property(
      states.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      workgroup,
      ([all, shuffled], workgroup) => {
        const [one, two] = [
          aggregateState({ states: all, now: NOW, workgroup }),
          aggregateState({ states: shuffled, now: NOW, workgroup }),
        ];
        expect(two.document).toBe(one.document);
      },
    ),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: without a machine that is on, its user is offline; with one, only by hand', () => {
  fc.assert(
    fc.property(states, workgroup, (all, workgroup) => {
      const current = all.filter(alive);
      const result = aggregateState({ states: all, now: NOW, workgroup });
      const offline = availabilityClass(result.availability) === 'offline';
      if (!current.some(isOn)) expect([result.availability, result.machine, result.token]).toEqual([18_500, undefined, undefined]);
      else if (offline)
        expect(current.some(({ type, availability }) => type !== 'machineState' && (availability ?? 0) >= 18_000)).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: nothing comes out that nobody said, but for the step from active to idle', () => {
  fc.assert(
    fc.property(states, (all) => {
      const said = new Set([3500, 18_500, ...all.filter(alive).flatMap(({ availability }) => availability ?? [])]);
      const { availability } = aggregateState({ states: all, now: NOW });
      expect(said.has(availability) || (said.has(availability - 1500) && availabilityClass(availability).endsWith('idle'))).toBe(true);
    }),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: nobody is less available than the least available of what counts, nor more than the most', () => {
  fc.assert(
    fc.property(states, (all) => {
      const current = all.filter(alive);
      if (!current.some(isOn)) return;
      const numbers = current.flatMap(({ availability }) => availability ?? []);
      const { availability } = aggregateState({ states: all, now: NOW });
      expect(availability).toBeLessThanOrEqual(Math.max(3500, ...numbers) + 1500);
      expect(availability).toBeGreaterThanOrEqual(Math.min(3500, ...numbers));
    }),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: at an active machine, a higher status set by hand never shows as more available', () => {
  const others = fc.uniqueArray(
    state.filter(({ type, availability }) => type !== 'userState' && type !== 'machineState' && (availability ?? 0) < 12_000),
    { ...keyed, maxLength: 5 },
  );
  fc.assert(
    fc.property(others, availability, availability, workgroup, (others, a, b, workgroup) => {
      const shown = (availability: number): number =>
        aggregateState({
          states: [
            published('machineState', { availability: 3500 }),
            published('userState', { availability, publishTime: NOW }),
            ...others,
          ],
          now: NOW,
          workgroup,
        }).availability;
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      if (!workgroup) expect(shown(low)).toBeLessThanOrEqual(shown(high));
      if (high >= 12_000) expect(shown(high)).toBe(high);
    }),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: another machine never makes a user who is not in a call less available', () => {
  fc.assert(
    fc.property(fc.uniqueArray(state, { ...keyed, maxLength: 6 }), fc.constantFrom(3500, 5000, 15_500), (others, second) => {
      const standard = others.filter(({ type }) => type !== 'machineState' && type !== 'phoneState');
      const one = [...standard, published('machineState', { availability: 15_500 })];
      const two = [...one, published('machineState', { availability: second, instance: 99 })];
      const [alone, both] = [one, two].map((states) => aggregateState({ states, now: NOW }).availability);
      expect(both).toBeLessThanOrEqual(alone as number);
    }),
    { numRuns: 500 },
  );
});

test('MS-PRES S5: the workgroup never sees somebody as less available than colleagues do', () => {
  fc.assert(
    fc.property(states, (all) => {
      const [colleagues, workgroup] = [false, true].map((workgroup) => aggregateState({ states: all, now: NOW, workgroup }).availability);
      // Who is urgently available is so at an idle machine as well: that alone may lower the number.
      if (workgroup !== 6900) expect(workgroup).toBe(colleagues);
      else expect(colleagues as number).toBeGreaterThanOrEqual(6900);
    }),
    { numRuns: 500 },
  );
});
