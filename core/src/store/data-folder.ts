/** The folder that holds everything a server keeps, and the lock that makes it one server's. */
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { StoreErrors } from './errors.ts';

/** Nothing is ever stored in it: SQLite locks the file by the operating system's means, so that the lock dies with the process. */
const LOCK_FILE = 'lock.sqlite';
/** Tells a second server, and people, who holds the lock. Not the lock itself. */
const HOLDER_FILE = 'server.json';

/** A lock that nobody refers to would be collected, and its file unlocked with it. */
const held = new Set<DatabaseSync>();

/** Who holds a folder's lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly since: string;
}

/** A folder that this process has locked. */
export interface DataFolder {
  /** Absolute. */
  readonly path: string;
  /** Others than its owner may enter it: worth a warning, since it holds keys. */
  readonly openToOthers: boolean;
  release(): void;
}

/**
 * Makes the folder when it is missing (mode 0700) and locks it for this process.
 * @throws STORE_FOLDER_UNUSABLE, STORE_FOLDER_IN_USE
 */
export function openDataFolder(path: string): DataFolder {
  const openToOthers = prepare(path);
  const lock = acquire(path);
  held.add(lock);
  const holder: LockHolder = { pid: process.pid, host: hostname(), since: new Date().toISOString() };
  writeFileSync(join(path, HOLDER_FILE), `${JSON.stringify(holder)}\n`, { mode: 0o600 });
  return {
    path,
    openToOthers,
    release: () => {
      if (!held.delete(lock)) return;
      rmSync(join(path, HOLDER_FILE), { force: true });
      lock.close();
    },
  };
}

/** Who runs on the folder as far as it says; the process may be gone. undefined when nobody has left a name. */
export function lockHolder(path: string): LockHolder | undefined {
  try {
    const found: unknown = JSON.parse(readFileSync(join(path, HOLDER_FILE), 'utf8'));
    if (typeof found !== 'object' || found === null || !('pid' in found) || !('host' in found) || !('since' in found)) return undefined;
    if (typeof found.pid !== 'number' || typeof found.host !== 'string' || typeof found.since !== 'string') return undefined;
    return { pid: found.pid, host: found.host, since: found.since };
  } catch {
    return undefined;
  }
}

function prepare(path: string): boolean {
  try {
    // The mode of mkdir passes through the umask.
    if (makeFolder(path)) chmodSync(path, 0o700);
    const found = statSync(path);
    if (!found.isDirectory()) throw new Error('it is not a folder');
    return process.platform !== 'win32' && (found.mode & 0o077) !== 0;
  } catch (error) {
    throw unusable(path, error);
  }
}

/** True when it was not there. Not `recursive`: inside /proc, where nothing can be made, Node.js would try that for ever. */
function makeFolder(path: string): boolean {
  const missing: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) missing.unshift(at);
  for (const folder of missing) {
    try {
      mkdirSync(folder, { mode: 0o700 });
    } catch (error) {
      // Another process was quicker, or a link leads nowhere: what it is now is asked afterwards.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
  return missing.length > 0;
}

function acquire(path: string): DatabaseSync {
  let lock: DatabaseSync;
  try {
    lock = new DatabaseSync(join(path, LOCK_FILE), { timeout: 0 });
    chmodSync(join(path, LOCK_FILE), 0o600);
  } catch (error) {
    throw unusable(path, error);
  }
  try {
    lock.exec('begin exclusive');
    return lock;
  } catch (error) {
    lock.close();
    if (error instanceof Error && /locked/i.test(error.message))
      throw StoreErrors.STORE_FOLDER_IN_USE({ folder: path, holder: describe(path) });
    throw unusable(path, error);
  }
}

function describe(path: string): string {
  const holder = lockHolder(path);
  if (holder === undefined) return 'which has not said who it is';
  const where = holder.host === hostname() ? '' : ` on ${holder.host}`;
  return `process ${holder.pid}${where}, since ${holder.since}`;
}

function unusable(path: string, error: unknown): Error {
  return StoreErrors.STORE_FOLDER_UNUSABLE(
    { folder: path, reason: error instanceof Error ? error.message : String(error) },
    { cause: error },
  );
}
