import { SipRequest } from '@parley/core';
import { describe, expect, test } from 'vitest';
import { readCredentials, takeCredentials } from '../../src/association/credentials.ts';
import { endpointOf } from '../../src/association/endpoint-identifiers.ts';
import { REPLAY_WINDOW, ReplayWindow } from '../../src/association/replay-window.ts';
import { randomHex } from '../../src/association/security-association.ts';
import { endpointGruu, instanceOfEpid } from '../../src/endpoint/index.ts';

const TARGET = { scheme: 'NTLM', realm: 'SIP Communications Service', targetName: 'ucsrv.example.com' } as const;
const BOTH = 'realm="SIP Communications Service", targetname="ucsrv.example.com"';

describe('credentials', () => {
  test('MS-SIPAE sheet 3.1: parameters come in any order, quoted or not, hexadecimal in any case', () => {
    const signed = { opaque: '2BDBAC9D', gssapiData: undefined, signature: { crand: '1A2b', cnum: '07', num: 7, response: 'Ab01' } };
    expect(readCredentials(`NTLM ${BOTH}, opaque="2bdbac9d", crand="1A2b", cnum="07", response="Ab01", qop="auth"`, TARGET)).toMatchObject(
      signed,
    );
    expect(readCredentials(`ntlm response=Ab01 ,cnum=07,  opaque=2BDBAC9D, crand=1A2b, ${BOTH}`, TARGET)).toMatchObject(signed);
  });

  test('MS-SIPAE sheet 3.1: base64 may contain =, an empty token is a token, no version is 2', () => {
    expect(readCredentials(`NTLM ${BOTH}, gssapi-data="YQ==", version=4`, TARGET)).toMatchObject({ gssapiData: 'YQ==', version: 4 });
    expect(readCredentials(`NTLM ${BOTH}, gssapi-data=""`, TARGET)).toMatchObject({ gssapiData: '', version: 2 });
  });

  test.each([
    `Kerberos ${BOTH}, gssapi-data=""`,
    'NTLM realm="elsewhere", targetname="ucsrv.example.com", gssapi-data=""',
    'NTLM realm="SIP Communications Service", targetname="other.example.com", gssapi-data=""',
    'NTLMv3 realm="x"',
    'NTLM',
  ])('MS-SIPAE R2: those of another scheme, realm or target are not ours: %s', (value) => {
    expect(readCredentials(value, TARGET)).toBeUndefined();
  });

  test.each([
    `${BOTH}, opaque="2BDBAC9", response="00", crand="1", cnum="1"`,
    `${BOTH}, opaque="2BDBAC9G", response="00", crand="1", cnum="1"`,
    `${BOTH}, opaque="2BDBAC9D", response="xy", crand="1", cnum="1"`,
    `${BOTH}, opaque="2BDBAC9D", response="00", crand="1", cnum="4294967296"`,
    `${BOTH}, opaque="2BDBAC9D", response="00", crand="1", cnum="-1"`,
    `${BOTH}, opaque="2BDBAC9D", response="00", crand="<>", cnum="1"`,
    `${BOTH}, opaque="2BDBAC9D", response="00"`,
    `${BOTH}, opaque="2BDBAC9D", opaque="2BDBAC9D"`,
    `${BOTH}, version=x, gssapi-data=""`,
    `${BOTH}, "no name"`,
    Array.from({ length: 30 }, (_, i) => `p${i}=1`).join(', '),
  ])('what cannot be read is malformed, never half read: %s', (rest) => {
    expect(readCredentials(`NTLM ${rest}`, TARGET)).toBe('malformed');
  });

  test('MS-SIPAE R12: ours are taken out of either header, those for others stay', () => {
    const request = SipRequest.create('INVITE', 'sip:bob@example.com', [
      ['Proxy-Authorization', 'Digest realm="elsewhere"'],
      ['Proxy-Authorization', `NTLM ${BOTH}, opaque="2BDBAC9D", crand="1", cnum="1", response="00"`],
    ]);
    expect(takeCredentials(request, TARGET)).toMatchObject({ opaque: '2BDBAC9D' });
    expect(request.all('Proxy-Authorization')).toEqual(['Digest realm="elsewhere"']);
    expect(takeCredentials(request, TARGET)).toBeUndefined();
  });
});

