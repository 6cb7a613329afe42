import { expect, test } from 'vitest';
import { H, SipResponse } from '@parley/sdk';
import type { Flow } from '@parley/sdk';
import { testFlow, testRequest, testResponse } from '@parley/sdk/testkit';
import { InsidePeers } from '../src/inside-peers.ts';
import { DiagnosticsGate } from '../src/gate.ts';
import { DiagnosticsStamp } from '../src/stamp.ts';

/** The flows that messages leave by, by who is at the other end. */
const FLOWS = {
  signedIn: testFlow({ transport: 'TLS', authenticated: true }),
  signingIn: testFlow({ transport: 'TLS' }),
  gateway: testFlow({ transport: 'TLS', trusted: true, authenticated: true, remote: { host: '192.0.2.77', port: 5061 } }),
  partner: testFlow({ transport: 'TLS', trusted: true, authenticated: true, tlsPeer: 'sip.example.org' }),
  unknownServer: testFlow({ transport: 'TLS', tlsPeer: 'sip.example.net' }),
} as const;

/** An answer that this server makes. */
function aRefusal(status: number, headers: Readonly<Record<string, string>> = {}, method = 'INVITE'): SipResponse {
  const response = SipResponse.reply(testRequest(`${method} sip:bob@example.com SIP/2.0`), status);
  for (const [name, value] of Object.entries(headers)) response.append(name, value);
  return response;
}

/** The same answer as it comes from elsewhere. */
const received = (response: SipResponse): SipResponse => testResponse(response.serialize().toString());

const PEERS = new InsidePeers(['192.0.2.64/26', 'gw.example.com']);
const stamp = new DiagnosticsStamp(PEERS, 'uc.example.com');

/** ms-diagnostics and ms-diagnostics-public of a message as it leaves by `flow`. */
function left(response: SipResponse, flow: Flow = FLOWS.signedIn): [string[], string[]] {
  stamp.apply(response, flow);
  return [response.all(H.MSDiagnostics), response.all(H.MSDiagnosticsPublic)];
}

test('MS-OCER R1: what the server refuses carries ErrorId, reason and its own name as source', () => {
  expect(left(aRefusal(482))).toEqual([['61482;reason="Loop Detected";source="uc.example.com"'], []]);
  expect(left(aRefusal(603))).toEqual([['61603;reason="Decline";source="uc.example.com"'], []]);
});

test.each([
  [500, 0],
  [503, 1],
  [504, 1007],
  [501, 62_501],
  [408, 61_408],
])('MS-OCER R1: a %i that nobody explained has ErrorId %i', (status, id) => {
  expect(left(aRefusal(status))[0][0]).toMatch(new RegExp(`^${id};reason="`));
});

test('MS-OCER R1: the reason is the sentence of the Warning where there is one', () => {
  const [[value]] = left(aRefusal(483, { Warning: '399 uc.example.com "Max-Forwards is \\"0\\""' }));
  expect(value).toBe(`61483;reason="Max-Forwards is '0'";source="uc.example.com"`);
});

test('MS-OCER R1: there is exactly one, the first, where several would be said', () => {
  const response = aRefusal(404, { 'ms-diagnostics': '1003;reason="a";source="uc.example.com"' });
  response.append(H.MSDiagnostics, '61404;reason="b"');
  expect(left(response)[0]).toEqual(['1003;reason="a";source="uc.example.com"']);
});

test('MS-OCER R1: a first challenge has none, a failed handshake keeps what it says', () => {
  expect(left(aRefusal(401, { 'WWW-Authenticate': 'NTLM realm="x"' }))[0]).toEqual([]);
  expect(left(aRefusal(407, { 'Proxy-Authenticate': 'NTLM realm="x"' }))[0]).toEqual([]);
  const failed = { 'WWW-Authenticate': 'NTLM realm="x"', 'ms-diagnostics': '1000;reason="Final handshake failed"' };
  expect(left(aRefusal(401, failed), FLOWS.signingIn)[0]).toEqual(['1000;reason="Final handshake failed"']);
});

test('MS-OCER R1: what succeeds, or is on its way, is not explained', () => {
  for (const status of [100, 180, 200, 302]) expect(left(aRefusal(status))).toEqual([[], []]);
});

test('MS-OCER R2: what is relayed from elsewhere is passed on as it came', () => {
  expect(left(received(aRefusal(486)))).toEqual([[], []]);
  const explained = received(aRefusal(480, { 'ms-diagnostics': '15;reason="x";source="mcu.example.com"' }));
  expect(left(explained)[0]).toEqual(['15;reason="x";source="mcu.example.com"']);
});

