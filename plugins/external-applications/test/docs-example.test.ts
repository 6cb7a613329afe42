/** The worked example of docs/external-applications.md, as it stands there. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { compileApplication } from '@parley/sdk';
import type { SipRequest, SipResponse } from '@parley/sdk';
import * as application from '@parley/sdk/application';
import { folder, world } from './world.ts';

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

test('the manifest of the page compiles without a remark', () => {
  const compiled = compileApplication(block('xml'), 'call-limit.am', { handlerMethods: new Set(['onInvite', 'onBye']) });
  expect(compiled).toMatchObject({ ok: true, warnings: [] });
});

test('the configuration of the page registers the application of its manifest', () => {
  expect(block('ts')).toContain(/appUri="([^"]*)"/.exec(block('xml'))?.[1]);
});

test('the application of the page lets a user have two calls, refuses the third, and lets it through when one has ended', async () => {
  const all = await world({ guard: { uri: 'http://example.com/apps/CallLimit' } });
  const file = join(folder(), 'call-limit.am');
  writeFileSync(file, block('xml'));
  const running = await run(block('js'), { PARLEY_SOCKET: all.socket, MANIFEST: file });
  onTestFinished(() => running.close());
  const call = async (callId: string, status: number): Promise<void> => {
    all.alice.send('INVITE', [], '', { callId });
    all.bob.answer((await all.bob.next()) as SipRequest, status);
    expect(await all.alice.status()).toBe(status);
  };
  await call('one', 200);
  await call('failed', 486);
  await call('two', 200);
  all.alice.send('INVITE', [], '', { callId: 'three' });
  const refused = (await all.alice.next()) as SipResponse;
  expect([refused.status, refused.reason, refused.first('X-Open-Calls')]).toEqual([486, 'Too many calls', '2']);
  all.alice.send('BYE', [], '', { callId: 'one' });
  all.bob.answer((await all.bob.next()) as SipRequest, 200);
  expect(await all.alice.status()).toBe(200);
  await call('four', 200);
});
