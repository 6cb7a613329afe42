/** The file that holds the key of the {@link Vault}: made once, readable by the server alone. */
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { DirectoryErrors } from './errors.ts';
import { KEY_BYTES } from './vault.ts';

const OTHERS_CAN_READ = 0o077;

/**
 * Reads the key, or makes one when there is none and nothing needs it yet.
 * @param sealedCount how many encrypted rows the store has
 * Throws DIRECTORY_KEY_MISSING, DIRECTORY_KEY_DAMAGED or DIRECTORY_KEY_EXPOSED.
 */
export function loadOrMakeKey(file: string, sealedCount: number): Buffer {
  if (existsSync(file)) return readKey(file);
  if (sealedCount > 0) throw DirectoryErrors.DIRECTORY_KEY_MISSING({ file, count: sealedCount });
  return makeKey(file);
}

function readKey(file: string): Buffer {
  const mode = statSync(file).mode & 0o777;
  if (process.platform !== 'win32' && (mode & OTHERS_CAN_READ) !== 0) {
    throw DirectoryErrors.DIRECTORY_KEY_EXPOSED({ file, mode: mode.toString(8).padStart(4, '0') });
  }
  const key = readFileSync(file);
  if (key.length !== KEY_BYTES) throw DirectoryErrors.DIRECTORY_KEY_DAMAGED({ file, found: key.length, expected: KEY_BYTES });
  return key;
}

/** Written aside, flushed and linked into place: after a power cut there is the whole key or none. */
function makeKey(file: string): Buffer {
  const key = randomBytes(KEY_BYTES);
  const folder = dirname(file);
  const draft = `${file}.${process.pid}.new`;
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  rmSync(draft, { force: true });
  const handle = openSync(draft, 'wx', 0o600);
  try {
    writeSync(handle, key);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  linkSync(draft, file); // fails when another process was faster, instead of replacing its key
  rmSync(draft);
  syncFolder(folder);
  return key;
}

function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
