import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { runScenario, testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';

const serving = (): Promise<TestServer> => testServer({ plugins: [directory(), registrar(), routing()] });
const BUSY = readFileSync(new URL('busy.scenario', import.meta.url), 'utf8');

test('a scenario runs as it is written, in words and in literal messages', async () => {
  await using server = await serving();
  await runScenario(server, BUSY);
  expect(server.messages.map(({ message, text }) => message?.cseq.method ?? text)).toContain('MESSAGE');
});

test.each([
  ['486\n', '487\n', /Line 8 .*alice expected 487 to its INVITE and got 486 Busy Here/],
  ['Call me back, ${name}.\n\nbob sends', 'Call me, ${name}.\n\nbob sends', /Line 22.*its body is/s],
  ['MESSAGE ${*} SIP/2.0', 'MESSAGE sip:bob SIP/2.0', /Line 22.*it begins with/s],
  ['To: <sip:bob@${domain}>;tag=${bob tag}', 'Date: ${*}', /Line 29.*it has no Date/s],
  ['bob receives nothing', 'carol receives nothing', /Line 34.*there is no endpoint carol/s],
])('a step that fails says its line and why, with the ladder: %s', async (from, to, message) => {
  const server = await serving();
  const at = BUSY.lastIndexOf(from);
  const wrong = BUSY.slice(0, at) + to + BUSY.slice(at + from.length);
  const failure = await runScenario(server, wrong).then(
    () => undefined,
    (error: unknown) => String(error),
  );
  expect(failure).toMatch(message);
  expect(failure).toContain('time       alice');
  await server.close();
});

test.each([
  ['alice says hello', /Line 1 of the scenario: neither a declaration nor a step: alice says hello/],
  ['    INVITE sip:bob SIP/2.0', /Line 1 .*without a step before it/],
  ['[endpoint] alice over smoke', /Line 1 .*over udp, tcp or tls: smoke/],
  ['after a while', /neither/],
  ['after 3x', /no duration/],
  ['alice sends', /no message/],
])('what cannot be read is refused before anything runs: %s', async (text, message) => {
  await using server = await serving();
  await expect(runScenario(server, text)).rejects.toThrow(message);
  expect(server.messages).toEqual([]);
});
