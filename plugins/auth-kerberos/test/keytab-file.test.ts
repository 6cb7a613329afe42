import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { randomKerberosKey, testLog, writeKeytab } from '@parley/sdk/testkit';
import type { TestLog } from '@parley/sdk/testkit';
import { KeytabFile } from '../src/keytab-file.ts';
import { SPN, temporaryFolder, weakKey } from './support.ts';

/** A keytab file with these contents, and what is said about it. */
function make(bytes: Buffer | undefined): { file: string; keytab: KeytabFile; log: TestLog; put: (bytes: Buffer) => void } {
  const file = join(temporaryFolder(), 'parley.keytab');
  const put = (contents: Buffer): void => writeFileSync(file, contents, { mode: 0o600 });
  if (bytes !== undefined) put(bytes);
  const log = testLog();
  return { file, log, put, keytab: new KeytabFile({ file, spn: SPN, enctypes: new Set([17, 18]) }, log) };
}
const good = (version = 2): Buffer => writeKeytab({ principal: SPN, key: randomKerberosKey(), version });
const code = (expected: string): Error => expect.objectContaining({ code: expected }) as Error;

test('a good keytab is listed by the health check', () => {
  const { keytab } = make(good());
  expect(keytab.keytab.entries).toEqual([]);
  keytab.open();
  expect(keytab.health()).toEqual({ state: 'ok', detail: 'sip/ocs.example.test@EXAMPLE.TEST: version 2 aes256-cts-hmac-sha1-96' });
});

test('no keytab, a damaged one, or one without a usable key of the service keeps the server from starting', () => {
  expect(() => make(undefined).keytab.open()).toThrow(code('AUTH_KERBEROS_KEYTAB_UNREADABLE'));
  expect(() => make(Buffer.from('no keytab')).keytab.open()).toThrow(code('KERBEROS_KEYTAB_MALFORMED'));
  const other = make(writeKeytab({ principal: 'HTTP/ocs.example.test', key: randomKerberosKey() }));
  expect(() => other.keytab.open()).toThrow(code('AUTH_KERBEROS_SPN_MISSING'));
  expect(() => other.keytab.open()).toThrow(/it has HTTP\/ocs.example.test@EXAMPLE.TEST/);
  const weak = make(writeKeytab({ principal: SPN, key: weakKey() }));
  expect(() => weak.keytab.open()).toThrow(/it has version 2 rc4-hmac/);
  expect(() => make(Buffer.from('0502', 'hex')).keytab.open()).toThrow(/it has no keys/);
});

test('a new keytab is taken over while the server runs', () => {
  const { keytab, put, log } = make(good());
  keytab.open();
  put(Buffer.concat([good(3), good(4).subarray(2)]));
  keytab.refresh();
  expect(keytab.keytab.entries.map(({ version }) => version)).toEqual([3, 4]);
  expect(log.lines).toMatchObject([{ fields: { keys: expect.stringContaining('version 4') as string }, message: 'keytab replaced' }]);
  keytab.refresh();
  expect(log.lines).toHaveLength(1);
});

test('a bad new keytab is refused, said once, and the old keys stay', () => {
  const { keytab, put, log, file } = make(good());
  keytab.open();
  put(Buffer.from('half a file'));
  keytab.refresh();
  keytab.refresh();
  expect(keytab.keytab.entries).toHaveLength(1);
  expect(log.lines).toMatchObject([{ fields: { keytab: file }, message: 'the new keytab cannot be used; the old one stays' }]);
  expect(keytab.health()).toMatchObject({ state: 'warn', detail: expect.stringContaining('damaged at byte 0') as string });
  rmSync(file);
  keytab.refresh();
  expect(keytab.health()).toMatchObject({ state: 'warn', detail: expect.stringContaining('cannot be read') as string });
  put(good(5));
  keytab.refresh();
  expect(keytab.health().state).toBe('ok');
});

test.skipIf(process.platform === 'win32')('a keytab that everybody can read is warned of', () => {
  const { keytab, file } = make(good());
  keytab.open();
  chmodSync(file, 0o644);
  expect(keytab.health()).toMatchObject({ state: 'warn', fix: expect.stringContaining('chmod 0600') as string });
});
