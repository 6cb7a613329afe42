/** Users from a CSV file: everything is checked before anything is stored. */
import { ParleyError } from '@parley/sdk';
import type { CommandInput } from '@parley/sdk';
import type { DirectoryAdmin, NewUser } from './api.ts';
import { readCsv } from './csv.ts';
import type { CsvRecord } from './csv.ts';
import { DirectoryErrors } from './errors.ts';

/** Users in one transaction. */
const BATCH = 200;
/** Faults that are listed; the rest is counted. */
const LISTED_FAULTS = 200;

const COLUMNS = ['uri', 'display', 'login', 'phone', 'group', 'password', 'enabled'] as const;
type Column = (typeof COLUMNS)[number];
const TRUE = new Set(['', 'yes', 'true', '1', 'enabled']);
const FALSE = new Set(['no', 'false', '0', 'disabled']);

/** One line that cannot be imported, and why. */
export interface LineFault {
  readonly line: number;
  readonly why: string;
}

/** A file as it was understood. */
export interface ImportPlan {
  readonly users: readonly { readonly line: number; readonly user: NewUser }[];
  readonly faults: readonly LineFault[];
  readonly total: number;
}

/** What came of an import. */
export interface ImportResult {
  readonly imported: number;
  readonly skipped: readonly LineFault[];
}

/**
 * Reads the file and checks each line against the directory and the lines before it.
 * Throws DIRECTORY_CSV_MALFORMED or DIRECTORY_CSV_HEADER when it cannot be read at all.
 */
export function planImport(text: string, admin: Pick<DirectoryAdmin, 'checkUsers'>): ImportPlan {
  const records = readCsv(text);
  const columns = readHeader(records.next().value as CsvRecord | undefined);
  const faults: LineFault[] = [];
  const read: { line: number; user: NewUser }[] = [];
  let total = 0;
  for (const record of records) {
    total++;
    const user = toUser(record, columns);
    if (typeof user === 'string') faults.push({ line: record.line, why: user });
    else read.push({ line: record.line, user });
  }
  const checked = admin.checkUsers(read.map((r) => r.user));
  const users = read.filter(({ line }, i) => {
    const own = checked[i] ?? [];
    faults.push(...own.map((fault) => ({ line, why: fault.message })));
    return own.length === 0;
  });
  return { users, faults: faults.sort((a, b) => a.line - b.line), total };
}

/**
 * Stores the good lines in batches; each is on the disk when its progress is told.
 * Throws DIRECTORY_IMPORT_REFUSED with every bad line unless `skipBad`, DIRECTORY_IMPORT_STOPPED when a batch fails or the caller is gone.
 */
export async function runImport(
  plan: ImportPlan,
  admin: Pick<DirectoryAdmin, 'addUsers'>,
  caller: Pick<CommandInput, 'progress' | 'signal'>,
  skipBad: boolean,
): Promise<ImportResult> {
  if (plan.faults.length > 0 && !skipBad) {
    const bad = new Set(plan.faults.map((fault) => fault.line)).size;
    throw DirectoryErrors.DIRECTORY_IMPORT_REFUSED({ bad, total: plan.total, lines: describe(plan.faults) });
  }
  let done = 0;
  while (done < plan.users.length) {
    try {
      caller.signal.throwIfAborted();
      const batch = plan.users.slice(done, done + BATCH);
      await admin.addUsers(batch.map((line) => line.user));
      done += batch.length;
    } catch (error) {
      const found = error instanceof ParleyError || error instanceof Error ? error.message : String(error);
      throw DirectoryErrors.DIRECTORY_IMPORT_STOPPED({ done, total: plan.users.length, found }, { cause: error });
    }
    caller.progress(`${done} of ${plan.users.length} users imported`);
  }
  return { imported: done, skipped: plan.faults };
}

/** One fault a line, as people read them. */
export function describe(faults: readonly LineFault[]): string {
  const lines = faults.slice(0, LISTED_FAULTS).map((fault) => `  line ${fault.line}: ${fault.why}`);
  if (faults.length > LISTED_FAULTS) lines.push(`  and ${faults.length - LISTED_FAULTS} more`);
  return lines.join('\n');
}

function readHeader(record: CsvRecord | undefined): Column[] {
  const names = (record?.fields ?? []).map((name) => name.trim().toLowerCase());
  const fail = (found: string): Error => DirectoryErrors.DIRECTORY_CSV_HEADER({ found });
  if (record === undefined) throw fail('the file is empty');
  if (!names.includes('uri')) throw fail('there is no column uri');
  for (const [i, name] of names.entries()) {
    if (!isColumn(name)) throw fail(`there is no such thing as "${name.slice(0, 40)}"`);
    if (names.indexOf(name) !== i) throw fail(`${name} comes twice`);
  }
  return names as Column[];
}

function isColumn(name: string): name is Column {
  return (COLUMNS as readonly string[]).includes(name);
}

/** The user of a line, or what is wrong with it. */
function toUser(record: CsvRecord, columns: readonly Column[]): NewUser | string {
  if (record.fields.length !== columns.length) return `it has ${record.fields.length} values and the header ${columns.length}`;
  const value = (column: Column): string => record.fields[columns.indexOf(column)] ?? '';
  const enabled = value('enabled').trim().toLowerCase();
  if (!TRUE.has(enabled) && !FALSE.has(enabled)) return `enabled is "${enabled.slice(0, 40)}" instead of yes or no`;
  return {
    uri: value('uri'),
    ...(value('display') !== '' && { displayName: value('display') }),
    logins: several(value('login')),
    phones: several(value('phone')),
    groups: several(value('group')),
    enabled: TRUE.has(enabled),
    ...(value('password') !== '' && { password: value('password') }),
  };
}

/** Values of one field are separated by semicolons, `;ext=` of a phone number apart. */
function several(field: string): string[] {
  return field
    .split(/;(?!ext=)/i)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
