import { describe, expect, test } from 'vitest';
import { DER, DerReader, MAX_DEPTH, MAX_LENGTH } from '../../src/kerberos/der.ts';
import { der, derInteger, derOctets, derSequence, derTime } from '../../src/kerberos/der-writer.ts';

const reader = (hex: string): DerReader => new DerReader(Buffer.from(hex, 'hex'));

test.each([0, 1, 127, 128, 255, 256, 65_535, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1, -1, -128, -129, -(2 ** 31)])(
  'the INTEGER %i is read as it was written',
  (n) => {
    const bytes = derInteger(n);
    expect(new DerReader(bytes).integer()).toBe(n);
  },
);

test.each([0, 127, 128, 255, 256, 65_000])('%i octets have the shortest length that says so, and come back', (length) => {
  const bytes = derOctets(Buffer.alloc(length, 1));
  expect(bytes.length - length).toBe(length < 128 ? 2 : length < 256 ? 3 : 4);
  expect(new DerReader(bytes).take(DER.octetString)).toHaveLength(length);
});

test('a KerberosTime is whole seconds in UTC (RFC 4120 section 5.2.3)', () => {
  const time = Date.UTC(2026, 10, 22, 6, 0, 1);
  expect(derTime(time + 999).toString('latin1')).toContain('20261122060001Z');
  expect(new DerReader(derTime(time)).time()).toBe(time);
});

describe('refused', () => {
  test.each([
    ['an indefinite length', '30800000'],
    ['a length with a needless byte', '30810100'],
    ['a length with a leading zero', `0482008100`],
    ['a length of four bytes', '048400000001ff'],
    ['half a length', '3082ff'],
    ['no length', '30'],
    ['more announced than there is', '3003020101'.slice(0, 8)],
    ['an empty INTEGER', '0200'],
    ['an INTEGER with a needless zero', '02020001'],
    ['an INTEGER with a needless 0xff', '0202ff80'],
    ['an INTEGER of six bytes', '0206010000000000'],
    ['another type', '0101ff'],
    ['nothing', ''],
  ])('%s', (_, hex) => {
    expect(() =>
      reader(hex).inside(hex.startsWith('30') ? DER.sequence : hex.startsWith('04') ? DER.octetString : DER.integer, (r) => r.integer()),
    ).toThrow(expect.objectContaining({ code: expect.stringMatching(/^KERBEROS_DER_/) as string }) as Error);
    expect(() => reader(hex).integer()).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^KERBEROS_DER_/) as string }) as Error,
    );
  });

  test.each(['20261322060000Z', '20261122250000Z', '20261122060000', '20261122060000.5Z', '20261122060000+0100'])('the time %s', (text) => {
    expect(() => new DerReader(der(DER.generalizedTime, Buffer.from(text))).time()).toThrow(/time/);
  });

  test.each([
    ['a control character', Buffer.from('ali\0ce')],
    ['broken UTF-8', Buffer.from([0x61, 0xff])],
    ['2 KiB', Buffer.alloc(2048, 0x61)],
  ])('a string with %s', (_, bytes) => {
    expect(() => new DerReader(der(DER.generalString, bytes)).text()).toThrow(/string/);
  });

  test('what is left over in a SEQUENCE', () => {
    const bytes = derSequence(derInteger(1), derInteger(2));
    expect(() => new DerReader(bytes).inside(DER.sequence, (r) => r.integer())).toThrow(/more than belongs here/);
  });

  test(`more than ${MAX_DEPTH} levels`, () => {
    let bytes = derSequence();
    for (let level = 0; level < 200; level++) bytes = derSequence(bytes);
    const dive = (r: DerReader): void => r.inside(DER.sequence, dive);
    expect(() => dive(new DerReader(bytes))).toThrow(expect.objectContaining({ code: 'KERBEROS_DER_LIMIT' }) as Error);
  });

  test(`more than ${MAX_LENGTH} bytes`, () => {
    expect(() => new DerReader(Buffer.alloc(MAX_LENGTH + 1))).toThrow(expect.objectContaining({ code: 'KERBEROS_DER_LIMIT' }) as Error);
  });

  test('more elements than the limit of a list', () => {
    const bytes = Buffer.concat([derInteger(1), derInteger(2), derInteger(3)]);
    expect(new DerReader(bytes).list(3, (r) => r.integer())).toEqual([1, 2, 3]);
    expect(() => new DerReader(bytes).list(2, (r) => r.integer())).toThrow(/more than 2 elements/);
  });
});
