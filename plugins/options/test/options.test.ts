import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileApplication } from '@parley/sdk';
import type { ScriptRun } from '@parley/sdk';
import plugin from '../src/plugin.ts';

const FILE = fileURLToPath(new URL('../options.am', import.meta.url));
const compiled = compileApplication(readFileSync(FILE, 'utf8'), FILE);

/** Status and headers that OPTIONS for `uri` is answered with; undefined when the script lets it pass. */
function ask(uri: string): [number, Readonly<Record<string, string>>] | undefined {
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  let answer: [number, Readonly<Record<string, string>>] | undefined;
  const host = uri.replace(/^sips?:(.*@)?/, '');
  const run = {
    request: { uri, method: 'OPTIONS' },
    target: { uri, domainSupported: host === 'example.com' },
    environment: {
      fqdn: 'uc.example.com',
      domainSupported: () => false,
      scriptError: (_: unknown, fault: unknown) => expect.fail(JSON.stringify(fault)),
    },
    actions: {
      respond(status: number, _reason: string, headers: readonly (readonly [string, string])[]) {
        answer = [status, Object.fromEntries(headers)];
        return true;
      },
    },
  } as unknown as ScriptRun;
  compiled.application.run(run);
  return answer;
}

test('RFC 3261 11.2: OPTIONS for the server itself is answered with what it takes', () => {
  const [status, headers] = ask('sip:example.com') ?? [];
  expect(status).toBe(200);
  expect(headers).toMatchObject({ Accept: '*/*', Supported: 'path, outbound, gruu' });
  expect(headers?.['Allow']).toContain('INVITE');
  expect(ask('sip:UC.example.com')?.[0]).toBe(200);
});

test('OPTIONS for a user or for another server passes', () => {
  expect(ask('sip:bob@example.com')).toBeUndefined();
  expect(ask('sip:example.org')).toBeUndefined();
});

test('the plugin has nothing to configure', () => {
  expect(() => plugin.config.parse({ verbose: true })).toThrow(/verbose/);
});
