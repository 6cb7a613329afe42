import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { Output } from '../src/output.ts';
import { printTrial, traceScript } from '../src/script-trace.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-trace-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function file(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function script(name: string, text: string, elements = ''): string {
  return file(
    name,
    `<a:applicationManifest a:appUri="http://example.com/${name}" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">${elements}<a:splScript><![CDATA[\n${text}\n]]></a:splScript></a:applicationManifest>`,
  );
}

// As an editor saves it: LF, a Content-Length of another day, a line end at the end.
const INVITE = `INVITE sip:bob@example.com SIP/2.0
Via: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK74bf9
From: "Alice" <sip:alice@example.com>;tag=1;epid=aa
To: <sip:bob@example.com>
Call-ID: c1
CSeq: 1 INVITE
Max-Forwards: 70
Content-Length: 99

v=0
`;
const message = file('invite.sip', INVITE);
const OK = `SIP/2.0 200 OK\nVia: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK74bf9\nFrom: <sip:alice@example.com>;tag=1\nTo: <sip:bob@example.com>;tag=2\nCall-ID: c1\nCSeq: 1 INVITE\n`;

test('a trace prints each line with what it found and what it did to the message', async () => {
  const path = script(
    'edit.am',
    'from = GetUserAtHost(sipRequest.From);\nif (from == "alice@example.com") {\n  AddHeader("X-From", from);\n}',
  );
  const { out } = await run('script', 'trace', path, '--message', message);
  expect(out).toBe(`
INVITE sip:bob@example.com SIP/2.0  (TLS 192.0.2.1:5060)
  From "Alice" <sip:alice@example.com>;tag=1;epid=aa
  To   <sip:bob@example.com>
      2  from = GetUserAtHost(sipRequest.From);
         from = "alice@example.com"
      3  if (from == "alice@example.com") {
         from == "alice@example.com" is true
      4  AddHeader("X-From", from);
         + X-From: alice@example.com
  1. edit.am: let it pass
  goes on to sip:bob@example.com, changed since it came:
         + X-From: alice@example.com

edit.am: the request goes on to sip:bob@example.com
`);
});

test('a trace is cut to the width of a terminal, and to none where a program reads it', async () => {
  const text = 'long '.repeat(60);
  const trial = await traceScript(script('wide.am', `x = "${text}";\nRespond(403, x);`), { message });
  const printed = (terminal: object): string[] => {
    const kept: string[] = [];
    const write = (chunk: Buffer, _encoding: string, done: () => void): void => {
      kept.push(chunk.toString());
      done();
    };
    const out = Object.assign(new Writable({ write }), terminal);
    printTrial('wide.am', trial, new Output(out, out));
    return stripVTControlCharacters(kept.join('')).split('\n');
  };
  const widest = (lines: readonly string[]): number => Math.max(...lines.map((line) => line.length));
  expect(widest(printed({ isTTY: true, columns: 100 }))).toBe(100);
  expect(widest(printed({ isTTY: true }))).toBe(80);
  expect(printed({}).join('\n')).toContain(`answered 403 ${text.trim()}`);
});

test('a response goes back through the script', async () => {
  const path = script('back.am', 'if (sipResponse) { AddHeader("X-Back", "1"); }');
  const { out } = await run('script', 'trace', path, '--message', message, '--response', file('ok.sip', OK));
  expect(out).toMatch(/SIP\/2\.0 200 OK[\s\S]*\+ X-Back: 1[\s\S]*back\.am: the response goes back to the caller\n$/);
  const kept = script('kept.am', 'if (sipRequest) { ProxyRequest(""); }', '<a:proxyByDefault action="false"/>');
  expect((await traceScript(kept, { message, response: join(folder, 'ok.sip') })).returned).toBe(false);
});

test('users, their endpoints and their methods come from the command line', async () => {
  const path = script(
    'endpoints.am',
    'foreach (dbEndpoint in QueryEndpoints("bob@example.com")) {\n  if (SupportsMethod("INVITE", dbEndpoint.StandardMethods, dbEndpoint.ExtraMethods)) { ProxyRequest(dbEndpoint.ContactInfo); return; }\n}',
  );
  const users = ['bob=sip:192.0.2.7:5061;transport=tls methods=MESSAGE', 'bob=sip:192.0.2.8:5061;transport=tls epid=e2 methods=INVITE,BYE'];
  expect((await traceScript(path, { message, user: users })).sent).toEqual(['sip:192.0.2.8:5061;transport=tls']);
  expect((await traceScript(path, { message })).sent).toEqual(['sip:bob@example.com']);
});

