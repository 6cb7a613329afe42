import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { BUILTINS, signature } from '@parley/core';
import type { Builtin } from '@parley/core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { CodeAction, CompletionItem, TextEdit } from 'vscode-languageserver/node';
import { Editor, covered, manifest } from './editor.ts';

const RESPOND = signature(BUILTINS.get('Respond') as Builtin);

let editor: Editor;
const folder = mkdtempSync(join(tmpdir(), 'parley-lsp-'));

beforeAll(async () => {
  editor = await Editor.start();
});
afterAll(async () => {
  expect(await editor.stop()).toBe(0);
  rmSync(folder, { recursive: true, force: true });
});

const TABLE = `
  <lc:file name="acl" path="acl.csv" keyColumnName="user">
    <lc:column name="user"/><lc:column name="action"/>
  </lc:file>`;

const labels = (items: readonly CompletionItem[]): string[] => items.map(({ label }) => label);

/** The text after an action. */
function applied(text: string, action: CodeAction | undefined): string {
  const [edit] = Object.values(action?.edit?.changes ?? {}).flat();
  if (edit === undefined) return 'no edit';
  const lines = text.split('\n');
  const { start, end } = edit.range;
  const line = lines[start.line] ?? '';
  lines[start.line] = line.slice(0, start.character) + edit.newText + line.slice(end.character);
  return lines.join('\n');
}

describe('errors as you type', () => {
  test('a fault of the script is marked on exactly the word, inside the CDATA section', async () => {
    const text = manifest('    Respnd(403, "Forbidden");');
    const [found, ...others] = await editor.diagnostics(await editor.open(text));
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      code: 'MSPL_UNKNOWN_FUNCTION',
      severity: 1,
      source: 'mspl',
      message: expect.stringContaining('Respond') as string,
    });
    expect(found && covered(text, found.range)).toBe('Respnd');
  });

  test('a fault of the manifest is marked on its value', async () => {
    const text = manifest('').replace('"INVITE"', '"INVITE,MESAGE"');
    const [found] = await editor.diagnostics(await editor.open(text));
    expect(found).toMatchObject({ code: 'MSPL_VALUE' });
    expect(found && covered(text, found.range)).toBe('INVITE,MESAGE');
  });

  test('XML that is not well-formed is marked where it breaks', async () => {
    const [found] = await editor.diagnostics(await editor.open('<a:applicationManifest>\n  <a:splScript>\n</a:applicationManifest>'));
    expect(found).toMatchObject({ code: 'MSPL_XML', range: { start: { line: expect.any(Number) as number } } });
  });

  test('a script without CDATA is marked behind its entities', async () => {
    const text = manifest('').replace('<![CDATA[\n\n  ]]>', 'if (1 &lt; 2) { Lgo("Event", 0); }');
    const [found] = await editor.diagnostics(await editor.open(text));
    expect(found && covered(text, found.range)).toBe('Lgo');
  });

  test('a change of a range makes the fault go, and another one makes it come back', async () => {
    const uri = await editor.open(manifest('    Respnd(403, "Forbidden");'));
    expect(await editor.diagnostics(uri, 1)).toHaveLength(1);
    await editor.change(uri, 2, 'o', { start: { line: 4, character: 8 }, end: { line: 4, character: 8 } });
    expect(await editor.diagnostics(uri, 2)).toEqual([]);
    await editor.change(uri, 3, manifest('    x = ;'));
    expect(await editor.diagnostics(uri, 3)).toHaveLength(1);
  });

  test('closing a document takes its marks away', async () => {
    const uri = await editor.open(manifest('x'));
    expect(await editor.diagnostics(uri, 1)).not.toEqual([]);
    await editor.close(uri);
    await editor.diagnostics(await editor.open(manifest('')));
    expect(await editor.diagnostics(uri)).toEqual([]);
  });

  test('a script without a manifest is checked by itself', async () => {
    const [found] = await editor.diagnostics(await editor.open('ProxyRequst("");', 'alone.mspl', 'mspl'));
    expect(found).toMatchObject({
      code: 'MSPL_UNKNOWN_FUNCTION',
      range: { start: { line: 0, character: 0 }, end: { line: 0, character: 11 } },
    });
  });

  test('tables are read from beside the manifest', async () => {
    const uri = pathToFileURL(join(folder, 'tables.am')).href;
    writeFileSync(join(folder, 'acl.csv'), 'alice,allow\nalice,deny\n');
    const [found] = await editor.diagnostics(await editor.open(manifest('x = acl["a"].action;', TABLE), uri));
    expect(found).toMatchObject({ code: 'MSPL_FILE_DUPLICATE_KEY' });
  });

  test('a pipe in the place of a table is an error, and does not hold the server up', async () => {
    const beside = join(folder, 'pipe');
    mkdirSync(beside);
    execFileSync('mkfifo', [join(beside, 'acl.csv')]);
    const [found] = await editor.diagnostics(await editor.open(manifest('', TABLE), pathToFileURL(join(beside, 'a.am')).href));
    expect(found).toMatchObject({ code: 'MSPL_FILE_UNREADABLE' });
  });
});

