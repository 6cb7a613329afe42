import { expect, test } from 'vitest';
import { keepAliveConflict } from '../src/keep-alive.ts';

test('MS-CONMGMT R8: the operator is told when connections would be closed before clients break their silence', () => {
  expect(keepAliveConflict(300, 360_000)).toBeUndefined();
  expect(keepAliveConflict(300, 0), 'never closed').toBeUndefined();
  expect(keepAliveConflict(300, 359_000)).toContain('set limits.idleSeconds to 360 or more');
});
