import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import type { ParleyError } from '../../src/errors/index.ts';
import { compileApplication } from '../../src/script/index.ts';
import type { CompileOptions, FileSource } from '../../src/script/index.ts';
import { compiled, faults, manifest, request, run, warnings } from './script-world.ts';

const KEYED = 'keyColumnName="user"';

/** A file that a test can change. */
class Shelf implements FileSource {
  readonly paths: string[] = [];
  watchers = 0;
  private changed: () => void = () => {};

  constructor(public text: string | Error) {}

  read(path: string): string {
    this.paths.push(path);
    if (this.text instanceof Error) throw this.text;
    return this.text;
  }

  watch(_path: string, changed: () => void): () => void {
    this.changed = changed;
    this.watchers++;
    return () => this.watchers--;
  }

  change(text: string | Error): void {
    this.text = text;
    this.changed();
  }
}

function table(script: string, attributes = KEYED): string {
  return manifest(
    script,
    `<lc:file name="acl" path="tables\\acl.csv" ${attributes}><lc:column name="user"/><lc:column name="action"/></lc:file>`,
  );
}

/** The header X after a run over this file. */
function found(expression: string, text: string, attributes = KEYED): string | undefined {
  const message = request('INVITE');
  const script = `v = ${expression}; if (v == null) { AddHeader("X", "null"); } else { AddHeader("X", v); }`;
  const { outcome } = run(compiled(table(script, attributes), { files: new Shelf(text) }), message);
  return outcome.error?.code ?? message.first('X');
}

test('MSPL R45: hit, miss, row number, and a row beyond the last', () => {
  const rows = 'alice,allow\nbob,deny\n';
  expect(found('acl["bob"].action', rows)).toBe('deny');
  expect(found('acl["carol"].action', rows)).toBe('null');
  expect(found('acl[1].user', rows)).toBe('bob');
  expect(found('acl[0].action', rows, '')).toBe('allow');
  expect(found('acl[2].user', rows)).toBe('null');
  expect(found('acl[-1].user', rows)).toBe('null');
  expect(found('acl[null].user', rows)).toBe('null');
  expect(found('acl[GetUriParameter("sip:a@b", "x")].user', rows)).toBe('null');
});

test('MSPL R45: case is folded if ignoreCase says so', () => {
  expect(found('acl["ALICE"].action', 'Alice,allow\n')).toBe('null');
  expect(found('acl["ALICE"].action', 'Alice,allow\n', `${KEYED} ignoreCase="true"`)).toBe('allow');
});

test('MSPL R45: a string key on a file without keys ends the script, and is warned of', () => {
  expect(found('acl["alice"].action', 'alice,allow\n', '')).toBe('MSPL_UNKEYED_FILE');
  expect(warnings(table('v = acl["alice"].action;', ''), { files: new Shelf('') })).toEqual(['MSPL_STRING_KEY']);
});

test.each([
  ['comma', 'alice,"say ""hi"", bob"\r\n', 'say "hi", bob'],
  ['comma', '\ufeff\n\nalice , allow \n', 'allow'],
  ['comma', 'alice,"two\nlines"\n', 'two lines'],
  ['comma', 'alice\n', ''],
  ['comma', 'alice,', ''],
  ['comma', 'alice,allow,more,fields', 'allow'],
  ['tab', 'alice\tallow, "all"\n', 'allow, "all"'],
  ['whitespace', '  alice   allow  \n', 'allow'],
])('a file delimited by %s: %j gives "%s"', (delimiter, text, value) => {
  expect(found('acl["alice"].action', text, `${KEYED} delimitedBy="${delimiter}"`)).toBe(value);
});

test('the path is relative to the manifest, backslashes and all', () => {
  const shelf = new Shelf('');
  compiled(table(''), { files: shelf });
  expect(shelf.paths).toEqual(['/etc/parley/tables/acl.csv']);
});