describe('a broken document never kills the server', () => {
  const SCRIPT = manifest(
    '    function f(a) { return a; }\n    from = GetUserAtHost(sipRequest.From);\n    if (acl[from].action == "x") { Respond(403, "No"); }',
    TABLE,
  );

  test('at every truncation all requests are answered', async () => {
    for (let length = 0; length <= SCRIPT.length; length += 7) {
      const text = SCRIPT.slice(0, length);
      const uri = await editor.open(text);
      const lines = text.split('\n');
      const at = { textDocument: { uri }, position: { line: lines.length - 1, character: lines.at(-1)?.length ?? 0 } };
      const wanted = ['hover', 'completion', 'signatureHelp', 'definition', 'documentSymbol', 'prepareRename'];
      await Promise.all(wanted.map((what) => editor.connection.sendRequest(`textDocument/${what}`, at)));
      await editor.close(uri);
    }
  });

  test('a document beyond the limit gets one error and no help', async () => {
    const uri = await editor.open(manifest(`// ${'x'.repeat(530_000)}\nRespnd();`));
    expect((await editor.diagnostics(uri)).map(({ code }) => code)).toEqual(['MSPL_MANIFEST_TOO_LARGE']);
    const at = { textDocument: { uri }, position: { line: 1, character: 6 } };
    expect(await editor.connection.sendRequest('textDocument/hover', at)).toBeNull();
  });

  test.each([
    ['comments', '/'.repeat(250_000)],
    ['parentheses', '('.repeat(250_000)],
    ['functions', 'function f(){}\n'.repeat(15_000)],
    ['less-than signs', '<'.repeat(250_000)],
    ['nothing but tag ends', '</a '.repeat(60_000)],
  ])('many %s are looked through in time', { timeout: 20_000 }, async (_name, text) => {
    const uri = await editor.open(manifest(text));
    const at = { textDocument: { uri }, position: { line: 5, character: 2 } };
    await editor.connection.sendRequest('textDocument/completion', at);
    await editor.connection.sendRequest('textDocument/signatureHelp', at);
    await editor.diagnostics(uri);
    await editor.close(uri);
  });

  test('the server ends with an editor that goes away without a word', async () => {
    const other = await Editor.start();
    await other.open(manifest(''));
    expect(await other.vanish()).toBe(1);
  });

  test('a request for a document that is not open gets no answer, and no error', async () => {
    const at = { textDocument: { uri: 'file:///nowhere.am' }, position: { line: 0, character: 0 } };
    expect(await editor.connection.sendRequest('textDocument/hover', at)).toBeNull();
    expect(await editor.connection.sendRequest('textDocument/codeAction', { ...at, range: {}, context: { diagnostics: [] } })).toBeNull();
  });
});

