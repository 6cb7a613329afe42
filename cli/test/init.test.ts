import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { expect, test } from 'vitest';
import { configText } from '../src/init.ts';

const ANSWERS = { domains: ['example.com'], fqdn: 'uc.example.com', port: 5060, tlsPort: 5061, plain: false, lync: false };

/** Packages that a configuration imports, in order. */
function packages(text: string): string[] {
  return [...text.matchAll(/from '@parley\/(.*)';/g)].map(([, name]) => name ?? '');
}

test('a configuration for phones has the plugins that phones need, and no others', () => {
  const text = configText(ANSWERS);
  expect(text).toContain('plugins: [pki(), directory(), authDigest(), registrar(), routing(), options(), metrics()],');
  expect(packages(text)).not.toContain('plugin-auth-ntlm');
  expect(text).not.toContain('limits');
});

test('a configuration for Communicator and Lync clients adds what they need, and time for their first certificate', () => {
  const text = configText({ ...ANSWERS, lync: true });
  for (const name of ['auth-digest', 'auth-ntlm', 'auth-tls-dsk', 'web', 'web-ticket', 'autodiscover', 'provisioning', 'diagnostics'])
    expect(packages(text)).toContain(`plugin-${name}`);
  for (const call of ['authTlsDsk()', 'webTicket()', 'web()']) expect(text).toContain(`    ${call},`);
  expect(text).toContain('limits: { unauthenticatedSeconds: 90 },');
});

test.each([true, false])(
  'each imported plugin exists, and the file is written as the format check wants it (for Lync: %s)',
  async (lync) => {
    const text = configText({ ...ANSWERS, plain: true, lync });
    const plugins = packages(text).filter((name) => name.startsWith('plugin-'));
    for (const name of plugins)
      expect(existsSync(fileURLToPath(new URL(`../../plugins/${name.replace('plugin-', '')}/src/plugin.ts`, import.meta.url))), name).toBe(
        true,
      );
    expect(plugins).toEqual(plugins.toSorted());
    expect(await format(text, { parser: 'typescript', printWidth: 140, singleQuote: true, trailingComma: 'all' })).toBe(text);
  },
);
