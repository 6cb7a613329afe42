/** What is wrong with a document, as an editor shows it. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FILE_SYSTEM, checkBareScript, compileApplication } from '@parley/core';
import type { Diagnostic as Finding, FileSource } from '@parley/core';
import { DiagnosticSeverity } from 'vscode-languageserver/node';
import type { Diagnostic, Range } from 'vscode-languageserver/node';
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
