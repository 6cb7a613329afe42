/** The eleven worked scripts of docs/writing-a-routing-script.md, each at work in a server; and the page shows them as they are. */
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { BUILTINS, RequestContext, compileApplication, definePlugin, formatDiagnostic } from '@parley/sdk';
import type { ScriptValue } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { Endpoint, TestServer, TestServerOptions } from '@parley/sdk/testkit';
import { afterAll, expect, test } from 'vitest';
import { z } from 'zod';
import { ROOT } from './generated-page.ts';

const SCRIPTS = join(ROOT, 'docs/scripts');
const PAGE = readFileSync(join(ROOT, 'docs/writing-a-routing-script.md'), 'utf8');
const EXAMPLES = readdirSync(SCRIPTS).filter((name) => name.endsWith('.am'));
const folder = mkdtempSync(join(tmpdir(), 'parley-scripts-'));

afterAll(() => rmSync(folder, { recursive: true }));

const PLUGINS: TestServerOptions['plugins'] = [directory(), registrar(), routing({ outbound: 'allow' })];

/** A server that runs one of the scripts. */
async function serverWith(script: string, users: readonly string[], options: Partial<TestServerOptions> = {}): Promise<TestServer> {
  return testServer({ plugins: PLUGINS, users, config: { scripts: { extra: [join(SCRIPTS, script)] } }, ...options });
}

test('block.am: who is in the table is refused, everybody else gets through', async () => {
  await using server = await serverWith('block.am', ['alice', 'bob', 'mallory']);
  const [alice, bob, mallory] = await Promise.all(['alice', 'bob', 'mallory'].map((name) => server.endpoint(name).register()));
  await mallory?.invite('bob').expect(403);
  const call = alice?.invite('bob');
  await bob?.expect('INVITE').answer(486);
  await call?.expect(486);
});

test('redirect.am: one caller is told where to call, another is forwarded, the deputy gets through', async () => {
  await using server = await serverWith('redirect.am', ['alice', 'bob', 'carol', 'reception']);
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const carol = await server.endpoint('carol').register();
  const told = await alice.invite('reception').expect(302);
  expect(told.first('Contact')).toBe('<sip:frontdesk@example.com>');
  const forwarded = alice.invite('bob');
  const ringing = await carol.expect('INVITE');
  expect(ringing.header('To')).toContain('sip:bob@example.com');
  ringing.answer(486);
  await forwarded.expect(486);
  const own = carol.invite('bob');
  await bob.expect('INVITE').answer(486);
  await own.expect(486);
});

test('time-of-day.am: a table that is replaced while the server runs opens and closes the desk', async () => {
  for (const name of ['time-of-day.am', 'hours.csv']) copyFileSync(join(SCRIPTS, name), join(folder, name));
  const config = { scripts: { extra: [join(folder, 'time-of-day.am')] } };
  await using server = await serverWith('', ['alice', 'support', 'nightdesk', 'sales'], { config });
  const alice = await server.endpoint('alice').register();
  const support = await server.endpoint('support').register();
  const nightdesk = await server.endpoint('nightdesk').register();
  const byDay = alice.invite('support');
  await support.expect('INVITE').answer(486);
  await byDay.expect(486);
  writeFileSync(join(folder, 'hours.csv'), 'support@example.com,closed,nightdesk@example.com\nsales@example.com,closed,\n');
  await server.command('script reload');
  const byNight = alice.invite('support');
  await nightdesk.expect('INVITE').answer(486);
  await byNight.expect(486);
  const closed = await alice.invite('sales').expect(480);
  expect(closed.reason).toBe('We are closed');
  expect(closed.first('Retry-After')).toBe('3600');
});

test('in-order.am: a call goes to the first who is signed in, else and out of hours to voicemail', async () => {
  for (const name of ['in-order.am', 'hours.csv']) copyFileSync(join(SCRIPTS, name), join(folder, name));
  const config = { scripts: { extra: [join(folder, 'in-order.am')] } };
  await using server = await serverWith('', ['alice', 'helpdesk', 'anna', 'bob', 'carol', 'voicemail'], { config });
  const alice = await server.endpoint('alice').register();
  const voicemail = await server.endpoint('voicemail').register();
  const ringsAt = async (phone: Endpoint): Promise<void> => {
    const call = alice.invite('helpdesk');
    await phone.expect('INVITE').answer(486);
    await call.expect(486);
  };
  await ringsAt(voicemail);
  await server.endpoint('carol').register();
  const bob = await server.endpoint('bob').register();
  await ringsAt(bob);
  writeFileSync(join(folder, 'hours.csv'), 'helpdesk@example.com,closed,\n');
  await server.command('script reload');
  await ringsAt(voicemail);
});

