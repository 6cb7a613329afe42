import { array, assert, integer, property } from 'fast-check';
import { expect, test } from 'vitest';
import { isBetter, statusForCaller } from '../../src/proxy/best-response.ts';

/** The status that is left when each is held against the best so far, in this order. */
function best(...statuses: number[]): number {
  return statuses.reduce((chosen, status) => (isBetter(status, chosen) ? status : chosen));
}

test.each([
  ['a refusal everywhere beats all others', [486, 404, 603, 302], 603],
  ['the lowest class goes back', [500, 404, 302], 302],
  ['a challenge goes before a busy', [486, 407, 480], 407],
  ['busy goes before not available', [480, 486], 486],
  ['not available goes before cancelled and timed out', [487, 408, 480], 480],
  ['anything specific goes before a timeout', [408, 404], 404],
])('%s', (_, statuses, expected) => {
  expect(best(...statuses)).toBe(expected);
});

test('the choice does not depend on which branch was quicker, but between equals', () => {
  const status = integer({ min: 300, max: 699 });
  assert(
    property(array(status, { minLength: 1, maxLength: 8 }), (statuses) => {
      const one = best(...statuses);
      const other = best(...statuses.toReversed());
      expect(isBetter(one, other) || isBetter(other, one)).toBe(false);
    }),
  );
});

test('RFC 3261 16.7 step 6: the 503 of one server is a 500 for the caller', () => {
  expect(statusForCaller(503)).toBe(500);
  expect(statusForCaller(486)).toBe(486);
});
