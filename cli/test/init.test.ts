import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { describe, expect, test } from 'vitest';
import { init } from '../src/init.ts';
import { readListener } from '../src/init/answers.ts';
import type { InitAnswers } from '../src/init/answers.ts';
import { choosePlugins } from '../src/init/choose-plugins.ts';
import { configText } from '../src/init/config-text.ts';
import { packageText } from '../src/init/server-package.ts';
import { CATALOGUE } from '../src/plugins/catalogue.ts';
import { PRESETS, catalogued } from '../src/plugins/presets.ts';
import type { Preset } from '../src/plugins/presets.ts';

const LISTEN = ['udp:5060', 'tls:5061'].map(readListener);
const WISH = { preset: undefined, names: [], fqdn: 'uc.example.com', listen: [] };

function answers(preset: Preset | undefined, changes: Partial<InitAnswers> = {}): InitAnswers {
  return {
    preset,
    domains: ['example.com'],
    fqdn: 'uc.example.com',
    listen: LISTEN,
    database: 'sqlite',
    plugins: catalogued(preset?.plugins ?? []),
    ...changes,
  };
}

/** Packages that a configuration imports, in order. */
function packages(text: string): string[] {
  return [...text.matchAll(/from '@parley\/(.*)';/g)].map(([, name]) => name ?? '');
}

describe('presets', () => {
  test('one for phones has the plugins that phones need, and no others', () => {
    const text = configText(answers(PRESETS.sip));
    for (const call of ['pki()', 'directory()', 'authDigest()', 'registrar()', 'routing()', 'options()', 'metrics()'])
      expect(text).toContain(`    ${call},\n`);
    expect(packages(text)).not.toContain('plugin-auth-ntlm');
    expect(text).not.toContain('limits');
  });

  test('one for IM and presence has what Communicator and Lync clients need, and time for their first certificate', () => {
    const text = configText(answers(PRESETS.im));
    for (const name of [
      'auth-digest',
      'auth-ntlm',
      'auth-tls-dsk',
      'web',
      'web-ticket',
      'autodiscover',
      'provisioning',
      'presence',
      'contacts',
    ])
      expect(packages(text)).toContain(`plugin-${name}`);
    expect(text).toContain('limits: { unauthenticatedSeconds: 90 },');
  });

  test('the full one has all that needs nothing set up', () => {
    expect(PRESETS.full.plugins).toEqual(expect.arrayContaining([...PRESETS.im.plugins]));
    expect(PRESETS.full.plugins).not.toContain('auth-kerberos');
    expect(PRESETS.full.plugins).toHaveLength(CATALOGUE.length - 1);
  });

  test.each(Object.entries(PRESETS))('%s lacks nothing', (_, preset) => {
    const { plugins, remarks } = choosePlugins({ ...WISH, preset, listen: LISTEN }, CATALOGUE);
    expect(plugins.map(({ name }) => name).toSorted()).toEqual([...preset.plugins].toSorted());
    expect(remarks).toEqual([]);
  });

  test('without a name that others resolve, clients are not sent for certificates', () => {
    const { plugins, remarks } = choosePlugins({ ...WISH, preset: PRESETS.im, fqdn: 'parley.localhost' }, CATALOGUE);
    expect(plugins.map(({ name }) => name)).not.toContain('auth-tls-dsk');
    expect(remarks.join('\n')).toContain('Without auth-tls-dsk');
  });
});

describe('a choice of plugins', () => {
  test('brings what it needs, and says why', () => {
    const { plugins, remarks } = choosePlugins({ ...WISH, names: ['autodiscover'] }, CATALOGUE);
    expect(plugins.map(({ name }) => name)).toEqual(['pki', 'directory', 'web', 'web-ticket', 'autodiscover']);
    expect(remarks[0]).toBe('With web, since autodiscover needs "web".');
  });

  test('with a TLS listener has somebody who makes certificates', () => {
    const { plugins } = choosePlugins({ ...WISH, names: ['options'], listen: LISTEN }, CATALOGUE);
    expect(plugins.map(({ name }) => name)).toEqual(['pki', 'options']);
  });

  test('in which nobody signs in says so, and keeps connections open', () => {
    const { plugins, remarks } = choosePlugins({ ...WISH, names: ['registrar', 'routing'] }, CATALOGUE);
    expect(remarks.join()).toContain('auth-digest');
    expect(configText(answers(undefined, { plugins }))).toContain('unauthenticatedSeconds: 0');
  });

  test('of a plugin that does not exist is refused with the names of those that do', () => {
    expect(() => choosePlugins({ ...WISH, names: ['registrat'] }, CATALOGUE)).toThrow(/registrat/);
  });
});

const MATRIX = [
  answers(PRESETS.im),
  answers(PRESETS.full),
  answers(PRESETS.sip, { listen: [readListener('tcp:[::1]:5060')] }),
  answers(undefined, { database: 'postgres://parley@db.example.com/parley', plugins: catalogued(['options']) }),
  answers(undefined, { domains: ['example.com', 'example.net'], plugins: [] }),
];

test.each(MATRIX)('each imported plugin exists, and the file is written as the format check wants it (%#)', async (given) => {
  const text = configText(given);
  const plugins = packages(text).filter((name) => name.startsWith('plugin-'));
  for (const name of plugins)
    expect(existsSync(fileURLToPath(new URL(`../../plugins/${name.replace('plugin-', '')}/src/plugin.ts`, import.meta.url))), name).toBe(
      true,
    );
  expect(plugins).toEqual(plugins.toSorted());
  expect(await format(text, { parser: 'typescript', printWidth: 140, singleQuote: true, trailingComma: 'all' })).toBe(text);
});

test("a database's password is not written down", () => {
  const text = configText(answers(PRESETS.sip, { database: 'postgres://parley:geheim@db.example.com/parley' }));
  expect(text).not.toContain('geheim');
  expect(text).toContain('PARLEY_STORE_URL');
});

test.each(['tls:0', 'tls:70000', 'sctp:5060', 'udp:example.com:5060', '5060'])('a listener "%s" is refused', (text) => {
  expect(() => readListener(text)).toThrow(expect.objectContaining({ code: 'CLI_BAD_OPTION' }));
});

test('a package.json that is there keeps what it says, and gets what is missing', () => {
  const before = '{\n\t"name": "mine",\n\t"type": "module",\n\t"dependencies": { "@parley/sdk": "0.0.9", "left-pad": "1.3.0" }\n}\n';
  const text = packageText('/srv/mine', before, catalogued(['registrar']));
  expect(JSON.parse(text)).toMatchObject({ name: 'mine', dependencies: { '@parley/sdk': '0.0.9', 'left-pad': '1.3.0' } });
  expect(Object.keys((JSON.parse(text) as { dependencies: object }).dependencies)).toEqual([
    '@parley/cli',
    '@parley/plugin-registrar',
    '@parley/sdk',
    'left-pad',
    'node',
  ]);
  expect(text).toContain('\n\t"dependencies"');
  expect(packageText('/srv/mine', text, catalogued(['registrar']))).toBe(text);
});

test('a configuration is written as TypeScript: a file of another kind is refused before anything is asked', async () => {
  await expect(init({ file: 'parley.config.json', yes: true }, false, () => undefined)).rejects.toMatchObject({
    code: 'CLI_BAD_OPTION',
    message: expect.stringContaining('parley.config.json') as string,
  });
});