describe('hovering', () => {
  test.each([
    ['a built-in function', '    Resp|ond(403, "No");', /Respond\(code, .*extras\.\.\.\): bool[\s\S]*On requests only\.[\s\S]*MSPL_STATUS/],
    ['a function that is gone', '    Challe|nge();', /is gone/],
    ['a built-in variable', '    x = sipReq|uest.From;', /sipRequest: Request/],
    ['a member', '    x = sipRequest.Fr|om;', /Message\.From: string, read only/],
    ['a member of a member', '    x = sipResponse.Transaction.Request.Meth|od;', /Request\.Method/],
    ['an enumeration', '    x = StandardMe|thod.Invite;', /`Invite`/],
    ['a member of an enumeration', '    x = StandardMethod.Inv|ite;', /INVITE requests/],
    [
      'a function of the script',
      '    function allowed(who, what) { return true; }\n    x = allo|wed(1, 2);',
      /function allowed\(who, what\)/,
    ],
    [
      'a variable with its type',
      '    from = GetUserAtHost(sipRequest.From);\n    Log("Event", false, fr|om);',
      /from: string[\s\S]*A variable of the script/,
    ],
    ['a member of an endpoint', '    foreach (dbEndpoint in QueryEndpoints("a@b")) { x = dbEndpoint.EP|ID; }', /RegistrarEndpoint\.EPID/],
    ['a table', '    x = ac|l["a"].action;', /Table \*\*acl\*\* with the columns user, action/],
    ['a column', '    x = acl["a"].act|ion;', /Column \*\*action\*\*/],
  ])('%s says what it is', async (_what, script, wanted) => {
    expect(await editor.hover(manifest(script, TABLE))).toMatch(wanted);
  });

  test.each([
    ['an element', '<lc:request|Filter', /\*\*<requestFilter>\*\*[\s\S]*methodNames/],
    ['an attribute', 'method|Names=', /\*\*methodNames\*\* of <requestFilter>[\s\S]*`OTHER`[\s\S]*When absent: `ALL`/],
    ['a value', '"INV|ITE"', /\*\*methodNames\*\*/],
    ['the appUri', 'lc:app|Uri', /absolute HTTP URL/],
  ])('%s of the manifest too', async (_what, marked, wanted) => {
    expect(await editor.hover(manifest('').replace(marked.replace('|', ''), marked))).toMatch(wanted);
  });

  test.each([
    ['a comment', '    // Respo|nd'],
    ['a string', '    x = "Respo|nd";'],
    ['a name that means nothing', '    x = nothi|ng.From;'],
  ])('%s says nothing', async (_what, script) => {
    expect(await editor.hover(manifest(script))).toBeUndefined();
  });
});

