/** The plugin of docs/writing-a-plugin.md: its own tests, its build, and the page that shows it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import '../plugin-example/test/office-hours.test.ts';
import { ROOT } from './generated-page.ts';

const EXAMPLE = join(ROOT, 'docs/plugin-example');
const PAGE = readFileSync(join(ROOT, 'docs/writing-a-plugin.md'), 'utf8');

test('the example builds as a package of its own', () => {
  const out = mkdtempSync(join(tmpdir(), 'parley-example-'));
  try {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    execFileSync(process.execPath, [tsc, '-p', EXAMPLE, '--outDir', out], { stdio: 'pipe' });
    expect(readdirSync(out)).toContain('plugin.js');
    expect(readdirSync(out)).toContain('plugin.d.ts');
  } finally {
    rmSync(out, { recursive: true });
  }
});

test.each([
  'office-hours.am',
  'src/config.ts',
  'src/hours.ts',
  'src/handler.ts',
  'src/commands.ts',
  'src/plugin.ts',
  'test/office-hours.test.ts',
])('what the page shows of %s is what the file says', (file) => {
  const text = readFileSync(join(EXAMPLE, file), 'utf8');
  const shown = PAGE.slice(PAGE.indexOf(`[${file}](plugin-example/${file})`));
  const [, code = 'nothing'] = /```\w+\n([\s\S]*?)```/.exec(shown) ?? [];
  // `// ...` stands for lines that the page leaves out.
  for (const part of code.split(/^\s*\/\/ \.\.\.\n/m)) expect(text).toContain(part.trimEnd());
});
