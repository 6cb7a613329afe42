import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { FakeClock, openStore } from '@parley/sdk';
import { expect, test } from 'vitest';
import { DirectoryConfig } from '../src/config.ts';
import { EmbeddedDirectory } from '../src/directory.ts';
import { RecordingBus, RecordingLog } from './support.ts';

const HERE = import.meta.dirname;

test('after kill -9 every user that was reported as added is there, whole', { timeout: 60_000 }, async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'parley-crash-'));
  const args = [join(HERE, '../../../tools/run-source.mjs'), join(HERE, 'crashing-admin.ts'), dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const reported: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line);
    if (reported.length === 100) child.kill('SIGKILL');
  }
  await ended;
  const store = await openStore({ kind: 'sqlite', file: join(dataDir, 'store.sqlite') }, { clock: new FakeClock() });
  const server = { domains: ['example.com'], dataDir };
  const directory = new EmbeddedDirectory(store, server, new RecordingBus(), new RecordingLog(), DirectoryConfig.parse({}));
  await directory.start();
  expect(reported.length).toBeGreaterThanOrEqual(100);
  for (const aor of reported) {
    const user = directory.findByAor(aor);
    expect(user, aor).toMatchObject({ groups: ['All'] });
    expect(directory.checkPassword(user?.id, 'Wonderland 7'), aor).toBe(true);
  }
  expect(directory.group('All')?.members).toHaveLength(directory.list().total);
  await store.close();
  rmSync(dataDir, { recursive: true });
});
