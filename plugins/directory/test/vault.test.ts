import { randomBytes } from 'node:crypto';
import { expect, test } from 'vitest';
import { Vault, deriveKey } from '../src/vault.ts';

const vault = new Vault(randomBytes(32));
const SECRET = Buffer.from('what a mechanism keeps');

test('what was sealed for a user and mechanism opens for them', () => {
  expect(vault.open('u1', 'nt-hash', vault.seal('u1', 'nt-hash', SECRET))).toEqual(SECRET);
});

test('the same value looks different each time it is sealed', () => {
  expect(vault.seal('u1', 'nt-hash', SECRET)).not.toBe(vault.seal('u1', 'nt-hash', SECRET));
});

test('a value moved to another user or mechanism does not open', () => {
  const sealed = vault.seal('u1', 'nt-hash', SECRET);
  expect(vault.open('u2', 'nt-hash', sealed)).toBeUndefined();
  expect(vault.open('u1', 'digest-md5', sealed)).toBeUndefined();
});

test('another key does not open it', () => {
  expect(new Vault(randomBytes(32)).open('u1', 'nt-hash', vault.seal('u1', 'nt-hash', SECRET))).toBeUndefined();
});

test('a value with any byte changed, or cut anywhere, does not open', () => {
  const bytes = Buffer.from(vault.seal('u1', 'nt-hash', SECRET), 'base64');
  for (let i = 0; i < bytes.length; i++) {
    const changed = Buffer.from(bytes);
    changed[i] = (changed[i] as number) ^ 1;
    expect(vault.open('u1', 'nt-hash', changed.toString('base64')), `byte ${i}`).toBeUndefined();
    expect(vault.open('u1', 'nt-hash', bytes.subarray(0, i).toString('base64')), `length ${i}`).toBeUndefined();
  }
});

test('a key of another length is refused', () => {
  expect(() => new Vault(randomBytes(16))).toThrow(RangeError);
});

test('a key is derived for each purpose: always the same, and none is the key itself', () => {
  const key = Buffer.alloc(32, 7);
  expect(deriveKey(key, 'tickets')).toEqual(deriveKey(key, 'tickets'));
  const keys = [key, deriveKey(key, 'tickets'), deriveKey(key, 'cookies'), deriveKey(Buffer.alloc(32, 8), 'tickets')];
  expect(new Set(keys.map((bytes) => bytes.toString('hex'))).size).toBe(4);
  expect(keys.every((bytes) => bytes.length === 32)).toBe(true);
});
