/** A start that nobody notices: everything that `parley start` does before it listens, on a copy of the data folder. */
import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync, backup } from 'node:sqlite';
import { ParleyError } from '../errors/index.ts';
import { temporaryStore } from '../store/index.ts';
import type { ServerConfig } from './define-server.ts';
import { Listeners } from './listeners.ts';
import { SILENT } from './logger.ts';
import { startOffline } from './server.ts';

const DATABASE_FILE = /\.sqlite(?:-\w+)?$/;

/** Why a server would not start. */
export interface Refusal {
  readonly reason: string;
  readonly fix: string;
}

/**
 * Boots the plugins without any socket, puts the application chain together and reads the certificates. Nothing is changed, whether or not
 * a server runs on the data folder. Scripts that are stored in PostgreSQL take no part: that database is not touched.
 * @returns why `startServer` would refuse, ports apart; undefined when it would not
 */
export async function rehearseStart(config: ServerConfig): Promise<Refusal | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-rehearsal-'));
  const told = (text: string): string => text.replaceAll(folder, config.dataDir);
  try {
    await copyFolder(config, folder);
    await rehearse({ ...config, dataDir: folder });
    return undefined;
  } catch (error) {
    if (error instanceof ParleyError) return { reason: told(error.message), fix: told(error.fix) };
    return { reason: told(error instanceof Error ? error.message : String(error)), fix: 'See what the error says.' };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function rehearse(config: ServerConfig): Promise<void> {
  const logger = { log: SILENT, reopen: () => undefined, flush: () => undefined };
  const store = config.store.kind === 'postgres' ? { store: temporaryStore() } : {};
  const host = await startOffline(config, { logger, rehearsal: true, ...store });
  try {
    await host.scripts?.rehearse();
    Listeners.check(config, host.extensions.certificates.values);
  } finally {
    await host.close();
  }
}

/** Keys and certificates as files, the database as SQLite copies one that may be in use. */
async function copyFolder({ dataDir, store }: ServerConfig, to: string): Promise<void> {
  if (!existsSync(dataDir)) return;
  for (const entry of readdirSync(dataDir, { withFileTypes: true, recursive: true })) {
    // Sockets and the lock are the running server's; logs may be long.
    if (!entry.isFile() || DATABASE_FILE.test(entry.name) || entry.name.includes('.log')) continue;
    const below = join(to, entry.parentPath.slice(dataDir.length));
    mkdirSync(below, { recursive: true, mode: 0o700 });
    copyFileSync(join(entry.parentPath, entry.name), join(below, entry.name));
    chmodSync(join(below, entry.name), 0o600);
  }
  const file = join(dataDir, store.kind === 'sqlite' ? store.file : '');
  if (store.kind !== 'sqlite' || !existsSync(file)) return;
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    await backup(database, join(to, store.file));
  } finally {
    database.close();
  }
}
