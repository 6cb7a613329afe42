/** Tokens of real clients against the code that opens them, byte by byte. */
import { ENCTYPES, KerberosTokenAcceptor, OID, ReplayCache, isSpnego, principalText, readNegTokenInit } from '@parley/sdk';
import type { Keytab } from '@parley/sdk';
import { expect, test } from 'vitest';
import { recordedHttp, recordedSignIns } from './recorded.ts';

const acceptorWith = (keytab: Keytab): KerberosTokenAcceptor =>
  new KerberosTokenAcceptor({
    keytab: () => keytab,
    enctypes: new Set(ENCTYPES.map(({ number }) => number)),
    skewMs: 300_000,
    replays: new ReplayCache(10, 10, 600_000),
  });

test('a keytab of kadmin holds what klist -ke shows', () => {
  const shown = recordedHttp.keytab.entries.map((e) => `${e.version} ${principalText(e.principal)} ${e.key?.enctype.name ?? ''}`);
  expect(shown).toEqual([
    '2 sip/ocs.example.test@EXAMPLE.TEST aes256-cts-hmac-sha1-96',
    '2 sip/ocs.example.test@EXAMPLE.TEST aes128-cts-hmac-sha1-96',
    '2 HTTP/localhost@EXAMPLE.TEST aes256-cts-hmac-sha1-96',
    '2 HTTP/localhost@EXAMPLE.TEST aes128-cts-hmac-sha1-96',
  ]);
});

test.each(recordedSignIns)(
  'MS-SIPAE section 3.4: an OCS client signs in with $enctype and its signature verifies',
  ({ keytab, token, time, signed, authorization }) => {
    const accepted = acceptorWith(keytab).accept(token, 'sip', time);
    if (accepted.kind === 'refused') throw new Error(accepted.detail);
    expect(accepted.client).toMatchObject({ components: ['alice'], realm: 'EXAMPLE.TEST' });
    expect(accepted.service.components).toEqual(['sip', 'ocs.example.test']);
    expect(accepted.reply).toBeUndefined();
    const signature = Buffer.from(authorization['response'] as string, 'hex');
    expect(accepted.mic.verify(Buffer.from(signed), signature)).toBe(true);
    expect(accepted.mic.verify(Buffer.from(signed.replace('alice', 'bob')), signature)).toBe(false);
  },
);

test.each(recordedSignIns)('no single byte of a ticket with $enctype can be changed', ({ keytab, token, time }) => {
  for (let at = 0; at < token.length; at++) {
    const altered = Buffer.from(token);
    altered[at] = (altered[at] as number) ^ 0x01;
    const verdict = acceptorWith(keytab).accept(altered, 'sip', time);
    if (verdict.kind === 'accepted') expect(differsOnlyInHints(token, at)).toBe(true);
  }
});

test('a ticket inside SPNEGO, as curl sends it, is answered with an AP-REP', () => {
  const init = readNegTokenInit(recordedHttp.token);
  expect([isSpnego(recordedHttp.token), isSpnego(init.token as Buffer)]).toEqual([true, false]);
  expect(init.mechanisms).toEqual([OID.kerberos]);
  const accepted = acceptorWith(recordedHttp.keytab).accept(init.token as Buffer, 'HTTP', recordedHttp.time);
  expect(accepted).toMatchObject({ kind: 'accepted', client: { components: ['alice'] }, reply: expect.any(Buffer) as Buffer });
});

/** What a service need not judge: ap-options, which no key protects, and the type of the service's name (RFC 4120 section 6.2). */
function differsOnlyInHints(token: Buffer, at: number): boolean {
  const options = token.indexOf(Buffer.from('a20703050000000000', 'hex'));
  const nameType = token.indexOf(Buffer.from('a003020103', 'hex'));
  return (at >= options + 4 && at <= options + 8) || at === nameType + 4;
}
