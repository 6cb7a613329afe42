/** What is wrong with a document, as an editor shows it; and the edits that mend it. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_SYSTEM, checkBareScript, compileApplication, nearestName, suggestedName } from '@parley/core';
import type { Diagnostic as Finding, FileSource } from '@parley/core';
import { CodeActionKind, DiagnosticSeverity } from 'vscode-languageserver/node';
import type { CodeAction, Diagnostic, Range, TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';

/** Bytes of a table that is read while typing; a larger one is left to `parley script check`. */
const TABLE_LIMIT = 1_048_576;

/** Tables beside the manifest. Only plain files are read: a pipe would never end. They are not watched, each change reads them anew. */
const TABLES: FileSource = {
  read(path) {
    const found = statSync(path);
    if (!found.isFile()) throw new Error('it is not a file');
    return found.size > TABLE_LIMIT ? '' : FILE_SYSTEM.read(path);
  },
  watch: () => () => undefined,
};

/** Compiles the document and gives everything that was found. @param bare it is a script without a manifest */
export function diagnose(source: TextDocument, bare: boolean): Diagnostic[] {
  return findings(source, bare).map((finding) => ({
    range: rangeOf(finding),
    severity: finding.severity === 'error' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
    code: finding.code,
    source: 'mspl',
    message: finding.fix === undefined || finding.fix === '' ? finding.message : `${finding.message}\n${finding.fix}`,
    ...(finding.fix !== undefined && { data: { fix: finding.fix } }),
  }));
}

function findings(source: TextDocument, bare: boolean): readonly Finding[] {
  const text = source.getText();
  const path = source.uri.startsWith('file:') ? fileURLToPath(source.uri) : resolve('untitled.am');
  if (bare) return checkBareScript(text, path);
  const compiled = compileApplication(text, path, { files: TABLES });
  if (!compiled.ok) return compiled.diagnostics;
  compiled.application.close();
  return compiled.warnings;
}

/** Lines and columns of both sides count UTF-16 units; the editor's from 0. */
function rangeOf({ line, column, length }: Finding): Range {
  const start = { line: line - 1, character: column - 1 };
  return { start, end: { line: start.line, character: start.character + (length ?? 1) } };
}

/** The edits that mend these findings, one action each; findings that only a person can mend have none. */
export function quickFixes(source: TextDocument, wanted: readonly Diagnostic[]): CodeAction[] {
  return wanted.flatMap((diagnostic) => {
    const found = repair(source, diagnostic);
    if (found === undefined) return [];
    const edit = { changes: { [source.uri]: [found.edit] } };
    return [{ title: found.title, kind: CodeActionKind.QuickFix, diagnostics: [diagnostic], isPreferred: true, edit }];
  });
}

interface Repair {
  readonly title: string;
  readonly edit: TextEdit;
}

function repair(source: TextDocument, { range, code, message, data }: Diagnostic): Repair | undefined {
  const fix = fixOf(data);
  const text = source.getText(range);
  const suggested = suggestedName(fix);
  if (suggested !== undefined) return replaceWord(source, range, suggested);
  switch (code) {
    case 'MSPL_VALUE_CASE': {
      const wanted = /^Write (\S+)\.$/.exec(fix)?.[1];
      return wanted === undefined ? undefined : replaceWord(source, range, wanted);
    }
    case 'MSPL_EXPECTED':
      return typeof message === 'string' && message.startsWith('expected ";"')
        ? { title: 'Add ";"', edit: { range: { start: range.end, end: range.end }, newText: ';' } }
        : undefined;
    case 'MSPL_XML_TAG_END':
      return { title: 'Write "/>"', edit: { range, newText: '/>' } };
    case 'MSPL_XML_QUOTES':
      return { title: 'Use straight quotes', edit: { range, newText: `"${text.slice(1, -1)}"` } };
    case 'MSPL_XML_DECLARATION':
      return { title: 'Write "?>"', edit: { range, newText: '?>' } };
    default:
      return undefined;
  }
}

/** Replaces the misspelt word: the one in the range that resembles the other one. */
function replaceWord(source: TextDocument, range: Range, wanted: string): Repair | undefined {
  const text = source.getText(range);
  for (const { 0: word, index } of text.matchAll(/[A-Za-z_][\w-]*|[1-6]\w\w/g)) {
    if (word === wanted || nearestName(word, [wanted]) === undefined) continue;
    const start = source.offsetAt(range.start) + index;
    const place = { start: source.positionAt(start), end: source.positionAt(start + word.length) };
    return { title: `Change to ${wanted}`, edit: { range: place, newText: wanted } };
  }
  return undefined;
}

function fixOf(data: unknown): string {
  const fix: unknown = typeof data === 'object' && data !== null && 'fix' in data ? data.fix : undefined;
  return typeof fix === 'string' ? fix : '';
}