describe('completion', () => {
  test('names in scope, built-ins, tables, enumerations and words', async () => {
    const script = '    function f(a) { inner = a; return inner; }\n    from = "x";\n    Re|';
    const items = await editor.completion(manifest(script, TABLE));
    expect(labels(items)).toEqual(expect.arrayContaining(['from', 'f', 'acl', 'Respond', 'sipRequest', 'StandardMethod', 'return']));
    expect(labels(items)).not.toContain('inner');
    expect(items.find(({ label }) => label === 'Respond')).toMatchObject({
      detail: RESPOND,
      insertText: 'Respond($0)',
    });
  });

  test('inside a function its parameters and variables, and not those of others', async () => {
    const script = '    function f(who) { local = 1; | }\n    from = "x";';
    const items = await editor.completion(manifest(script));
    expect(labels(items)).toEqual(expect.arrayContaining(['who', 'local', 'f']));
    expect(labels(items)).not.toContain('from');
  });

  test.each([
    ['a built-in variable', '    x = sipRequest.|', ['From', 'Method', 'RequestUri']],
    ['what is half typed', '    x = sipRequest.Fr|;', ['From', 'To']],
    ['a member', '    x = sipResponse.Transaction.Request.|', ['Method']],
    ['an enumeration', '    if (sipRequest.StandardMethod == StandardMethod.|', ['Invite', 'Message', 'NonStandard']],
    ['an endpoint', '    foreach (dbEndpoint in QueryEndpoints("a@b")) { dbEndpoint.| }', ['EPID', 'ContactInfo']],
    ['a table', '    x = acl[GetUserAtHost(sipRequest.From)].|', ['user', 'action']],
    ['a variable', '    t = sipResponse.Transaction;\n    x = t.|', ['MarshalContent', 'Request']],
  ])('behind the dot of %s are its members', async (_what, script, wanted) => {
    const items = labels(await editor.completion(manifest(script, TABLE)));
    expect(items).toEqual(expect.arrayContaining(wanted));
    expect(items).not.toContain('Respond');
  });

  test.each(['    // Resp|', '    x = "Resp|";', '    /* Resp| */', '    x = 12|;', '    x = "unfinished |'])(
    'nothing is offered at `%s`',
    async (script) => {
      expect(await editor.completion(manifest(script))).toEqual([]);
    },
  );

  test('elements that are not there yet, with the prefix of the manifest', async () => {
    const items = await editor.completion(manifest('', '\n  <|'));
    expect(labels(items)).toEqual(expect.arrayContaining(['lc:responseFilter', 'lc:file', 'lc:scriptOnly']));
    expect(labels(items)).not.toContain('lc:requestFilter');
    expect(labels(items)).not.toContain('lc:column');
  });

  test('columns inside a file', async () => {
    expect(labels(await editor.completion(manifest('', '\n  <lc:file name="a" path="b"><lc:|</lc:file>')))).toEqual(['lc:column']);
  });

  test('an empty document begins with the manifest', async () => {
    const [root] = await editor.completion('<|');
    expect((root?.textEdit as TextEdit | undefined)?.newText).toContain('xmlns:lc="http://schemas.microsoft.com/lcs/2006/05"');
  });

  test('attributes that are not there yet', async () => {
    expect(labels(await editor.completion(manifest('').replace('methodNames="INVITE"/>', 'methodNames="INVITE" |/>')))).toEqual([
      'registrarGenerated',
      'strictRoute',
      'domainSupported',
      'phoneUri',
    ]);
  });

  test('values of an attribute, in a list those that are not there yet', async () => {
    const items = labels(await editor.completion(manifest('').replace('"INVITE"', '"INVITE,ME|"')));
    expect(items).toContain('MESSAGE');
    expect(items).not.toContain('INVITE');
  });

  test('a script by itself has names and built-ins', async () => {
    expect(labels(await editor.completion('x = 1;\n|', 'alone.mspl'))).toEqual(expect.arrayContaining(['x', 'Respond']));
  });
});

describe('the parameters of a call', () => {
  test.each([
    ['the first', '    Respond(|', RESPOND, 0],
    ['the second', '    Respond(403, |)', RESPOND, 1],
    ['the rest', '    Respond(403, "No", "A=b", "C=d|")', RESPOND, 2],
    ['of the inner call', '    x = Concatenate("a", GetUri(|', 'GetUri(value)', 0],
    ['of the outer call again', '    x = Concatenate("a", GetUri("b"), |', 'Concatenate(values...)', 0],
    ['of a function of the script', '    function f(who, what) { return true; }\n    f(1, |', 'f(who, what)', 1],
  ])('%s is shown', async (_what, script, label, active) => {
    expect(await editor.signatureHelp(manifest(script))).toMatchObject({ signatures: [{ label }], activeParameter: active });
  });

  test('outside calls nothing is shown', async () => {
    expect(await editor.signatureHelp(manifest('    Respond(403, "No");|'))).toBeNull();
  });
});