test.each([
  ['alice,allow\nbob,deny\nalice,deny', KEYED, 'MSPL_FILE_DUPLICATE_KEY'],
  ['Alice,allow\nalice,deny', `${KEYED} ignoreCase="true"`, 'MSPL_FILE_DUPLICATE_KEY'],
  ['alice,"allow', KEYED, 'MSPL_FILE_QUOTES'],
  ['a,b\n'.repeat(200_001), '', 'MSPL_FILE_TOO_LARGE'],
  ['a\tb\n'.repeat(200_001), 'delimitedBy="tab"', 'MSPL_FILE_TOO_LARGE'],
])('MSPL R46: a file that cannot be used refuses the application (%#)', (text, attributes, code) => {
  expect(faults(table('', attributes), { files: new Shelf(text) }).map((fault) => [fault.code, fault.line])).toEqual([[code, 3]]);
});

test('MSPL R46: a duplicate key is named with both its lines, an unreadable file with the reason', () => {
  expect(faults(table(''), { files: new Shelf('a,1\n\nb,2\na,3') })[0]?.message).toMatch(
    /the key a is in line 1 and in line 4 of .*acl\.csv/,
  );
  expect(faults(table(''), { files: new Shelf(new Error('ENOENT')) })[0]).toMatchObject({ code: 'MSPL_FILE_UNREADABLE' });
  expect(faults(table(''))[0]).toMatchObject({ code: 'MSPL_FILE_UNREADABLE', fix: 'Correct the path; it is relative to the manifest.' });
});

/** An application that shows what the table says of alice. */
function following(shelf: Shelf, options: CompileOptions = {}, attributes = KEYED): { says: () => string | undefined; close: () => void } {
  const application = compiled(table('AddHeader("X", Concatenate("", acl["alice"].action));', attributes), { files: shelf, ...options });
  const says = () => {
    const message = request('INVITE');
    run(application, message);
    return message.first('X');
  };
  return { says, close: () => application.close() };
}

test('MSPL R46: a changed file is used by the next message', () => {
  const shelf = new Shelf('alice,allow');
  const { says } = following(shelf);
  expect(says()).toBe('allow');
  shelf.change('alice,deny');
  expect(says()).toBe('deny');
});

test('MSPL R46: a static file is read once', () => {
  const shelf = new Shelf('alice,allow');
  const { says } = following(shelf, {}, `${KEYED} static="true"`);
  shelf.change('alice,deny');
  expect(says()).toBe('allow');
  expect([shelf.watchers, shelf.paths.length]).toEqual([0, 1]);
});

test('a file that is still being written is read when it has settled', () => {
  const clock = new FakeClock();
  const shelf = new Shelf('alice,allow');
  const { says } = following(shelf, { clock });
  shelf.change('');
  clock.advance(30);
  shelf.change('alice,deny');
  clock.advance(30);
  expect(says()).toBe('allow');
  clock.advance(30);
  expect(says()).toBe('deny');
  expect(shelf.paths).toHaveLength(2);
});

test('a change that cannot be used is reported and leaves the table as it was', () => {
  const failures: ParleyError[] = [];
  const shelf = new Shelf('alice,allow');
  const { says } = following(shelf, { fileFailed: (error) => failures.push(error) });
  shelf.change('alice,1\nalice,2');
  shelf.change(new Error('EACCES'));
  expect(says()).toBe('allow');
  expect(failures.map((error) => error.code)).toEqual(['MSPL_FILE_DUPLICATE_KEY', 'MSPL_FILE_UNREADABLE']);
});

test('an application tells of a table whose file cannot be used, until a good one is read', () => {
  const shelf = new Shelf('alice,allow');
  const application = compiled(table(''), { files: shelf });
  expect(application.tableFaults).toEqual([]);
  shelf.change('alice,1\nalice,2');
  expect(application.tableFaults).toMatchObject([{ code: 'MSPL_FILE_DUPLICATE_KEY' }]);
  shelf.change(new Error('EACCES'));
  expect(application.tableFaults).toMatchObject([{ code: 'MSPL_FILE_UNREADABLE' }]);
  shelf.change('alice,deny');
  expect(application.tableFaults).toEqual([]);
});

