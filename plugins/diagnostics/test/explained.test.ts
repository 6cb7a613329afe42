/** What a whole server says of refusals, and to whom. [MS-OCER] */
import { expect, test } from 'vitest';
import { H } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import plugin from '../src/plugin.ts';
import { serving } from './serving.ts';

test('MS-OCER R1: what core itself refuses is explained once, with the sentence of its Warning', async () => {
  await using server = await testServer({ plugins: [plugin()] });
  const answer = await server.endpoint('alice').message('nobody', 'hello').expect(404);
  const [warning] = answer.all(H.Warning);
  const reason = /"(.*)"/.exec(warning ?? '')?.[1] ?? answer.reason;
  expect(answer.all(H.MSDiagnostics)).toEqual([`61404;reason="${reason}";source="uc.example.com"`]);
});

test('MS-OCER R1: a request that cannot be read is told why', async () => {
  await using server = await testServer({ plugins: [plugin()] });
  const alice = server.endpoint('alice');
  await alice.write(
    [
      'MESSAGE sip:bob@example.com SIP/2.0',
      'Via: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK1',
      'From: <sip:alice@example.com>;tag=1',
      'To: <sip:bob@example.com>',
      'Call-ID: 1',
      'CSeq: one MESSAGE',
      'Max-Forwards: 70\n\n',
    ].join('\n'),
  );
  const { text } = await alice.next();
  expect(text).toMatch(/^SIP\/2\.0 400 /);
  expect(text.match(/^ms-diagnostics: .*$/gm)).toEqual([
    expect.stringMatching(/^ms-diagnostics: 61400;reason="[^"]*CSeq[^"]*";source="uc\.example\.com"$/) as string,
  ]);
});

const SAID = { 'ms-diagnostics': '1;reason="x"', 'ms-client-diagnostics': '51004;reason="y"', 'ms-diagnostics-public': '2;reason="z"' };
const PASSES = { ...SAID, 'ms-diagnostics': null };

test('MS-OCER R4: ms-diagnostics of clients is removed, what they may say passes', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const sent = alice.message('bob', 'hello', { headers: SAID });
  await bob.expect('MESSAGE', { headers: PASSES }).answer(480, { headers: SAID });
  await sent.expect(480, { headers: PASSES });
  expect(server.figure('parley_diagnostics_removed_total')).toBe(2);
});

test.each([
  ['a server of this organisation is told', ['192.0.2.77'], /^1003;reason=/],
  ['another one is not told', [], null],
] as const)('MS-OCER R3: %s why, in the private header', async (_, insidePeers, told) => {
  await using server = await serving({ insidePeers: [...insidePeers] });
  const gateway = await server.peer('gw.example.org', { trusted: true, address: '192.0.2.77' });
  await gateway.message('ghost', 'hello').expect(404, { headers: { 'ms-diagnostics': told } });
});
