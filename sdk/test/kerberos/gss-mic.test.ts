import { describe, expect, test } from 'vitest';
import { AES128_SHA1, AES256_SHA1 } from '../../src/kerberos/aes-sha1.ts';
import { AES128_SHA256, AES256_SHA384 } from '../../src/kerberos/aes-sha2.ts';
import { KEY_USAGE } from '../../src/kerberos/enctype.ts';
import { acceptorMicContext } from '../../src/kerberos/gss-mic.ts';
import { RC4_HMAC } from '../../src/kerberos/rc4-hmac.ts';
import { initiatorMic, randomKerberosKey } from '../../src/testkit/sign-in/kerberos-issuer.ts';

const MESSAGE = Buffer.from('<Kerberos><9E8D7C6B><1><SIP Communications Service>');

describe.each([AES128_SHA1, AES256_SHA1, AES128_SHA256, AES256_SHA384])('RFC 4121 with $name', (enctype) => {
  const key = randomKerberosKey(enctype);

  test('section 4.2.6.1: a token of the acceptor has its flag, the filler and the next sequence number', () => {
    const mic = acceptorMicContext(key, 0xffff_ffff);
    const [first, second] = [mic.sign(MESSAGE), mic.sign(MESSAGE)];
    expect(first.toString('hex', 0, 16)).toBe('040401ffffffffff00000000ffffffff');
    expect(second.toString('hex', 0, 16)).toBe('040401ffffffffff0000000100000000');
    // Checksum over message, then header, with the acceptor's key usage.
    const expected = key.for(KEY_USAGE.acceptorSign).checksum(Buffer.concat([MESSAGE, first.subarray(0, 16)]));
    expect(first.subarray(16)).toEqual(expected);
  });

  test('a token of the initiator is verified whatever its number', () => {
    const mic = acceptorMicContext(key, 1);
    for (const sequence of [1, 7, 2 ** 32 - 1]) expect(mic.verify(MESSAGE, initiatorMic(key, MESSAGE, sequence))).toBe(true);
  });

  test('another message, another key, our own token sent back, one bit or a missing byte: not verified', () => {
    const mic = acceptorMicContext(key, 1);
    const token = initiatorMic(key, MESSAGE);
    expect(mic.verify(Buffer.from('other'), token)).toBe(false);
    expect(mic.verify(MESSAGE, initiatorMic(randomKerberosKey(enctype), MESSAGE))).toBe(false);
    expect(mic.verify(MESSAGE, mic.sign(MESSAGE))).toBe(false);
    for (let at = 0; at < token.length; at++) {
      const altered = Buffer.from(token);
      altered[at] = (altered[at] as number) ^ 1;
      expect(mic.verify(MESSAGE, altered)).toBe(false);
      expect(mic.verify(MESSAGE, token.subarray(0, at))).toBe(false);
    }
  });
});

describe('RFC 4757 section 7.2 with rc4-hmac', () => {
  const key = randomKerberosKey(RC4_HMAC);

  test('a token has the form that Office Communications Server sends ([MS-SIPREGE] section 4: 602306092A864886F71201020201011100FFFFFFFF...)', () => {
    const token = acceptorMicContext(key, 1).sign(MESSAGE);
    expect(token).toHaveLength(37);
    expect(token.toString('hex', 0, 21)).toBe('602306092a864886f71201020201011100ffffffff');
  });

  test('our own token sent back is not taken for one of the initiator', () => {
    const mic = acceptorMicContext(key, 1);
    expect(mic.verify(MESSAGE, mic.sign(MESSAGE))).toBe(false);
    expect(mic.verify(MESSAGE, Buffer.alloc(0))).toBe(false);
    expect(mic.verify(MESSAGE, Buffer.alloc(37))).toBe(false);
  });
});