test('MS-OCER R3: other organisations do not get the private header, and keep the public one', () => {
  const said = { 'ms-diagnostics': '4004;reason="a";source="uc.example.com"', 'ms-diagnostics-public': '4004;reason="b"' };
  for (const flow of [FLOWS.partner, FLOWS.unknownServer]) {
    expect(left(aRefusal(403, said), flow)).toEqual([[], ['4004;reason="b"']]);
    expect(left(received(aRefusal(403, said)), flow)).toEqual([[], ['4004;reason="b"']]);
    const bye = testRequest([
      'BYE sip:dora@example.org SIP/2.0',
      'ms-diagnostics: 51004;reason="x"',
      'ms-client-diagnostics: 51004;reason="x"',
    ]);
    stamp.apply(bye, flow);
    expect([bye.has(H.MSDiagnostics), bye.has(H.MSClientDiagnostics)]).toEqual([false, true]);
  }
});

test('MS-OCER R3: a client that has not signed in learns why it could not, and nothing of what others said', () => {
  const said = { 'ms-diagnostics': '1003;reason="a"' };
  expect(left(aRefusal(404, said), FLOWS.signingIn)[0]).toEqual(['1003;reason="a"']);
  expect(left(received(aRefusal(404, said)), FLOWS.signingIn)[0]).toEqual([]);
});

test('servers of this organisation get it, by address or by the name in their certificate', () => {
  const said = { 'ms-diagnostics': '1003;reason="a"' };
  expect(left(received(aRefusal(404, said)), FLOWS.gateway)[0]).toHaveLength(1);
  const named = testFlow({ trusted: true, tlsPeer: 'gw.example.com', remote: { host: '198.51.100.9', port: 5061 } });
  expect(left(received(aRefusal(404, said)), named)[0]).toHaveLength(1);
});

test('MS-OCER R4: ms-diagnostics of clients and partners is removed, what they may say passes', () => {
  const gate = new DiagnosticsGate(PEERS);
  const lines = ['ms-diagnostics: 1;reason="x"', 'ms-client-diagnostics: 51004;reason="y"', 'ms-diagnostics-public: 2;reason="z"'];
  for (const [flow, kept] of [
    [FLOWS.signedIn, false],
    [FLOWS.signingIn, false],
    [FLOWS.partner, false],
    [FLOWS.gateway, true],
  ] as const) {
    const message = testRequest(['BYE sip:bob@example.com SIP/2.0', ...lines]);
    gate.check({ message, flow, identity: undefined });
    expect([message.has(H.MSDiagnostics), message.has(H.MSClientDiagnostics), message.has(H.MSDiagnosticsPublic)]).toEqual([
      kept,
      true,
      true,
    ]);
  }
  expect(gate.removed).toBe(3);
});

test('MS-OCER R6: nothing that a peer wrote can end the quotes or the line', () => {
  const response = aRefusal(400, { Warning: '399 uc.example.com "say \\"hi\\"; x=\\\\ \u00e9"' });
  expect(left(response)[0]).toEqual([`61400;reason="say 'hi'; x=' '";source="uc.example.com"`]);
});

test('MS-OCER R8: a 403 gives its text in ms-diagnostics-public too, whose reason clients show', () => {
  const register = aRefusal(403, { Warning: '399 uc.example.com "dora@example.com is disabled"' }, 'REGISTER');
  expect(left(register, FLOWS.signingIn)[1]).toEqual(['61403;reason="dora@example.com is disabled"']);
  const known = aRefusal(403, { 'ms-diagnostics': '4141;reason="dora is disabled";source="uc.example.com"' }, 'REGISTER');
  expect(left(known, FLOWS.signingIn)[1]).toEqual(['4141;reason="dora is disabled"']);
});

test('a network that is none is refused by name', () => {
  expect(() => new InsidePeers(['192.0.2.0/33'])).toThrow(/"192.0.2.0\/33" in insidePeers/);
  expect(() => new InsidePeers(['gw.example.com/24'])).toThrow(/insidePeers/);
  expect(new InsidePeers(['2001:db8::/32']).has(testFlow({ remote: { host: '2001:db8::5', port: 1 } }))).toBe(true);
  expect(new InsidePeers([]).has(testFlow())).toBe(false);
});
