import { describe, expect, test } from 'vitest';
import { AES128_SHA1, AES256_SHA1 } from '../../src/kerberos/aes-sha1.ts';
import { Keytab, MAX_KEYTAB_BYTES } from '../../src/kerberos/keytab.ts';
import { principalText } from '../../src/kerberos/principal.ts';
import { kerberosService, randomKerberosKey, testKeytab, writeKeytab } from '../../src/testkit/sign-in/kerberos-issuer.ts';

const SIP = kerberosService('sip/ocs.example.test');

/** One entry, as MIT writes it. */
function entry(over: { enctype?: number; key?: Buffer; low?: number; full?: number | undefined } = {}): Buffer {
  const { enctype = 18, key = Buffer.alloc(32, 1), low = 2 } = over;
  const counted = (bytes: Buffer | string): Buffer[] => [u16(Buffer.byteLength(bytes)), Buffer.from(bytes as string)];
  const body = Buffer.concat([
    u16(2),
    ...counted('EXAMPLE.TEST'),
    ...counted('sip'),
    ...counted('ocs.example.test'),
    u32(1),
    u32(1_700_000_000),
    Buffer.from([low]),
    u16(enctype),
    ...counted(key),
    ...(over.full === undefined ? [] : [u32(over.full)]),
  ]);
  return Buffer.concat([u32(body.length), body]);
}
const u16 = (n: number): Buffer => Buffer.from([n >> 8, n & 0xff]);
const u32 = (n: number): Buffer => Buffer.from([(n >>> 24) & 0xff, (n >>> 16) & 0xff, (n >>> 8) & 0xff, n & 0xff]);
const file = (...entries: Buffer[]): Buffer => Buffer.concat([u16(0x0502), ...entries]);
const versions = (bytes: Buffer): number[] => Keytab.parse(bytes, 't').entries.map(({ version }) => version);

test('the version is the long one where it is written, and holes are passed over', () => {
  const hole = Buffer.concat([u32(-7), Buffer.alloc(7)]);
  expect(versions(file(entry({ low: 3 }), hole, entry({ low: 44, full: 300 }), entry({ low: 5, full: 0 })))).toEqual([3, 300, 5]);
  expect(versions(file())).toEqual([]);
});

test('a key of a type that this server does not know is listed and not used', () => {
  const keytab = Keytab.parse(file(entry({ enctype: 3, key: Buffer.alloc(8) })), 't');
  expect(keytab.entries[0]).toMatchObject({ enctype: 3, key: undefined });
  expect(keytab.find(SIP, 18, 2)).toEqual({ kind: 'enctype', present: ['des-cbc-md5'] });
});

describe('looking for a key', () => {
  const [old, fresh] = [randomKerberosKey(), randomKerberosKey()];
  const keytab = testKeytab(
    { principal: 'sip/ocs.example.test', key: old, version: 2 },
    { principal: 'sip/ocs.example.test', key: fresh, version: 3 },
  );

  test('several versions serve tickets from before and after a change of key', () => {
    expect(keytab.find(SIP, 18, 2)).toEqual({ kind: 'found', keys: [old] });
    expect(keytab.find(SIP, 18, 3)).toEqual({ kind: 'found', keys: [fresh] });
    expect(keytab.find(SIP, 18, undefined)).toEqual({ kind: 'found', keys: [old, fresh] });
  });

  test('services are the same in any case, realms are not', () => {
    expect(keytab.find(kerberosService('SIP/OCS.Example.Test'), 18, 2).kind).toBe('found');
    expect(keytab.find(kerberosService('sip/ocs.example.test', 'example.test'), 18, 2)).toEqual({ kind: 'principal' });
  });

  test('what is missing is said: principal, type or version', () => {
    expect(keytab.find(kerberosService('sip/other.example.test'), 18, 2)).toEqual({ kind: 'principal' });
    expect(keytab.find(SIP, AES128_SHA1.number, 2)).toEqual({ kind: 'enctype', present: [AES256_SHA1.name] });
    expect(keytab.find(SIP, 18, 4)).toEqual({ kind: 'version', present: ['2', '3'] });
  });

  test('version 0 in a keytab fits every ticket, and eight bits of a long version are enough', () => {
    const any = testKeytab({ principal: 'sip/ocs.example.test', key: old, version: 0 });
    expect(any.find(SIP, 18, 77).kind).toBe('found');
    const low = testKeytab({ principal: 'sip/ocs.example.test', key: old, version: 44 });
    expect(low.find(SIP, 18, 300).kind).toBe('found');
  });

  test('the services of one kind', () => {
    const keytab = testKeytab(
      { principal: 'sip/localhost', key: randomKerberosKey() },
      { principal: 'HTTP/localhost', key: randomKerberosKey() },
      { principal: 'HTTP/localhost', key: randomKerberosKey(), version: 3 },
    );
    expect(keytab.services('http').map(principalText)).toEqual(['HTTP/localhost@EXAMPLE.TEST']);
    expect(keytab.services('cifs')).toEqual([]);
  });
});

describe('refused with the place', () => {
  test.each([
    ['another version', Buffer.from('0501', 'hex'), 0, /version 0x0501/],
    ['nothing', Buffer.alloc(0), 0, /the end/],
    ['a text file', Buffer.from('not a keytab at all'), 0, /version 0x6e6f/],
    ['an entry longer than the file', Buffer.concat([file(), u32(100), Buffer.alloc(20)]), 6, /100 bytes, of which 20/],
    ['an entry that ends early', Buffer.concat([file(), u32(5), u16(2), u16(400), Buffer.alloc(1)]), 10, /middle of an entry/],
    ['a key of the wrong length', file(entry({ key: Buffer.alloc(31) })), 56, /a key of 31 bytes for aes256-cts-hmac-sha1-96/],
  ] as const)('%s', (_, bytes, at, found) => {
    const parse = (): Keytab => Keytab.parse(bytes, '/etc/parley.keytab');
    expect(parse).toThrow(found);
    expect(parse).toThrow(expect.objectContaining({ code: 'KERBEROS_KEYTAB_MALFORMED', place: `/etc/parley.keytab:${at}` }) as Error);
  });

  test('cut off anywhere, a keytab is refused or has fewer keys', () => {
    const keytabBytes = writeKeytab(...[2, 3].map((version) => ({ principal: 'sip/ocs.example.test', key: randomKerberosKey(), version })));
    const keytab = Keytab.parse(keytabBytes, 't');
    for (let length = 0; length < keytabBytes.length; length++) {
      try {
        expect(Keytab.parse(keytabBytes.subarray(0, length), 't').entries.length).toBeLessThan(keytab.entries.length);
      } catch (error) {
        expect(error).toMatchObject({ code: 'KERBEROS_KEYTAB_MALFORMED' });
      }
    }
  });

  test('too many bytes, too many entries', () => {
    const tooMany = expect.objectContaining({ code: 'KERBEROS_KEYTAB_LIMIT' }) as Error;
    expect(() => Keytab.parse(Buffer.alloc(MAX_KEYTAB_BYTES + 1), 't')).toThrow(tooMany);
    expect(() => Keytab.parse(file(...Array.from({ length: 5000 }, () => entry())), 't')).toThrow(tooMany);
  });
});
