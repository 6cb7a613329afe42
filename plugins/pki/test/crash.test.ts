import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import { ClientCertificates } from '../src/api.ts';
import pki from '../src/plugin.ts';

const HERE = import.meta.dirname;

test('after kill -9 every certificate that a client was given is recorded', { timeout: 60_000 }, async () => {
  const args = [join(HERE, '../../../tools/run-source.mjs'), join(HERE, 'crashing-issuer.ts')];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push(line);
    if (lines.length === 51) child.kill('SIGKILL');
  }
  await ended;
  const [dataDir = '', ...given] = lines;
  const store = readdirSync(dataDir).filter((name) => name.startsWith('store.sqlite'));
  const files = Object.fromEntries(store.map((name) => [name, readFileSync(join(dataDir, name))]));
  rmSync(dataDir, { recursive: true });
  await using server = await testServer({
    plugins: [pki(GIVEN_CERTIFICATE.pki)],
    store: 'sqlite',
    files: { ...GIVEN_CERTIFICATE.files, ...files },
  });
  expect(given.length).toBeGreaterThanOrEqual(50);
  for (const [i, line] of given.entries()) {
    expect(server.find(ClientCertificates).find(Buffer.from(line, 'base64'))?.userId).toBe(`u${i}`);
  }
});
