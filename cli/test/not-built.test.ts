/** The command in a checkout that has not been built, or not since a file came. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EXIT } from '../src/exit-code.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'parley-not-built-'));
  cpSync(join(import.meta.dirname, '../bin'), join(folder, 'bin'), { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function parley(...args: string[]): { code: number | null; said: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'bin/parley.js'), ...args], { encoding: 'utf8' });
  return { code: status, said: stderr };
}

function build(index: string): void {
  mkdirSync(join(folder, 'dist'));
  writeFileSync(join(folder, 'dist/index.js'), index);
}

test.each([['status'], ['start']])('%s before a build says what builds it, and fails', (command) => {
  expect(parley(command)).toEqual({
    code: EXIT.failed,
    said: `Parley is not built: there is no ${join(folder, 'dist/index.js')}.
In its folder, npm start builds it and starts the server; npm run build only builds it.
`,
  });
});

test('so does a build that lacks a file which came later', () => {
  build("export * from './later.js';");
  expect(parley('status').said).toContain(`there is no ${join(folder, 'dist/later.js')}`);
});

test('a package that is not installed is no matter of building', () => {
  build("import 'no-such-package';");
  const { code, said } = parley('status');
  expect(code).toBe(EXIT.failed);
  expect(said).toContain("Cannot find package 'no-such-package'");
  expect(said).not.toContain('not built');
});
