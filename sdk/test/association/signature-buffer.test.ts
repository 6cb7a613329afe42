import { SipRequest, SipResponse } from '@parley/core';
import { expect, test } from 'vitest';
import { signatureBuffer } from '../../src/association/signature-buffer.ts';
import type { SignatureContext } from '../../src/association/signature-buffer.ts';

const NTLM: SignatureContext = { scheme: 'NTLM', realm: 'SIP Communications Service', targetName: 'ucsrv.example.com', version: 4 };

function register(more: readonly (readonly [string, string])[] = []): SipRequest {
  return SipRequest.create('REGISTER', 'sip:example.com', [
    ['Via', 'SIP/2.0/TLS 192.0.2.50:50123'],
    ['From', '<sip:alice@example.com>;tag=11112222;epid=a1b2c3d4e5f6'],
    ['To', '<sip:alice@example.com>'],
    ['Call-ID', '0123g4567aTESTx'],
    ['CSeq', '3 REGISTER'],
    ...more,
  ]);
}

test('MS-SIPAE sheet 3.7: the text of a request', () => {
  expect(signatureBuffer(register(), NTLM, '1a2b3c4d', '1')).toBe(
    '<NTLM><1a2b3c4d><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><><><><>',
  );
});

test('MS-SIPAE sheet 3.7: the text of a response ends with its code', () => {
  const response = SipResponse.reply(register(), 200, 'OK', 'AABBCCDD');
  response.append('Expires', '7200');
  expect(signatureBuffer(response, NTLM, '9E8D7C6B', '1')).toBe(
    '<NTLM><9E8D7C6B><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><sip:alice@example.com><AABBCCDD><><><7200><200>',
  );
});

test('MS-SIPAE sheet 3.7: an asserted identity keeps its case; absent tel and Expires are empty', () => {
  const invite = SipRequest.create('INVITE', 'sip:bob@example.com', [
    ['Via', 'SIP/2.0/TLS 192.0.2.50:50123'],
    ['From', '"Alice"<sip:alice@example.com>;tag=t1'],
    ['To', '<sip:bob@example.com>;tag=t2'],
    ['Call-ID', 'call-id'],
    ['CSeq', '1 INVITE'],
  ]);
  const ringing = SipResponse.reply(invite, 180);
  ringing.append('P-Asserted-Identity', '"Bob"<SIP:bob@example.com>');
  const context = { ...NTLM, realm: 'realm', targetName: 'target' };
  expect(signatureBuffer(ringing, context, '1B6D47A1', '11')).toBe(
    '<NTLM><1B6D47A1><11><realm><target><call-id><1><INVITE><sip:alice@example.com><t1><sip:bob@example.com><t2><SIP:bob@example.com><><><180>',
  );
});

test.each([
  ['P-Asserted-Identity', '"Bob" <sip:bob@example.com>, <tel:+14255550101>', '<sip:bob@example.com><tel:+14255550101>'],
  ['P-Asserted-Identity', 'tel:+14255550101', '<><tel:+14255550101>'],
  ['P-Preferred-Identity', '<sip:bob@example.com>', '<sip:bob@example.com><>'],
])('MS-SIPAE sheet 3.6: %s: %s gives %s', (header, value, fields) => {
  expect(signatureBuffer(register([[header, value]]), NTLM, 'r', '1')).toContain(`<sip:alice@example.com><>${fields}<>`);
});

test('P-Asserted-Identity goes before P-Preferred-Identity', () => {
  const both = register([
    ['P-Preferred-Identity', '<sip:mallory@example.com>'],
    ['P-Asserted-Identity', '<sip:alice@example.com>'],
  ]);
  expect(signatureBuffer(both, NTLM, 'r', '1')).toContain('<><sip:alice@example.com><><>');
});

test('MS-SIP 3.1.4.2: version 2 has neither To nor asserted identity', () => {
  const message = register([['P-Asserted-Identity', '<sip:alice@example.com>']]);
  expect(signatureBuffer(message, { ...NTLM, version: 2 }, 'r', '1')).toBe(
    '<NTLM><r><1><SIP Communications Service><ucsrv.example.com><0123g4567aTESTx><3><REGISTER><sip:alice@example.com><11112222><><>',
  );
});

test('versions 3 and 4 are signed alike', () => {
  expect(signatureBuffer(register(), { ...NTLM, version: 3 }, 'r', '1')).toBe(signatureBuffer(register(), NTLM, 'r', '1'));
});

test('what a client writes is signed as written: zeros before the CSeq number, any case of the URI', () => {
  const odd = register();
  odd.set('CSeq', '003 REGISTER');
  odd.set('From', '"A <b>" <SIP:Alice@Example.COM;user=ip>;tag=11112222');
  expect(signatureBuffer(odd, NTLM, 'r', '1')).toContain('<003><REGISTER><SIP:Alice@Example.COM;user=ip><11112222>');
});
