import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { SystemClock, openStore } from '@parley/sdk';
import { expect, test } from 'vitest';
import { RecordedCertificates } from '../src/client-certificates.ts';
import { PkiConfig } from '../src/config.ts';
import { RecordingBus, RecordingLog } from './recording.ts';

const HERE = import.meta.dirname;

test('after kill -9 every certificate that a client was given is recorded', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-crash-'));
  const args = [join(HERE, 'child.mjs'), join(HERE, 'crashing-issuer.ts'), dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const given: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    given.push(line);
    if (given.length === 50) child.kill('SIGKILL');
  }
  await ended;
  const clock = new SystemClock();
  const store = await openStore({ kind: 'sqlite', file: join(dataDir, 'store.sqlite') }, { clock });
  const server = { dataDir, mode: 'offline' as const };
  const config = PkiConfig.parse({});
  const certificates = new RecordedCertificates(store, server, clock, new RecordingBus(), new RecordingLog(), config, undefined);
  await certificates.start();
  expect(given.length).toBeGreaterThanOrEqual(50);
  for (const [i, line] of given.entries()) expect(certificates.find(Buffer.from(line, 'base64'))?.userId).toBe(`u${i}`);
  await store.close();
  clock.stop();
  rmSync(dataDir, { recursive: true });
});
