/** Opens the store that a configuration describes. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SystemClock } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { openPostgresStore } from './postgres-store.ts';
import { openSqliteStore } from './sqlite-store.ts';
import type { SqlStore } from './sql-store.ts';

const WRITE_MS = 30_000;

/** Where the data is. */
export type StoreLocation =
  | { readonly kind: 'sqlite'; /** Absolute path. */ readonly file: string }
  | { readonly kind: 'postgres'; readonly url: string; readonly connections?: number };

/** How a store is opened. */
export interface OpenOptions {
  readonly clock: Clock;
  /** Milliseconds for one write's own work; 30,000 when absent. */
  readonly writeMs?: number;
  /** False: SQLite never waits for the disk. For tests. */
  readonly survivesPowerCut?: boolean;
  /** Told when PostgreSQL drops an idle connection. */
  readonly onConnectionLost?: (error: Error) => void;
}

/** Throws STORE_OPEN_FAILED. The caller closes it. */
export function openStore(location: StoreLocation, options: OpenOptions): Promise<SqlStore> {
  const writeMs = options.writeMs ?? WRITE_MS;
  if (location.kind === 'postgres')
    return openPostgresStore({ ...options, url: location.url, connections: location.connections ?? 8, writeMs });
  const { clock, survivesPowerCut = true } = options;
  return new Promise((resolve) => resolve(openSqliteStore({ clock, file: location.file, writeMs, survivesPowerCut })));
}

/** A SQLite store in a folder of its own that goes with it. Waits for no disk: for tests. */
export function temporaryStore(clock?: Clock): SqlStore {
  const folder = mkdtempSync(join(tmpdir(), 'parley-store-'));
  const ownClock = clock === undefined ? new SystemClock() : undefined;
  return openSqliteStore({
    clock: clock ?? (ownClock as Clock),
    file: join(folder, 'store.sqlite'),
    writeMs: WRITE_MS,
    survivesPowerCut: false,
    afterClose: () => {
      ownClock?.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  });
}