describe('going to names and changing them', () => {
  const SCRIPT = `    function allowed(who) {
      verdict = acl[who].action;
      return verdict == "allow";
    }
    who = GetUserAtHost(sipRequest.From);
    if (!allowed(who)) { Respond(403, "No"); }`;

  test.each([
    ['a function', 'if (!allowed(who', 'if (!allo|wed(who', 4],
    ['a variable of the body', 'allowed(who)) {', 'allowed(w|ho)) {', 8],
    ['a parameter', 'acl[who]', 'acl[w|ho]', 4],
  ])('%s is found where it is defined', async (_what, plain, marked, line) => {
    const text = manifest(SCRIPT).replace(plain, marked);
    expect((await editor.definition(text))?.range.start.line).toBe(line);
  });

  test('a table and a column are found in the manifest', async () => {
    const table = await editor.definition(manifest(SCRIPT, TABLE).replace('= acl[', '= ac|l['));
    expect(table && covered(manifest(SCRIPT, TABLE), table.range)).toBe('acl');
    const column = await editor.definition(manifest(SCRIPT, TABLE).replace('].action', '].act|ion'));
    expect(column && covered(manifest(SCRIPT, TABLE), column.range)).toBe('action');
  });

  test('a variable has the places of its own function only', async () => {
    const found = await editor.references(manifest(SCRIPT).replace('acl[who]', 'acl[w|ho]'));
    expect(found.map(({ range }) => range.start.line)).toEqual([4, 5]);
  });

  test('renaming changes every place of the name and no other', async () => {
    const { changes } = await editor.rename(manifest(SCRIPT).replace('!allowed', '!allo|wed'), 'permitted');
    const edits = Object.values(changes ?? {}).flat();
    expect(edits.map(({ range, newText }) => [range.start.line, newText])).toEqual([
      [4, 'permitted'],
      [9, 'permitted'],
    ]);
  });

  test.each([
    ['a built-in function', 'Respond', /a built-in function already/],
    ['a word of the language', 'while', /a word of the language/],
    ['what is no name', '1x', /letter or _/],
    ['a variable that is there', 'verdict', /a variable here already/],
  ])('renaming into %s is refused with the reason', async (_what, newName, reason) => {
    await expect(editor.rename(manifest(SCRIPT).replace('acl[who]', 'acl[w|ho]'), newName)).rejects.toThrow(reason);
  });

  test('a built-in cannot be renamed', async () => {
    await expect(editor.rename(manifest(SCRIPT).replace('Respond', 'Resp|ond'), 'x')).rejects.toThrow(/neither/);
  });

  test('the outline has tables, functions with their variables, and variables', async () => {
    const symbols = await editor.symbols(manifest(SCRIPT, TABLE));
    expect(symbols.map(({ name, children }) => [name, children?.map((child) => child.name)])).toEqual([
      ['acl', ['user', 'action']],
      ['allowed', ['who', 'verdict']],
      ['who', []],
    ]);
  });
});

describe('quick fixes', () => {
  test.each([
    ['a misspelt function', 'Respnd(403, "No");', 'Respond(403, "No");'],
    ['a misspelt member', 'x = sipRequest.Form;', 'x = sipRequest.From;'],
    ['a misspelt variable', 'from = "a"; Log("Event", false, frm);', 'from = "a"; Log("Event", false, from);'],
    ['a missing semicolon', 'x = 1', 'x = 1;'],
  ])('%s is mended', async (_what, wrong, right) => {
    const [action] = await editor.actions(manifest(wrong));
    expect(applied(manifest(wrong), action)).toBe(manifest(right));
  });

  test.each([
    ['an element', '<lc:requestFilter', '<lc:requestFiter'],
    ['an attribute', 'methodNames=', 'methodName='],
    ['a value', '"INVITE"', '"ACK,INVTE"'],
    ['a value in the wrong case', '"INVITE"', '"Invite"'],
    ['a space in a tag end', '"INVITE"/>', '"INVITE"/ >'],
    ['typographic quotes', '"INVITE"', '\u201cINVITE\u201d'],
    ['an XML declaration without its mark', '<?xml version="1.0"?>', '<?xml version="1.0">'],
  ])('%s of the manifest is mended', async (_what, right, wrong) => {
    const text = manifest('').replace(right, wrong);
    const [action] = await editor.actions(text);
    expect(applied(text, action)).toBe(manifest('').replace(right, wrong.startsWith('"ACK') ? '"ACK,INVITE"' : right));
  });

  test('what only a person can mend has none', async () => {
    expect(await editor.actions(manifest('x = acl["a"].b;'))).toEqual([]);
  });
});