describe('the replay window', () => {
  test('MS-SIPAE R11: each counter is good once, in any order within 256', () => {
    const window = new ReplayWindow();
    for (const num of [1, 2, 5, 3, 300, 45, 299]) {
      expect(window.isNew(num), String(num)).toBe(true);
      window.mark(num);
      expect(window.isNew(num), String(num)).toBe(false);
    }
    expect(window.isNew(4)).toBe(false); // too far behind 300
    expect(window.isNew(46)).toBe(true);
  });

  test('MS-SIPAE R11: agrees with a list of all that was seen', () => {
    const window = new ReplayWindow();
    const seen = new Set<number>();
    let highest = -1;
    let state = 12_345;
    for (let i = 0; i < 20_000; i++) {
      state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
      const num = Math.max(0, Math.floor(i / 3) + (state % 600) - 300);
      const expected = num > highest || (highest - num < REPLAY_WINDOW && !seen.has(num));
      expect(window.isNew(num)).toBe(expected);
      if (!expected) continue;
      window.mark(num);
      seen.add(num);
      highest = Math.max(highest, num);
    }
  });

  test('the largest counters work as the small ones', () => {
    const window = new ReplayWindow();
    window.mark(4_294_967_295);
    expect(window.isNew(4_294_967_295)).toBe(false);
    expect(window.isNew(4_294_967_290)).toBe(true);
  });
});

describe('endpoint identifiers', () => {
  const UUID = instanceOfEpid('a1b2c3d4e5f6');
  const request = (contact: string, epid = ';epid=a1b2c3d4e5f6'): SipRequest =>
    SipRequest.create('REGISTER', 'sip:example.com', [
      ['From', `<sip:Alice@example.com>;tag=1${epid}`],
      ['Contact', contact],
    ]);

  test('MS-SIPAE R4: epid, instance and GRUU of one endpoint agree', () => {
    const contact = `<${endpointGruu('alice@example.com', UUID)}>;+sip.instance="<urn:uuid:${UUID}>"`;
    expect(endpointOf(request(contact))).toEqual({ aor: 'alice@example.com', epid: 'a1b2c3d4e5f6', instance: UUID });
    expect(endpointOf(request(contact, ''))).toMatchObject({ epid: '', instance: UUID });
    expect(endpointOf(request('<sip:192.0.2.1>', ';epid=A1B2'))).toMatchObject({ epid: 'a1b2' });
    expect(endpointOf(request('*'))).toMatchObject({ aor: 'alice@example.com' });
  });

  test.each([
    ['another instance', `<sip:192.0.2.1>;+sip.instance="<urn:uuid:${instanceOfEpid('01010101')}>"`],
    ['no UUID', '<sip:192.0.2.1>;+sip.instance="<urn:x>"'],
    ['the GRUU of another endpoint', `<${endpointGruu('alice@example.com', instanceOfEpid('01010101'))}>`],
    ['the GRUU of another user', `<${endpointGruu('bob@example.com', UUID)}>`],
    ['a made-up GRUU', '<sip:alice@example.com;gruu;opaque=user:epid:AAAA>'],
  ])('MS-SIPAE R4: %s is a contradiction', (_, contact) => {
    expect(endpointOf(request(contact))).toEqual(expect.any(String));
  });

  test('an epid of more than 16 characters is refused', () => {
    expect(endpointOf(request('<sip:192.0.2.1>', `;epid=${'a'.repeat(17)}`))).toMatch(/too long/);
  });
});

test('MS-SIPAE section 5: random numbers are 8 hexadecimal digits and differ', () => {
  const made = Array.from({ length: 3000 }, randomHex);
  expect(made.every((text) => /^[0-9A-F]{8}$/.test(text))).toBe(true);
  expect(new Set(made).size).toBeGreaterThan(2990);
});