test('a table whose file is gone is told as that, with what it means for the next start; the path is named once', () => {
  const missing = Object.assign(new Error("ENOENT: no such file or directory, stat '/etc/parley/tables/acl.csv'"), { code: 'ENOENT' });
  const shelf = new Shelf('alice,allow');
  const application = compiled(table(''), { files: shelf });
  shelf.change(missing);
  expect(application.tableFaults).toMatchObject([
    {
      code: 'MSPL_FILE_GONE',
      message: expect.stringMatching(/^the file \S+acl\.csv is gone$/) as string,
      fix: 'Put it back: the table read from it before is still in use, and the server will not start again without it.',
    },
  ]);
  expect(faults(table(''), { files: new Shelf(missing) })[0]?.message).toMatch(
    /^the file \S+acl\.csv cannot be read: ENOENT: no such file or directory$/,
  );
});

test('rows with fewer fields than there are columns are warned of with file, line and column, and their fields are empty', () => {
  const text = table('').replace('<lc:column name="action"/>', '<lc:column name="action"/><lc:column name="target"/>');
  const warned = (rows: string): readonly (readonly [line: number, message: string])[] => {
    const result = compileApplication(text, '/etc/parley/test.am', { files: new Shelf(rows) });
    return result.ok ? result.warnings.map(({ line, message }) => [line, message]) : [];
  };
  const path = '/etc/parley/tables/acl.csv';
  expect(warned('alice,allow,\nbob,deny,x,more\n\n')).toEqual([]);
  expect(warned('# who may call\nalice,allow,x')).toEqual([]);
  expect(warned('alice,allow,x\n\nbob,deny\n')).toEqual([[3, `${path}:3 has no field for the column target`]]);
  expect(warned('alice\nbob,deny,x\ncarol,deny')).toEqual([
    [3, `${path}:1 has no field for the columns action, target; too short as well: line 3`],
  ]);
  const many = Array.from({ length: 9 }, (_, i) => `user${i},deny`).join('\n');
  expect(warned(many)).toEqual([[3, `${path}:1 has no field for the column target; too short as well: lines 2, 3, 4, 5, 6 and 3 more`]]);
  expect(found('acl["alice"].action', 'alice\n')).toBe('');
});

test('a changed file with short rows is used, with the same warning', () => {
  const remarks: ParleyError[] = [];
  const shelf = new Shelf('alice,allow');
  const { says } = following(shelf, { fileRemarked: (remark) => remarks.push(remark) });
  shelf.change('alice');
  expect(says()).toBe('');
  expect(remarks).toMatchObject([{ code: 'MSPL_FILE_SHORT_ROW' }]);
  shelf.change('alice,deny');
  expect(remarks).toHaveLength(1);
});

test('a closed application watches nothing; one that did not compile never did', () => {
  const shelf = new Shelf('alice,allow');
  const { close } = following(shelf);
  expect(shelf.watchers).toBe(1);
  close();
  expect(shelf.watchers).toBe(0);
  expect(compileApplication(table('x = y;'), 'a.am', { files: shelf }).ok).toBe(false);
  expect(shelf.watchers).toBe(0);
});

test('real files are read and followed', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-script-'));
  try {
    writeFileSync(join(folder, 'acl.csv'), 'alice,allow\n');
    const text = table('AddHeader("X", Concatenate("", acl["alice"].action));').replace('tables\\acl.csv', 'acl.csv');
    const result = compileApplication(text, join(folder, 'routes.am'));
    if (!result.ok) throw new Error(result.diagnostics[0]?.message);
    const says = () => {
      const message = request('INVITE');
      run(result.application, message);
      return message.first('X');
    };
    expect(says()).toBe('allow');
    writeFileSync(join(folder, 'acl.csv'), 'alice,deny\n');
    await expect.poll(says, { timeout: 5_000 }).toBe('deny');
    rmSync(join(folder, 'acl.csv'));
    await expect.poll(() => result.application.tableFaults, { timeout: 5_000 }).toMatchObject([{ code: 'MSPL_FILE_GONE' }]);
    expect(says()).toBe('deny');
    result.application.close();
  } finally {
    rmSync(folder, { recursive: true });
  }
});