test('outside-calls.am: calls of other domains ring with another tone, own calls do not', async () => {
  await using server = await serverWith('outside-calls.am', ['alice', 'bob']);
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const inside = alice.invite('bob');
  const first = await bob.expect('INVITE');
  expect(first.request.first('Alert-Info')).toBeUndefined();
  first.answer(486);
  await inside.expect(486);
  const fabrikam = await server.peer('sip.fabrikam.example');
  const outside = fabrikam.invite('sip:bob@example.com', { from: 'sip:zoe@fabrikam.example' });
  const second = await bob.expect('INVITE');
  expect(second.header('Alert-Info')).toBe('<urn:alert:source:external>;info=external');
  expect(second.header('From')).toContain(';x-source=outside');
  second.answer(486);
  await outside.expect(486);
  const headers = { 'Alert-Info': '<http://fabrikam.example/ring.wav>;info=internal' };
  const again = fabrikam.invite('sip:bob@example.com', { from: 'sip:zoe@fabrikam.example', headers });
  const third = await bob.expect('INVITE');
  expect(third.header('Alert-Info')).toBe('<http://fabrikam.example/ring.wav>;info=external');
  third.answer(486);
  await again.expect(486);
});

test('ring-group.am: all phones of the group ring, the first that answers gets the call', async () => {
  await using server = await serverWith('ring-group.am', ['alice', 'support', 'anna', 'bob', 'carol']);
  const alice = await server.endpoint('alice').register();
  const refused = await alice.invite('support').expect(480);
  expect(refused.first('Retry-After')).toBe('60');
  const anna = await server.endpoint('anna').register();
  const carol = await server.endpoint('carol').register();
  const call = alice.invite('support');
  await anna.expect('INVITE').answer(180);
  await call.expect(180);
  const atCarol = await carol.expect('INVITE');
  const taken = atCarol.answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await anna.expect('CANCEL');
  await call.bye().expect(200);
});

test('no-links.am: links are taken out of instant messages, the rest of the text stays', async () => {
  await using server = await serverWith('no-links.am', ['alice', 'bob']);
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const sent = alice.message('bob', 'see https://evil.example/x now');
  const received = await bob.expect('MESSAGE');
  expect(received.body).toBe('see (link removed) now');
  expect(received.header('X-Filtered')).toBe('links');
  received.answer(200);
  await sent.expect(200);
  const harmless = alice.message('bob', 'see you at noon');
  const passed = await bob.expect('MESSAGE', { body: 'see you at noon' });
  expect(passed.request.first('X-Filtered')).toBeUndefined();
  passed.answer(200);
  await harmless.expect(200);
});

test('emergency.am: an emergency number goes to the gateway, with priority', async () => {
  await using server = await serverWith('emergency.am', ['alice', 'bob']);
  const alice = await server.endpoint('alice').register();
  const gateway = await server.peer('gateway.example.com', { transport: 'tls' });
  const call = alice.invite('sip:112@example.com');
  const arrived = await gateway.expect('INVITE');
  expect(arrived.request.uri).toBe('sip:112@gateway.example.com;transport=tls');
  expect(arrived.header('Priority')).toBe('emergency');
  arrived.answer(486);
  await call.expect(486);
});

test('client-version.am: a telephone that is too old cannot register, and is told why', async () => {
  await using server = await serverWith('client-version.am', ['alice']);
  const phone = (name: string, userAgent: string) => server.endpoint(name, { user: 'alice', userAgent });
  const old = phone('old', 'Example Softphone/3.9.1');
  const refused = await old.send('REGISTER', 'sip:example.com', { to: '<sip:alice@example.com>' }).expect(403);
  expect(refused.reason).toBe('Please update your telephone');
  expect(refused.first('Warning')).toContain('Softphone 4 or later');
  await phone('new', 'Example Softphone/12.0').register();
  await phone('other', 'Other/1.0').register();
});

test('federation-guard.am: partners get in, others do not, and nobody here reaches others', async () => {
  await using server = await serverWith('federation-guard.am', ['alice', 'bob']);
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const partner = await server.peer('sip.contoso.example');
  const welcome = partner.message('sip:bob@example.com', 'hello', { from: 'sip:zoe@contoso.example' });
  await bob.expect('MESSAGE').answer(200);
  await welcome.expect(200);
  const stranger = await server.peer('sip.elsewhere.example');
  const refused = await stranger.message('sip:bob@example.com', 'hello', { from: 'sip:eve@elsewhere.example' }).expect(403);
  expect(refused.first('Warning')).toContain('domain not in the list of partners');
  await alice.invite('sip:eve@elsewhere.example').expect(403);
});

