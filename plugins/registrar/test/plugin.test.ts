import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileApplication } from '@parley/sdk';
import type { CommandInput, PluginScope, ScriptRun } from '@parley/sdk';
import { Bindings } from '../src/bindings.ts';
import { commands } from '../src/commands.ts';
import plugin from '../src/plugin.ts';
import { Registrar } from '../src/registrar.ts';
import { RegistrarRig, aRegister } from './fixtures.ts';

test('a misspelt option is refused by name, and an impossible order of intervals too', () => {
  expect(() => plugin.config.parse({ maxContact: 5 })).toThrow(/maxContact/);
  expect(() => plugin.config.parse({ minExpires: 600, defaultExpires: 300 })).toThrow(/minExpires <= defaultExpires/);
  expect(plugin.config.parse({})).toMatchObject({
    maxContacts: 10,
    whenFull: 'replaceOldest',
    requireAuthentication: true,
    users: 'directory',
  });
});

const FILE = fileURLToPath(new URL('../routes.am', import.meta.url));

/** What the script does with a REGISTER for `target` in the name of `to`. */
function claim(target: string, to: string, accepts = true): unknown {
  const compiled = compileApplication(readFileSync(FILE, 'utf8'), FILE, {
    handlerMethods: new Set(Object.getOwnPropertyNames(Registrar.prototype)),
  });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  const done: unknown[] = [];
  const run = {
    request: aRegister([], { to }),
    target: { uri: target, domainSupported: target === 'sip:example.com' },
    environment: {
      domainSupported: (domain: string) => domain === 'example.com',
      scriptError: (_application: unknown, fault: unknown) => done.push(fault),
    },
    actions: {
      dispatch: (method: string) => (accepts ? done.push(method) > 0 : false),
      respond: (status: number) => done.push(status) > 0,
    },
  } as unknown as ScriptRun;
  compiled.application.run(run);
  return done;
}

test('the script claims REGISTER for our domains, by Request-URI, and no other', () => {
  expect(claim('sip:example.com', '<sip:alice@example.com>')).toEqual(['onRegister']);
  expect(claim('sip:example.org', '<sip:alice@example.com>')).toEqual([]);
});

test('a server with too much to do says when to come back', () => {
  expect(claim('sip:example.com', '<sip:alice@example.com>', false)).toEqual([503]);
});

/** Runs a command on a registrar. */
function command(rig: RegistrarRig, path: string, address?: string): { rows?: readonly object[]; text?: string } {
  const found = commands.find((candidate) => candidate.path === path);
  const input = { arguments: address === undefined ? {} : { address }, options: {} } as unknown as CommandInput;
  const scope = { resolve: (wanted: unknown) => (wanted === Bindings ? rig.bindings : rig.clock) } as unknown as PluginScope;
  return found?.run(input, scope) as { rows?: readonly object[]; text?: string };
}

test('`registrations` lists endpoints, those of an address if one is named', () => {
  const rig = new RegistrarRig({ users: 'any' });
  expect(command(rig, 'registrations')).toMatchObject({ rows: [], text: 'Nobody is registered.' });
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50>', 'User-Agent: phone/1']));
  rig.ask(aRegister(['Contact: <sip:bob@192.0.2.51>'], { to: '<sip:bob@example.com>', callId: 'b' }));
  rig.clock.advance(1000);
  expect(command(rig, 'registrations', 'sip:Alice@example.com')).toMatchObject({
    rows: [{ aor: 'alice@example.com', contact: 'sip:alice@192.0.2.50', via: 'UDP', expires: 7199, userAgent: 'phone/1' }],
    text: '1 registration.',
  });
  expect(command(rig, 'registrations').rows).toHaveLength(2);
  expect(command(rig, 'registrations', 'carol').text).toBe('No registration matches.');
});

test('`registrations drop` ends those of one address', () => {
  const rig = new RegistrarRig();
  rig.ask(aRegister(['Contact: <sip:alice@192.0.2.50>']));
  expect(command(rig, 'registrations drop', 'sip:alice@example.com').text).toBe('1 registration of alice@example.com ended.');
  expect(rig.published.at(-1)).toMatchObject({ subject: 'registrar.unbound', message: { reason: 'administrator' } });
  expect(() => command(rig, 'registrations drop', 'alice@example.com')).toThrow(/has no registration/);
});
