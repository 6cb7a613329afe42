/** Certificate files: written whole or not at all, keys for the server alone. */
import { closeSync, fsyncSync, openSync, readFileSync, renameSync, statSync, writeSync } from 'node:fs';
import { PkiErrors } from './errors.ts';

/** Mode of files that anybody may read, and of those with a key. */
export const PUBLIC = 0o644;
export const SECRET = 0o600;

/** Replaces `file`: written beside it, flushed and renamed. */
export function writeWhole(file: string, text: string, mode: number): void {
  const draft = `${file}.new`;
  const handle = openSync(draft, 'w', mode);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(draft, file);
}

/** The text of a file. Throws PKI_FILE_UNREADABLE. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw PkiErrors.PKI_FILE_UNREADABLE({ file, found: (error as Error).message }, { cause: error });
  }
}

/** Something that differs whenever one of the files was written or replaced. */
export function stampOf(files: readonly string[]): string {
  return files
    .map((file) => {
      const stat = statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? '-' : `${stat.ino}.${stat.size}.${stat.mtimeMs}`;
    })
    .join(' ');
}
