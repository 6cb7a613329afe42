/** The worked examples of docs/writing-a-routing-script.md: they compile, they do what the page says, and the page shows them as they are. */
import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { BUILTINS, compileApplication, formatDiagnostic, signature } from '../../src/script/index.ts';
import type { CompiledApplication } from '../../src/script/index.ts';
import { request, response, run } from './script-world.ts';

const FOLDER = fileURLToPath(new URL('../../../docs/scripts/', import.meta.url));
const PAGE = readFileSync(new URL('../../../docs/writing-a-routing-script.md', import.meta.url), 'utf8');
const EXAMPLES = readdirSync(FOLDER).filter((name) => name.endsWith('.am'));

function example(name: string): CompiledApplication {
  const text = readFileSync(FOLDER + name, 'utf8');
  const result = compileApplication(text, FOLDER + name);
  if (!result.ok) throw new Error(result.diagnostics.map((found) => formatDiagnostic(found, text)).join('\n'));
  result.application.close();
  return result.application;
}

/** A request from somebody to somebody. */
function from(user: string, to: string, method = 'INVITE', more: readonly string[] = [], body = '') {
  const message = request(method, more, body);
  message.uri = `sip:${to}`;
  message.set('From', `<sip:${user}>;tag=1`);
  message.set('To', `<sip:${to}>`);
  const target = { uri: message.uri, aor: to, instance: null, isPhone: false, domainSupported: true };
  return { message, circumstances: { target } };
}

function did(name: string, { message, circumstances }: ReturnType<typeof from>): readonly string[] {
  const ran = run(example(name), message, circumstances);
  expect(ran.outcome.error).toBeUndefined();
  expect(ran.critical).toEqual([]);
  return ran.did;
}

test.each(EXAMPLES)('%s compiles without a warning, and the page shows its script', (name) => {
  const text = readFileSync(FOLDER + name, 'utf8');
  const result = compileApplication(text, FOLDER + name);
  expect(result).toMatchObject({ ok: true, warnings: [] });
  if (result.ok) result.application.close();
  const script = /<!\[CDATA\[\n([\s\S]*?)\s*\]\]>/.exec(text)?.[1] ?? 'no script';
  expect(PAGE).toContain(`scripts/${name}`);
  expect(PAGE.replaceAll('\r', '')).toContain(script);
});

test('the page has ten examples', () => {
  expect(EXAMPLES).toHaveLength(10);
});

test('block.am', () => {
  expect(did('block.am', from('Mallory@example.com', 'bob@example.com'))).toEqual(['respond 403 Forbidden']);
  expect(did('block.am', from('alice@example.com', 'bob@example.com'))).toEqual([]);
});

test('redirect.am', () => {
  expect(did('redirect.am', from('alice@example.com', 'Reception@example.com'))).toEqual([
    'respond 302 Moved Temporarily Contact: <sip:frontdesk@example.com>',
  ]);
  expect(did('redirect.am', from('alice@example.com', 'bob@example.com'))).toEqual([]);
});

test('forward.am', () => {
  expect(did('forward.am', from('alice@example.com', 'bob@example.com'))).toEqual(['retarget sip:carol@example.com']);
  expect(did('forward.am', from('carol@example.com', 'bob@example.com'))).toEqual([]);
  expect(did('forward.am', from('alice@example.com', 'dave@example.com'))).toEqual([]);
});

test('client-version.am', () => {
  const register = (agent: string) => from('alice@example.com', 'alice@example.com', 'REGISTER', [`User-Agent: ${agent}`]);
  expect(did('client-version.am', register('Example Softphone/3.9.1'))).toEqual([
    'respond 403 Please update your telephone Warning: 399 example.com "Softphone 4 or later"',
  ]);
  expect(did('client-version.am', register('Example Softphone/12.0'))).toEqual([]);
  expect(did('client-version.am', register('Other/1.0'))).toEqual([]);
});