test('a fork leaves as several requests', async () => {
  const path = script('fork.am', 'BeginFork(false, 0); Fork("sip:b1@example.com"); Fork("sip:b2@example.com"); EndFork();');
  expect((await traceScript(path, { message })).sent).toEqual(['sip:b1@example.com', 'sip:b2@example.com']);
});

test('a table can be replaced', async () => {
  const elements = '<a:file name="acl" path="acl.csv" keyColumnName="user"><a:column name="user"/><a:column name="action"/></a:file>';
  const path = script('acl.am', 'if (acl[GetUserAtHost(sipRequest.From)].action == "deny") { Respond(403, "Forbidden"); }', elements);
  file('acl.csv', 'mallory@example.com,deny\n');
  expect((await traceScript(path, { message })).answered).toEqual([]);
  const table = [`acl.csv=${file('other.csv', 'alice@example.com,deny\n')}`];
  expect((await traceScript(path, { message, table })).answered).toEqual(['403 Forbidden']);
  const byName = [`acl=${join(folder, 'other.csv')}`];
  expect((await traceScript(path, { message, table: byName })).answered).toEqual(['403 Forbidden']);
  await expect(traceScript(path, { message, table: ['alc=other.csv'] })).rejects.toThrow(
    expect.objectContaining({ fix: expect.stringContaining('acl (acl.csv); did you mean acl.') as string }) as Error,
  );
});

test('a user without a contact has an endpoint, one who is offline has none, and the trace says how many there were', async () => {
  const path = script(
    'each.am',
    'foreach (dbEndpoint in QueryEndpoints("bob@example.com")) {\n  ProxyRequest(dbEndpoint.ContactInfo);\n  return;\n}',
  );
  const traced = async (user: string): Promise<unknown> => {
    const { sent, events } = await traceScript(path, { message, user: [user] });
    return { sent, found: events.flatMap((event) => (event.kind === 'line' ? event.values.map(({ value }) => value) : [])) };
  };
  expect(await traced('bob')).toEqual({
    sent: [expect.stringMatching(/^sip:bob@192\.0\.2\.\d+:5061;transport=tls$/)],
    found: expect.arrayContaining(['1 element']) as unknown,
  });
  expect(await traced('bob=offline')).toEqual({ sent: ['sip:bob@example.com'], found: ['0 elements'] });
});

test('how the message came can be said', async () => {
  const path = script(
    'peer.am',
    'if (sipMessage.TlsPeer == "gw.example.com") { Respond(200, "peer"); }\nif (sipMessage.Authenticated) { Respond(200, "known"); }',
  );
  const answered = async (settings: object): Promise<readonly string[]> => (await traceScript(path, { message, ...settings })).answered;
  expect(await answered({})).toEqual([]);
  expect(await answered({ fromFlow: 'tls:gw.example.com' })).toEqual(['200 peer']);
  expect(await answered({ identity: 'sip:alice@example.com' })).toEqual(['200 known']);
});

test('a message that the filters keep from the script says why', async () => {
  const path = script('quiet.am', '', '<a:requestFilter methodNames="MESSAGE"/>');
  const { out } = await run('script', 'trace', path, '--message', message);
  expect(out).toContain('1. quiet.am: not shown (requestFilter takes MESSAGE)');
});

test('JSON has the same events', async () => {
  const { out } = await run('script', 'trace', script('x.am', 'Respond(486, "Busy");'), '--message', message, '--json');
  expect(JSON.parse(out)).toMatchObject({
    answered: ['486 Busy'],
    sent: [],
    events: [{ kind: 'message' }, { kind: 'line', line: 2 }, { kind: 'answered' }, { kind: 'outcome' }],
  });
});

test.each([
  [{ message: file('none.sip', 'hello') }, 'HOST_CAPTURE'],
  [{ message: join(folder, 'nowhere.sip') }, 'CLI_UNREADABLE'],
  [{ message, response: message }, 'CLI_BAD_OPTION'],
  [{ message, user: ['=x'] }, 'CLI_BAD_OPTION'],
  [{ message, user: ['bob=tel:1'] }, 'CLI_BAD_OPTION'],
  [{ message, fromFlow: 'pigeon' }, 'CLI_BAD_OPTION'],
  [{ message, table: ['acl.csv'] }, 'CLI_BAD_OPTION'],
])('what cannot be used is refused: %o', async (settings, code) => {
  await expect(traceScript(script('x.am', ''), settings)).rejects.toThrow(expect.objectContaining({ code }));
});

test('a script that does not compile is not traced', async () => {
  await expect(traceScript(script('bad.am', 'nonsense'), { message })).rejects.toThrow(/bad\.am:2:1/);
});