/** What the handler of dispatch.am was given. */
const orders: ScriptValue[][] = [];

class Orders {
  onOrder(context: RequestContext): void {
    orders.push(['order', ...context.parameters]);
    context.respond(202);
  }

  onRefused(notification: { readonly parameters: readonly ScriptValue[] }): void {
    orders.push(['refused', ...notification.parameters]);
  }
}

test('dispatch.am: orders go to the plugin, which hears of refused calls too', async () => {
  const plugin = definePlugin({
    name: 'orders',
    summary: 'Takes orders',
    config: z.strictObject({}),
    scripts: ['dispatch.am'],
    root: new URL('../scripts/', import.meta.url),
    handler: Orders,
  });
  await using server = await testServer({ plugins: [...PLUGINS, plugin()], users: ['alice', 'bob', 'orders'] });
  const alice = await server.endpoint('alice').register();
  await alice.message('orders', 'two pizzas').expect(202);
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  await bob.expect('INVITE').answer(486);
  await call.expect(486);
  expect(orders).toEqual([
    ['order', 'alice@example.com', true],
    ['refused', 486, 'INVITE'],
  ]);
});

test.each(EXAMPLES)('%s compiles without a remark, and the page shows its script', (name) => {
  const text = readFileSync(join(SCRIPTS, name), 'utf8');
  const result = compileApplication(text, join(SCRIPTS, name));
  if (result.ok) result.application.close();
  expect(result).toMatchObject({ ok: true, warnings: [] });
  const script = /<!\[CDATA\[\n([\s\S]*?)\s*\]\]>/.exec(text)?.[1] ?? 'no script';
  expect(PAGE).toContain(`scripts/${name}`);
  expect(PAGE).toContain(script);
});

test('the page has eleven examples', () => {
  expect(EXAMPLES).toHaveLength(11);
});

test('the error output that the page shows is the real one', () => {
  const text = readFileSync(join(SCRIPTS, 'block.am'), 'utf8').replace('Respond(403', 'Respnd(403');
  const result = compileApplication(text, join(SCRIPTS, 'block.am'));
  const shown = result.ok ? '' : result.diagnostics.map((found) => formatDiagnostic({ ...found, file: 'block.am' }, text)).join('\n');
  expect(PAGE).toContain(shown);
});

test('the first script, the message to try it with and the trace of the page belong together', () => {
  const block = (language: string): string => new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1] ?? '';
  writeFileSync(join(folder, 'hello.am'), block('xml'));
  writeFileSync(join(folder, 'captured.sip'), block('sip'));
  const parley = join(ROOT, 'cli/bin/parley.js');
  const output = execFileSync(process.execPath, [parley, 'script', 'trace', 'hello.am', '--message', 'captured.sip'], { cwd: folder });
  const [trace = ''] = output.toString().trim().split('\n\n');
  expect(trace).toContain('1. hello.am: let it pass');
  expect(PAGE).toContain(trace);
});

test('every function that the page calls is one that there is', () => {
  const blocks = [...PAGE.matchAll(/```c\n([\s\S]*?)```/g)].map(([, code = '']) => code.replaceAll(/"(?:[^"\\]|\\.)*"|\/\/.*$/gm, ''));
  const own = new Set(blocks.flatMap((code) => [...code.matchAll(/function (\w+)/g)].map(([, name]) => name)));
  const called = blocks.flatMap((code) => [...code.matchAll(/\b([A-Z]\w+)\(/g)].map(([, name = '']) => name));
  expect(called.filter((name) => !BUILTINS.has(name) && !own.has(name))).toEqual([]);
});

test('the manifest and the script with which the page explains the language compile', () => {
  const [manifest = ''] = [...PAGE.matchAll(/```xml\n([\s\S]*?)```/g)].map(([, code = '']) => code);
  const [, script = ''] = /## The language\n\n```c\n([\s\S]*?)```/.exec(PAGE) ?? [];
  expect(compileApplication(manifest, 'hello.am')).toMatchObject({ ok: true, warnings: [] });
  const whole = manifest.replace(/<!\[CDATA\[[\s\S]*\]\]>/, () => `<![CDATA[${script}]]>`);
  expect(compileApplication(whole, 'hello.am')).toMatchObject({ ok: true, warnings: [] });
});
