import { expect, test } from 'vitest';
import { DER } from '../../src/kerberos/der.ts';
import { der, derField, derOctets, derSequence } from '../../src/kerberos/der-writer.ts';
import { OID, writeFrame, writeOid } from '../../src/kerberos/gss-token.ts';
import { NEG_STATE, isSpnego, readNegTokenInit, writeNegTokenResp } from '../../src/kerberos/spnego.ts';

const init = (...fields: Buffer[]): Buffer => writeFrame(OID.spnego, derField(0, derSequence(...fields)));
const mechanisms = (...oids: string[]): Buffer => derField(0, derSequence(...oids.map(writeOid)));

test('RFC 4178 section 4.2.1: the mechanisms in order, and the token of the first', () => {
  const token = init(
    mechanisms(OID.kerberosOfWindows, OID.kerberos, OID.ntlm),
    derField(1, der(DER.bitString, Buffer.from([1, 2]))),
    derField(2, derOctets(Buffer.from('token'))),
    derField(3, derOctets(Buffer.from('mic'))),
  );
  expect(isSpnego(token)).toBe(true);
  expect(readNegTokenInit(token)).toEqual({ mechanisms: [OID.kerberosOfWindows, OID.kerberos, OID.ntlm], token: Buffer.from('token') });
  expect(readNegTokenInit(init(mechanisms(OID.ntlm))).token).toBeUndefined();
});

test('an NTLM message is no SPNEGO, and nothing is none', () => {
  expect(isSpnego(Buffer.from('NTLMSSP\0\x01'))).toBe(false);
  expect(isSpnego(Buffer.alloc(0))).toBe(false);
});

test('RFC 4178 section 4.2.2: state, mechanism and token of the answer', () => {
  expect(writeNegTokenResp(NEG_STATE.acceptCompleted, OID.kerberos, Buffer.from('abc')).toString('hex')).toBe(
    'a11b3019a0030a0100a10b06092a864886f712010202a2050403616263',
  );
  expect(writeNegTokenResp(NEG_STATE.reject, undefined, undefined).toString('hex')).toBe('a1073005a0030a0102');
});

test.each([
  ['a list of a hundred mechanisms', init(mechanisms(...Array.from({ length: 100 }, () => OID.ntlm)))],
  ['a continuation', writeFrame(OID.spnego, derField(1, derSequence()))],
  ['a token without its frame', derField(0, derSequence(mechanisms(OID.kerberos)))],
  ['another mechanism', writeFrame(OID.kerberos, derSequence())],
  ['more than one message', Buffer.concat([init(mechanisms(OID.kerberos)), Buffer.from([0])])],
])('%s is refused', (_, token) => {
  expect(() => readNegTokenInit(token)).toThrow(expect.objectContaining({ code: expect.stringMatching(/^KERBEROS_/) as string }) as Error);
});
