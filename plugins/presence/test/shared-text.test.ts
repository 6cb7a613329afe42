import { expect, test } from 'vitest';
import { shared } from '../src/shared-text.ts';

test('equal texts stay what they are, whatever they hold and however many there are', () => {
  const texts = Array.from({ length: 10_000 }, (_, i) => `<note>${i % 3000} \u00e9 \u{1f600} ${'x'.repeat(i % 50)}</note>`);
  for (const text of texts) expect(shared(text)).toBe(text);
  const long = 'y'.repeat(5000);
  expect(shared(long)).toBe(long);
  expect(shared('')).toBe('');
});
