/** Neovim, unmodified, with the language server: its own client shows the faults of a script, mends one, explains, completes, renames. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { missing, run } from './program.ts';

const ROOT = join(import.meta.dirname, '../..');
const SERVER = [join(ROOT, 'node_modules/.bin/node'), join(ROOT, 'cli/bin/parley.js'), 'script', 'lsp'];

const absent = missing({ nvim: 'neovim' });
if (absent !== undefined) console.warn(`The editor tests are skipped: ${absent}`);

const SCRIPT = `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/apps/Edited" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <lc:requestFilter methodNames="INVITE"/>
  <lc:file name="acl" path="acl.csv" keyColumnName="user">
    <lc:column name="user"/>
    <lc:column name="action"/>
  </lc:file>
  <lc:splScript><![CDATA[
    from = GetUserAtHost(sipRequest.From);
    verdict = acl[from].action;
    if (verdict == "deny") {
      Respnd(403, "Forbidden");
    }
  ]]></lc:splScript>
</lc:applicationManifest>
`;

interface Fault {
  readonly line: number;
  readonly word: string;
  readonly message: string;
  readonly code: string;
}

interface Seen {
  readonly before: readonly Fault[];
  readonly action: string;
  readonly after: readonly Fault[];
  readonly hover: string;
  readonly signature: string;
  readonly definition: { readonly range: { readonly start: { readonly line: number } } };
  readonly members: readonly string[];
  readonly outline: readonly string[];
  readonly broken: readonly Fault[];
  readonly undone: readonly Fault[];
  readonly stopped: boolean;
}

describe.skipIf(absent !== undefined)('Neovim', () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-editor-'));
  const script = join(folder, 'edited.am');
  let seen: Seen;

  beforeAll(async () => {
    const file = join(folder, 'seen.json');
    writeFileSync(script, SCRIPT);
    writeFileSync(join(folder, 'acl.csv'), 'mallory@example.com,deny\n');
    const env = { ...process.env, SCRIPT: script, SEEN: file, SERVER: SERVER.join('\n'), HOME: folder, XDG_STATE_HOME: folder };
    const session = join(import.meta.dirname, 'editor/session.lua');
    const { code, output } = await run('nvim', ['--headless', '--clean', '-c', `luafile ${session}`, '-c', 'cquit!'], { env });
    expect(code, output).toBe(0);
    seen = JSON.parse(readFileSync(file, 'utf8')) as Seen;
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test('shows the fault on its line, on exactly its word', () => {
    expect(seen.before).toMatchObject([{ line: 12, word: 'Respnd', code: 'MSPL_UNKNOWN_FUNCTION' }]);
  });

  test('mends it with the action that it offers, and then there is none', () => {
    expect(seen.action).toBe('Change to Respond');
    expect(seen.after).toEqual([]);
  });

  test('explains, shows parameters, goes to a definition, completes members, shows the outline', () => {
    expect(seen.hover).toContain('Answers the request');
    expect(seen.signature).toMatch(/^Respond\(code, .*extras\.\.\.\)$/);
    expect(seen.definition.range.start.line).toBe(9);
    expect(seen.members).toContain('From');
    expect(seen.outline).toEqual(['acl', 'from', 'answer']);
  });

  test('follows an edit and its undoing', () => {
    expect(seen.broken).toMatchObject([{ line: 12 }]);
    expect(seen.undone).toEqual([]);
  });

  test('saves a script that was renamed throughout and compiles', async () => {
    expect(readFileSync(script, 'utf8')).toBe(SCRIPT.replaceAll('verdict', 'answer').replace('Respnd', 'Respond'));
    const [node = '', ...command] = SERVER;
    const { code, output } = await run(node, [...command.slice(0, -1), 'check', script]);
    expect(code, output).toBe(0);
  });

  test('stops the server when it is done', () => {
    expect(seen.stopped).toBe(true);
  });
});
