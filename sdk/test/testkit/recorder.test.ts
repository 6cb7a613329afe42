import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import authDigest from '@parley/plugin-auth-digest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { readTrace, recordScenario, runScenario, testServer, wireLog } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';

const serving = (users: readonly string[] = []): Promise<TestServer> =>
  testServer({ plugins: [directory(), registrar(), routing()], users });

/** A call with everything in it that is different each time. */
async function talk(server: TestServer): Promise<void> {
  const alice = await server.endpoint('alice', { epid: '0a1b2c3d' }).register();
  const bob = await server.endpoint('bob', { transport: 'tcp' }).register();
  const call = alice.invite('bob', { headers: { Subject: 'lunch' } });
  const ringing = await bob.expect('INVITE').answer(180);
  await call.expect(180);
  await server.advance('3s');
  const taken = ringing.answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await call.bye().expect(200);
  const sent = alice.message('bob', 'Ünïcode: ☎, ${no placeholder}\n');
  await bob.expect('MESSAGE', { body: /☎/ }).answer(200);
  await sent.expect(200);
  const cancelled = alice.invite('bob');
  await bob.expect('INVITE').answer(180);
  await cancelled.expect(180);
  cancelled.cancel();
  await cancelled.expect(487);
}

test('what a test has said and heard becomes a scenario that runs again', async () => {
  await using first = await serving(['alice', 'bob']);
  await talk(first);
  const text = recordScenario(first, { title: 'a call, recorded' });
  expect(text).toContain('Ünïcode: ☎, $${no placeholder}${nl}');
  expect(text).not.toContain('REGISTER');
  await using second = await serving();
  await runScenario(second, text);
  expect(recordScenario(second, { title: 'a call, recorded' })).toBe(text);
});

test('captured messages become a scenario: literal ones with marks, and JSON lines', async () => {
  const message = (to: string): string =>
    [
      'MESSAGE sip:bob@lab.example SIP/2.0',
      'Via: SIP/2.0/TLS 10.1.2.3:49001;branch=z9hG4bKabcdef',
      'From: <sip:alice@lab.example>;tag=12345678;epid=0123456789ab',
      `To: <sip:bob@lab.example>${to}`,
      'Call-ID: c0ffee00c0ffee',
      'CSeq: 1 MESSAGE',
    ].join('\n');
  const answer = message(';tag=feedbeef').replace('MESSAGE sip:bob@lab.example SIP/2.0', 'SIP/2.0 404 Not Found');
  const marked = `>>> 10.1.2.3:49001\n${message('')}\nContent-Length: 2\n\nhi\n<<< 10.1.2.3:49001\n${answer}\n`;
  const lines = [
    { at: 1000, from: '10.1.2.3:49001', to: 'uc', message: `${message('')}\nContent-Length: 2\n\nhi` },
    { level: 'info', msg: 'something else' },
    { at: 1010, from: 'uc', to: '10.1.2.3:49001', message: `${answer}\n\n` },
  ];
  const json = lines.map((line) => JSON.stringify(line)).join('\n');
  const text = recordScenario(readTrace(marked), { title: 'nobody there', domain: 'lab.example' });
  expect(text).toBe(recordScenario(readTrace(json, 'uc'), { title: 'nobody there', domain: 'lab.example' }));
  expect(text).toBe(`# nobody there
[endpoint] alice  epid 0123456789ab  answers nothing

alice sends
    MESSAGE sip:bob@\${domain} SIP/2.0
    Via: SIP/2.0/TLS 10.1.2.3:49001;branch=z9hG4bK\${branch 1}
    From: <sip:alice@\${domain}>;tag=\${tag 1};epid=0123456789ab
    To: <sip:bob@\${domain}>
    Call-ID: \${call 1}
    CSeq: 1 MESSAGE

    hi

alice receives
    SIP/2.0 404 Not Found
    From: <sip:alice@\${domain}>;tag=\${tag 1};epid=0123456789ab
    To: <sip:bob@\${domain}>;tag=\${tag 2}
    Call-ID: \${call 1}
    CSeq: 1 MESSAGE
`);
  await using server = await serving();
  await runScenario(server, text);
});

test('a running server writes down what it hears and says, without credentials, and that runs again', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-wire-'));
  const file = join(folder, 'conversation.jsonl');
  const plugins = [directory(), authDigest(), registrar(), routing(), wireLog({ file })];
  {
    await using server = await testServer({ plugins, users: ['alice', 'bob'] });
    const alice = await server.endpoint('alice').register();
    const bob = await server.endpoint('bob').register();
    const call = alice.invite('bob');
    const taken = await bob.expect('INVITE').answer(200);
    await call.expect(200).ack();
    await taken.expect('ACK');
    await call.bye().expect(200);
  }
  const lines = readFileSync(file, 'utf8');
  rmSync(folder, { recursive: true });
  expect(lines).not.toMatch(/"Authorization|response=/);
  const text = recordScenario(readTrace(lines), { title: 'seen on a server', domain: 'example.com' });
  expect(text).toMatch(/^\[endpoint\] alice .*\n\[endpoint\] bob /m);
  await using again = await serving();
  await runScenario(again, text);
  expect(again.messages.map(({ message }) => message?.cseq.method)).toContain('BYE');
});

test('a trace that is none is refused with its line', () => {
  expect(() => readTrace('{"from":"a"}\nnonsense')).toThrow(/Line 2 of the trace: it is no JSON object/);
  expect(() => readTrace('\nINVITE sip:a SIP/2.0')).toThrow(/Line 2 of the trace: a message without >>> NAME/);
});
