import { readFileSync } from 'node:fs';
import { BUILTINS } from '@parley/core';
import { expect, test } from 'vitest';

/** The part of shiki that is used here: its own declarations need the browser's. */
interface Shiki {
  readonly createHighlighter: (options: { langs: readonly unknown[]; themes: readonly string[] }) => Promise<{
    codeToTokensBase(
      text: string,
      options: { lang: string; theme: string; includeExplanation: true },
    ): { readonly explanation?: readonly { readonly content: string; readonly scopes: readonly { readonly scopeName: string }[] }[] }[][];
  }>;
}

const FOLDER = new URL('../../vscode/syntaxes/', import.meta.url);

function grammar(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`${name}.tmLanguage.json`, FOLDER), 'utf8'));
}

const SHIKI: string = 'shiki';
const { createHighlighter } = (await import(SHIKI)) as Shiki;
const highlighter = await createHighlighter({ langs: [grammar('mspl'), grammar('mspl-manifest')], themes: ['github-light'] });

/** Every piece of a text with the names of its scopes, joined by spaces; blank pieces left out. */
function scopes(text: string, lang: string): [piece: string, scopes: string][] {
  const lines = highlighter.codeToTokensBase(text, { lang, theme: 'github-light', includeExplanation: true });
  return lines
    .flat()
    .flatMap((token) => token.explanation ?? [])
    .filter(({ content }) => content.trim() !== '')
    .map(({ content, scopes }) => [content.trim(), scopes.map(({ scopeName }) => scopeName).join(' ')]);
}

/** The scopes of the first piece that reads so. */
function scopeOf(piece: string, text: string, lang = 'mspl'): string {
  const found = scopes(text, lang);
  return found.find(([content]) => content === piece)?.[1] ?? `no piece ${piece} among ${found.map(([content]) => content).join(' | ')}`;
}

test.each([
  ['// why', 'x = 1; // why', 'comment.line'],
  ['function', 'function f(a) { return a; }', 'storage.type.function'],
  ['f', 'function f(a) { return a; }', 'entity.name.function'],
  ['a', 'function f(a) { return a; }', 'variable.parameter'],
  ['if', 'if (x) { }', 'keyword.control'],
  ['foreach', 'foreach (v in GetHeaderValues("Via")) { }', 'keyword.control'],
  ['Respond', 'Respond(403, "Forbidden");', 'support.function.builtin'],
  ['403', 'Respond(403, "Forbidden");', 'constant.numeric.integer'],
  ['0x40', 'x = 0x40;', 'constant.numeric.hex'],
  ['1.5', 'x = 1.5;', 'constant.numeric.float'],
  ['Forbidden', 'Respond(403, "Forbidden");', 'string.quoted.double'],
  ['\\u00e4', 'x = "\\u00e4";', 'constant.character.escape'],
  ['\\q', 'x = "\\q";', 'invalid.illegal.escape'],
  ['helper', 'helper(1);', 'entity.name.function.call'],
  ['Challenge', 'Challenge();', 'invalid.deprecated'],
  ['sipRequest', 'x = sipRequest.From;', 'variable.language'],
  ['From', 'x = sipRequest.From;', 'variable.other.property'],
  ['StandardMethod', 'x = StandardMethod.Invite;', 'support.type.enumeration'],
  ['Invite', 'x = StandardMethod.Invite;', 'support.constant.enumeration'],
  ['acl', 'x = acl[from].action;', 'variable.other.table'],
  ['null', 'x = null;', 'constant.language'],
  ['&&', 'x = a && b;', 'keyword.operator.logical'],
  ['*', 'x = a * b;', 'invalid.illegal.operator'],
])('%s in `%s` is %s', (piece, text, scope) => {
  expect(scopeOf(piece, text)).toContain(scope);
});

test('every built-in function is coloured as one', () => {
  const others = [...BUILTINS.keys()].filter((name) => !scopeOf(name, `${name}(x);`).includes('support.function.builtin'));
  expect(others).toEqual([]);
});

const MANIFEST = `<?xml version="1.0"?>
<lc:applicationManifest lc:appUri="http://example.com/x" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <!-- all of it -->
  <lc:requestFilter methodNames="INVITE"/>
  <lc:splScript><![CDATA[
    // the last words ]]></lc:splScript>
</lc:applicationManifest>`;

test('a manifest is XML around a script, and a comment does not run over the end of its CDATA section', () => {
  expect(scopeOf('requestFilter', MANIFEST, 'mspl-manifest')).toContain('entity.name.tag.localname.xml');
  expect(scopeOf('methodNames', MANIFEST, 'mspl-manifest')).toContain('entity.other.attribute-name.localname.xml');
  expect(scopeOf('all of it', MANIFEST, 'mspl-manifest')).toContain('comment.block.xml');
  expect(scopeOf('// the last words', MANIFEST, 'mspl-manifest')).toMatch(/source\.mspl .*comment\.line/);
  expect(scopeOf(']]>', MANIFEST, 'mspl-manifest')).toContain('punctuation.definition.cdata.end.xml');
  expect(scopes(MANIFEST, 'mspl-manifest').at(-2)?.[1]).toContain('entity.name.tag.localname.xml');
});

test('a script without CDATA is coloured too, its entities as XML', () => {
  const text = '<splScript>if (a &lt; 1) { return; }</splScript><x/>';
  expect(scopeOf('if', text, 'mspl-manifest')).toMatch(/source\.mspl .*keyword\.control/);
  expect(scopeOf('&lt;', text, 'mspl-manifest')).toContain('constant.character.entity.xml');
  expect(scopeOf('x', text, 'mspl-manifest')).toContain('entity.name.tag');
});

test.each([
  ['/ >', '<lc:scriptOnly/ >'],
  ['\u201c', '<a b=\u201cc\u201d/>'],
  ['>', '<?xml version="1.0"><a/>'],
])('the known fault %s of published manifests is marked', (piece, text) => {
  expect(scopeOf(piece, text, 'mspl-manifest')).toContain('invalid.illegal');
});
