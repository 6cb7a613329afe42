import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from 'vitest';
import { checkScripts } from '../src/script-check.ts';
import { EXIT } from '../src/exit-code.ts';
import { run } from './run.ts';

const folder = mkdtempSync(join(tmpdir(), 'parley-check-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(() => {
  process.exitCode = 0;
});

function script(name: string, text: string, appUri = `http://example.com/${name}`): string {
  const file = join(folder, name);
  writeFileSync(
    file,
    `<a:applicationManifest a:appUri="${appUri}" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">\n<a:splScript><![CDATA[\n${text}\n]]></a:splScript></a:applicationManifest>`,
  );
  return file;
}

const PUBLISHED = `<?xml version="1.0">
<a:applicationManifest a:appUri="http://example.com/old" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">
<a:requestFilter methodNames=“INVITE” / >
<a:splScript><![CDATA[]]></a:splScript></a:applicationManifest>`;

test('MSPL R58: every fault of every file is shown at once, with line, column, caret and what would be right', async () => {
  const bad = script('bad.am', 'Respnd(200);\nx = sipRequst.From;');
  const good = script('good.am', '');
  const { out } = await run('script', 'check', bad, good);
  expect(out).toContain(`${bad}:3:1: error: there is no function Respnd [MSPL_UNKNOWN_FUNCTION]\n 3 | Respnd(200);\n   | ^^^^^^`);
  expect(out).toMatch(/bad\.am:4:5: error: there is no variable sipRequst .*\n.*\n.*\n.*did you mean sipRequest/);
  expect(out).toContain(`${bad}: 2 faults\n`);
  expect(out).toContain(`${good}: good\n`);
  expect(process.exitCode).toBe(EXIT.failed);
});

test('good files give exit code 0, and JSON has the same findings', async () => {
  const { out } = await run('script', 'check', script('good.am', 'function f() { return 1; }'), '--json');
  expect(JSON.parse(out)).toMatchObject({
    ok: true,
    twins: [],
    files: [{ ok: true, diagnostics: [{ code: 'MSPL_UNUSED_FUNCTION', line: 3 }] }],
  });
  expect(process.exitCode).toBe(0);
});

test('MSPL R60: the faults of published manifests are named one by one, and mended when asked, each repair reported', async () => {
  const file = join(folder, 'old.am');
  writeFileSync(file, PUBLISHED);
  const strict = await run('script', 'check', file);
  expect(strict.out).toContain(`${file}: 3 faults\n3 of them can be mended on reading: --lenient`);
  process.exitCode = 0;
  const lenient = await run('script', 'check', file, '--lenient');
  expect(lenient.out.match(/\(mended\)/g)).toHaveLength(3);
  expect(lenient.out).toContain(`${file}: good, 3 faults of its XML mended`);
  expect(process.exitCode).toBe(0);
});

test('a Dispatch is held against the plugin that is named, and one that nobody takes tells who would', async () => {
  const file = script('dispatch.am', 'Dispatch("onRegister");');
  const [plain] = (await checkScripts([file], {})).reports;
  expect(plain).toMatchObject({
    ok: true,
    diagnostics: [{ severity: 'warning', fix: expect.stringContaining('the plugin registrar') as string }],
  });
  const [registrar] = (await checkScripts([file], { handler: 'registrar' })).reports;
  expect(registrar).toMatchObject({ ok: true, diagnostics: [] });
  const [options] = (await checkScripts([script('typo.am', 'Dispatch("onRegistr");')], { handler: 'registrar' })).reports;
  expect(options).toMatchObject({ ok: false, diagnostics: [{ code: 'MSPL_DISPATCH_UNKNOWN', line: 3, column: 10 }] });
  await expect(checkScripts([file], { handler: 'options' })).rejects.toMatchObject({ code: 'CLI_NO_HANDLER' });
  await expect(checkScripts([file], { handler: 'nobody' })).rejects.toMatchObject({ code: 'CONFIG_PLUGIN_NOT_FOUND' });
  await expect(checkScripts([file], { handler: 'registar' })).rejects.toMatchObject({
    fix: expect.stringContaining('did you mean registrar.') as string,
  });
});

test('a script in the package of a plugin belongs to its handler', async () => {
  const file = join(import.meta.dirname, '../../plugins/registrar/routes.am');
  expect((await checkScripts([file], {})).reports).toMatchObject([{ ok: true, diagnostics: [] }]);
});

test('MSPL R2: two files with one appUri are refused together', async () => {
  const files = [script('one.am', '', 'http://example.com/x'), script('two.am', '', 'http://example.com/x')];
  expect(await checkScripts(files, {})).toMatchObject({ ok: false, twins: [expect.stringContaining('have the same appUri')] });
});

test('a file that cannot be read is a fault among the others', async () => {
  const { out } = await run('script', 'check', join(folder, 'nowhere.am'), script('good.am', ''));
  expect(out).toMatch(/nowhere\.am cannot be read[\s\S]*good\.am: good/);
  expect(process.exitCode).toBe(EXIT.failed);
});
