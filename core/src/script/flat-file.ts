/** Flat files: tables beside the manifest that scripts look up by key or row number. Sheet mspl 4.8. */
import { readFileSync, statSync, watch } from 'node:fs';
import { basename, dirname } from 'node:path';
import { ParleyError } from '../errors/index.ts';
import type { Clock, Timer } from '../clock/index.ts';
import { ManifestErrors as E } from './errors.ts';
import type { FlatFileDeclaration } from './manifest.ts';
import { splitRows } from './flat-file-rows.ts';
import type { FileRow } from './flat-file-rows.ts';

/** Where flat files come from; the file system unless a test or an editor says otherwise. */
export interface FileSource {
  /** The text of a file. Throws when it cannot be read. */
  read(path: string): string;
  /** Calls `changed` whenever the file may be another one; the function that it gives ends that. */
  watch(path: string, changed: () => void): () => void;
}

/** Bytes of one file. */
export const FILE_LIMIT = 16_777_216;
/** Rows of one file. */
export const ROW_LIMIT = 200_000;
/** After a change, how long a file has to stay as it is before it is read: a half-written one is no table. */
export const SETTLE_MS = 50;

export interface FlatTable {
  readonly rows: readonly (readonly string[])[];
  /** Row numbers by key; empty for a file without keys. */
  readonly byKey: ReadonlyMap<string, number>;
  /** Rows have fewer fields than the file has columns, which is allowed and seldom meant; undefined when none has. */
  readonly remark: ParleyError | undefined;
}

/** Told what becomes of a file that has changed. */
export interface FileChanges {
  /** The new version cannot be used; the table before it stays. */
  failed(error: ParleyError): void;
  /** The new version is used, with a remark. */
  remarked(remark: ParleyError): void;
}

/** The file system. A file is watched through its folder, because editors replace files instead of writing into them. */
export const FILE_SYSTEM: FileSource = {
  read(path) {
    if (statSync(path).size > FILE_LIMIT) throw E.MSPL_FILE_TOO_LARGE({ path, limit: FILE_LIMIT, what: 'bytes' });
    return readFileSync(path, 'utf8');
  },
  watch(path, changed) {
    const name = basename(path);
    const watcher = watch(dirname(path), { persistent: false }, (_event, file) => {
      if (file === null || file === name) changed();
    });
    // A folder that is gone: the table that is loaded stays.
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  },
};

/** One table, kept up to date while the application is loaded. */
export class FlatFile {
  readonly name: string;
  readonly keyed: boolean;
  /** Why the file as it is now is not used; undefined while it is. */
  fault: ParleyError | undefined = undefined;
  private current: FlatTable;
  private stopWatching: (() => void) | undefined = undefined;
  private settling: Timer | undefined = undefined;

  /** Reads the file; throws a ParleyError of the manifest's table for one that cannot be used. @param path absolute */
  constructor(
    readonly declaration: FlatFileDeclaration,
    private readonly path: string,
    private readonly source: FileSource,
  ) {
    this.name = declaration.name;
    this.keyed = declaration.keyColumn !== undefined;
    this.current = this.load();
  }

  get table(): FlatTable {
    return this.current;
  }

  /** The row of a key; undefined if there is none. */
  row(key: string): readonly string[] | undefined {
    const number = this.current.byKey.get(this.declaration.ignoreCase ? key.toLowerCase() : key);
    return number === undefined ? undefined : this.current.rows[number];
  }

  /** Loads the file again when it changes, unless it is static. A change that cannot be used leaves the table as it is. */
  follow(clock: Clock | undefined, changes: FileChanges): void {
    if (this.declaration.static) return;
    const reload = (): void => this.reload(changes);
    this.stopWatching = this.source.watch(this.path, () => {
      clock?.timers.cancel(this.settling);
      if (clock === undefined) reload();
      else this.settling = clock.timers.start(SETTLE_MS, reload);
    });
  }

  close(): void {
    this.stopWatching?.();
    this.stopWatching = undefined;
  }

  private reload(changes: FileChanges): void {
    try {
      this.current = this.load();
      this.fault = undefined;
    } catch (error) {
      this.fault = this.faultOf(error);
      changes.failed(this.fault);
      return;
    }
    if (this.current.remark !== undefined) changes.remarked(this.current.remark);
  }

  /** A path that was right at the start needs no correction: its file is gone. */
  private faultOf(error: unknown): ParleyError {
    if (!(error instanceof ParleyError)) return E.MSPL_FILE_UNREADABLE({ path: this.path, problem: String(error) });
    return isMissing(error.cause) ? E.MSPL_FILE_GONE({ path: this.path }, { cause: error }) : error;
  }

  private load(): FlatTable {
    const { columns, delimitedBy, keyColumn, ignoreCase } = this.declaration;
    const text = readText(this.source, this.path);
    const rows = splitRows(text, delimitedBy, this.path, ROW_LIMIT);
    const byKey = new Map<string, number>();
    const column = keyColumn === undefined ? -1 : columns.indexOf(keyColumn);
    const table: string[][] = [];
    const lines: number[] = [];
    for (const { line, fields } of rows) {
      // Trailing fields that are left out are empty; those beyond the last column have no name.
      const row = columns.map((_, index) => fields[index] ?? '');
      if (column >= 0) {
        const key = ignoreCase ? (row[column] as string).toLowerCase() : (row[column] as string);
        const earlier = byKey.get(key);
        if (earlier !== undefined) throw E.MSPL_FILE_DUPLICATE_KEY({ key, first: lines[earlier] ?? 0, second: line, path: this.path });
        byKey.set(key, table.length);
      }
      table.push(row);
      lines.push(line);
    }
    return { rows: table, byKey, remark: shortRows(rows, columns, this.path) };
  }
}

/** Lines that are named one by one. */
const LINES_NAMED = 5;

function shortRows(rows: readonly FileRow[], columns: readonly string[], path: string): ParleyError | undefined {
  const [first, ...others] = rows.filter(({ fields }) => fields.length < columns.length && !isRemark(fields));
  if (first === undefined) return undefined;
  const missing = columns.slice(first.fields.length);
  const named = others.slice(0, LINES_NAMED).map(({ line }) => line);
  const rest = others.length > named.length ? ` and ${others.length - named.length} more` : '';
  return E.MSPL_FILE_SHORT_ROW({
    path,
    line: first.line,
    columns: `${missing.length === 1 ? 'column' : 'columns'} ${missing.join(', ')}`,
    others: others.length === 0 ? '' : `; too short as well: ${others.length === 1 ? 'line' : 'lines'} ${named.join(', ')}${rest}`,
  });
}

/** The format has no comments, but administrators write them: a row whose key nobody asks for. */
function isRemark(fields: readonly string[]): boolean {
  return fields[0]?.startsWith('#') === true;
}

function readText(source: FileSource, path: string): string {
  try {
    return source.read(path);
  } catch (cause) {
    if (cause instanceof ParleyError) throw cause;
    throw E.MSPL_FILE_UNREADABLE({ path, problem: problemText(cause) }, { cause });
  }
}

/** `EACCES: permission denied`, without the call and the path that the system names behind it. */
function problemText(cause: unknown): string {
  return cause instanceof Error ? cause.message.replace(/, \w+ '.*'$/s, '') : String(cause);
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
}
