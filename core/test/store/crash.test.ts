/** What is left of a server that was killed: everything it had said was kept, and no lock. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { lockHolder, migrate, openDataFolder, openStore } from '../../src/store/index.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function newFolder(): string {
  const parent = mkdtempSync(join(tmpdir(), 'parley-data-'));
  folders.push(parent);
  return join(parent, 'data');
}

test('after kill -9 every write that was reported is there, and the folder is free again', { timeout: 20_000 }, async () => {
  const folder = newFolder();
  const here = import.meta.dirname;
  const args = [join(here, '../../../tools/run-source.mjs'), join(here, 'crashing-writer.ts'), folder];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise((resolve) => child.once('close', resolve));
  const reported: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    reported.push(line);
    if (reported.length === 1) {
      expect(() => openDataFolder(folder)).toThrow(`process ${child.pid}`);
    }
    if (reported.length === 300) child.kill('SIGKILL');
  }
  await ended;
  const lock = openDataFolder(folder);
  const store = await openStore({ kind: 'sqlite', file: join(folder, 'store.sqlite') }, { clock: new FakeClock() });
  const rows = await store.as<{ users: { name: string } }>().read.selectFrom('users').select('name').execute();
  await store.close();
  lock.release();
  expect(reported.length).toBeGreaterThanOrEqual(300);
  expect(rows.map((row) => row.name)).toEqual(expect.arrayContaining(reported));
});

test('a second server on the same folder is refused, with the name of the first', () => {
  const folder = newFolder();
  const first = openDataFolder(folder);
  expect(() => openDataFolder(folder)).toThrow(
    expect.objectContaining({ code: 'STORE_FOLDER_IN_USE', message: expect.stringContaining(`process ${process.pid}`) as string }),
  );
  expect(lockHolder(folder)?.pid).toBe(process.pid);
  first.release();
  const second = openDataFolder(folder);
  second.release();
  second.release();
  expect(lockHolder(folder)).toBeUndefined();
});

test('the data folder and what is in it are for their owner alone', async () => {
  const folder = newFolder();
  const lock = openDataFolder(folder);
  const store = await openStore({ kind: 'sqlite', file: join(folder, 'store.sqlite') }, { clock: new FakeClock() });
  await migrate(store, 'test', {}, 0);
  expect(lock.openToOthers).toBe(false);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  for (const file of ['lock.sqlite', 'server.json', 'store.sqlite', 'store.sqlite-wal', 'store.sqlite-shm']) {
    expect(statSync(join(folder, file)).mode & 0o777, file).toBe(0o600);
  }
  await store.close();
  lock.release();
});

test('a data folder that is a file, or a database that is none, is refused with the reason', async () => {
  const folder = newFolder();
  openDataFolder(folder).release();
  expect(() => openDataFolder(join(folder, 'lock.sqlite'))).toThrow(expect.objectContaining({ code: 'STORE_FOLDER_UNUSABLE' }));
  await expect(openStore({ kind: 'sqlite', file: folder }, { clock: new FakeClock() })).rejects.toMatchObject({
    code: 'STORE_OPEN_FAILED',
  });
});
