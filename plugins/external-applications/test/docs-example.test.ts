/** The worked example of docs/external-applications.md, as it stands there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compileApplication } from '@parley/sdk';
import * as application from '@parley/sdk/application';
import type { Call } from '@parley/sdk/testkit';
import { folder, serving } from './serving.ts';

const PAGE = readFileSync(new URL('../../../docs/external-applications.md', import.meta.url), 'utf8');

/** The first block of that language on the page. */
function block(language: string): string {
  const found = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`the page has no block in ${language}`);
  return found;
}

/** Runs a module of the page: what it imports is handed to it. */
async function run(code: string, environment: Record<string, string>): Promise<application.Application> {
  const body = code.replaceAll(/^import (\{[^}]*\}) from '@parley\/sdk\/application';$/gm, 'const $1 = sdk;');
  const AsyncFunction = Object.getPrototypeOf(async () => undefined).constructor as new (
    ...parts: string[]
  ) => (sdk: typeof application, process: unknown, console: unknown) => Promise<application.Application>;
  const made = new AsyncFunction('sdk', 'process', 'console', `${body}\nreturn application;`);
  return made(application, { env: environment }, { log: () => undefined });
}

/** What `parley init --preset sip` writes, besides the plugins that every server of these tests has. */
const SIP_PRESET = ['pki', 'auth-digest', 'options', { plugin: 'metrics', config: { port: 0 } }];

test('the manifest of the page compiles without a remark', () => {
  const compiled = compileApplication(block('xml'), 'call-limit.am', { handlerMethods: new Set(['onInvite', 'onBye']) });
  expect(compiled).toMatchObject({ ok: true, warnings: [] });
});

test('the configuration of the page registers the application of its manifest', () => {
  expect(block('ts')).toContain(/appUri="([^"]*)"/.exec(block('xml'))?.[1]);
});

test('the application of the page lets a user have two calls, refuses the third, and lets it through when one has ended', async () => {
  const priority = Number(/priority: (\d+)/.exec(block('ts'))?.[1]);
  const { socket, alice, bob } = await serving({ guard: { uri: 'http://example.com/apps/CallLimit', priority }, others: SIP_PRESET });
  const file = join(folder(), 'call-limit.am');
  writeFileSync(file, block('xml'));
  const running = await run(block('js'), { PARLEY_SOCKET: socket, MANIFEST: file });
  onTestFinished(() => running.close());
  const taken = async (): Promise<Call> => {
    const call = alice.invite('bob');
    const answered = await bob.expect('INVITE').answer(200);
    await call.expect(200).ack();
    await answered.expect('ACK');
    return call;
  };
  const first = await taken();
  const failed = alice.invite('bob');
  await bob.expect('INVITE').answer(486);
  await failed.expect(486);
  await taken();
  const refused = await alice.invite('bob').expect(486, { headers: { 'X-Open-Calls': '2' } });
  expect(refused.reason).toBe('Too many calls');
  await first.bye().expect(200);
  await taken();
});
