/** `parley script check`: compiles a routing script and shows every fault with its place. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { compileApplication, formatDiagnostic } from '@parley/core';
import { CliErrors } from './errors.ts';

/** What was found in one file. */
export interface ScriptReport {
  readonly file: string;
  readonly ok: boolean;
  readonly appUri: string | undefined;
  readonly diagnostics: readonly object[];
  /** The same for people: message, line, caret. */
  readonly text: readonly string[];
}

/** Compiles the script in `file` without loading it anywhere. `lenient` repairs the known faults of published manifests. Throws CLI_UNREADABLE. */
export function checkScript(file: string, lenient: boolean): ScriptReport {
  const path = resolve(file);
  let source: string;
  try {
    source = readFileSync(path, 'utf8');
  } catch (error) {
    throw CliErrors.CLI_UNREADABLE({ file, reason: error instanceof Error ? error.message : String(error) });
  }
  const compiled = compileApplication(source, path, { lenient });
  const diagnostics = compiled.ok ? compiled.warnings : compiled.diagnostics;
  const text = diagnostics.map((diagnostic) => formatDiagnostic(diagnostic, source));
  if (!compiled.ok) return { file, ok: false, appUri: undefined, diagnostics, text };
  const { appUri } = compiled.application;
  compiled.application.close();
  return { file, ok: true, appUri, diagnostics, text };
}