test('ring-all.am', () => {
  expect(did('ring-all.am', from('alice@example.com', 'support@example.com'))).toEqual([
    'fork sip:192.0.2.7:5061;transport=tls;ms-opaque=x',
  ]);
  expect(did('ring-all.am', from('alice@example.com', 'bob@example.com'))).toEqual([]);
  const nobody = run(example('ring-all.am'), from('a@b', 'support@example.com').message, {
    ...from('a@b', 'support@example.com').circumstances,
    environment: { endpoints: () => [] },
  });
  expect(nobody).toMatchObject({ did: ['respond 480 Nobody is there Retry-After: 60'], critical: [] });
});

test('best-endpoint.am', () => {
  const to = from('alice@example.com', 'bob@example.com', 'MESSAGE');
  expect(did('best-endpoint.am', to)).toEqual(['proxy sip:192.0.2.7:5061;transport=tls;ms-opaque=x']);
  to.message.set('To', '<sip:bob@example.com>;epid=e2');
  expect(did('best-endpoint.am', to)).toEqual(['proxy sip:192.0.2.8:5061;transport=tls;ms-opaque=y']);
  expect(did('best-endpoint.am', from('alice@example.com', 'carol@example.com', 'MESSAGE'))).toEqual([]);
});

test('no-links.am', () => {
  const withLink = from('alice@example.com', 'bob@example.com', 'MESSAGE', ['Content-Type: text/plain'], 'see https://evil.example/x now');
  expect(did('no-links.am', withLink)).toEqual([]);
  expect(withLink.message.body.toString()).toBe('see (link removed) now');
  expect(withLink.message.first('X-Filtered')).toBe('links');
});

test('emergency.am', () => {
  const call = from('alice@example.com', '112@example.com');
  expect(did('emergency.am', call)).toEqual(['proxy sip:112@gateway.example.com;transport=tls']);
  expect(call.message.first('Priority')).toBe('emergency');
  expect(did('emergency.am', from('alice@example.com', 'bob@example.com'))).toEqual([]);
});

test('outside.am', () => {
  expect(did('outside.am', from('alice@example.com', 'zoe@Fabrikam.example'))).toEqual([]);
  expect(did('outside.am', from('zoe@contoso.example', 'alice@example.com'))).toEqual([]);
  expect(did('outside.am', from('alice@example.com', 'eve@elsewhere.example'))).toEqual([
    'respond 403 We do not know this domain Warning: 399 fe1.example.com "domain not in the list of partners"',
  ]);
});

test('dispatch.am', () => {
  const order = from('alice@example.com', 'orders@example.com', 'MESSAGE');
  expect(did('dispatch.am', order)).toEqual(['dispatch onOrder']);
  expect(run(example('dispatch.am'), order.message, { ...order.circumstances, taken: false }).did).toEqual([
    'dispatch onOrder',
    'respond 503 Server Busy Retry-After: 30',
  ]);
  const refused = run(example('dispatch.am'), response(486, 'Busy Here'));
  expect(refused).toMatchObject({ did: ['notify onRefused'], parameters: [486, 'INVITE'] });
});

test('the error output that the page shows is the real one', () => {
  const text = readFileSync(`${FOLDER}block.am`, 'utf8').replace('Respond(403', 'Respnd(403');
  const result = compileApplication(text, `${FOLDER}block.am`);
  const shown = result.ok ? '' : result.diagnostics.map((found) => formatDiagnostic({ ...found, file: 'block.am' }, text)).join('\n');
  expect(PAGE).toContain(shown);
});

test('the page has every built-in with its signature and what it does', () => {
  const rows = PAGE.replaceAll(/ +/g, ' ');
  for (const builtin of BUILTINS.values()) {
    expect(rows).toContain(`| \`${signature(builtin)}\` | ${builtin.summary} |`);
  }
});

test('the manifest and the script with which the page explains the language compile', () => {
  const [manifest = ''] = [...PAGE.matchAll(/```xml\n([\s\S]*?)```/g)].map((block) => block[1] ?? '');
  const [script = ''] = [...PAGE.matchAll(/```c\n([\s\S]*?)```/g)].map((block) => block[1] ?? '');
  expect(compileApplication(manifest, 'hello.am')).toMatchObject({ ok: true, warnings: [] });
  expect(
    compileApplication(
      manifest.replace(/<!\[CDATA\[[\s\S]*\]\]>/, () => `<![CDATA[${script}]]>`),
      'hello.am',
    ),
  ).toMatchObject({ ok: true, warnings: [] });
});
