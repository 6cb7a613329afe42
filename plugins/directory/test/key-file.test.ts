import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { loadOrMakeKey } from '../src/key-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-key-'));
afterAll(() => rmSync(folder, { recursive: true }));

test('the first start makes a key of 32 bytes that only the server can read, and leaves nothing else behind', () => {
  const file = join(folder, 'new', 'directory.key');
  const key = loadOrMakeKey(file, 0);
  expect(key).toHaveLength(32);
  expect(readFileSync(file)).toEqual(key);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readdirSync(join(folder, 'new'))).toEqual(['directory.key']);
});

test('the next start reads the same key', () => {
  const file = join(folder, 'again.key');
  expect(loadOrMakeKey(file, 0)).toEqual(loadOrMakeKey(file, 7));
});

test('a missing key is an error, not a new key, when something is encrypted under it', () => {
  const file = join(folder, 'lost.key');
  expect(() => loadOrMakeKey(file, 12)).toThrow(expect.objectContaining({ code: 'DIRECTORY_KEY_MISSING' }) as Error);
  expect(() => loadOrMakeKey(file, 12)).toThrow(/lost\.key is missing, but 12/);
});

test('a key file of another length is refused', () => {
  const file = join(folder, 'short.key');
  writeFileSync(file, 'short', { mode: 0o600 });
  expect(() => loadOrMakeKey(file, 0)).toThrow(/has 5 bytes instead of 32/);
});

test('a key file that others can read is refused', () => {
  const file = join(folder, 'open.key');
  loadOrMakeKey(file, 0);
  chmodSync(file, 0o640);
  expect(() => loadOrMakeKey(file, 0)).toThrow(expect.objectContaining({ fix: `Run: chmod 600 ${file}` }) as Error);
});
