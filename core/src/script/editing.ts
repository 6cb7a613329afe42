/** What an editor needs of a script while it is being typed: its tokens with their places in the file, and the faults of one that has no manifest. */
import { checkScript } from './checker.ts';
import { generateScript } from './compile-script.ts';
import { DiagnosticList, ScriptReporter } from './diagnostic.ts';
import type { Diagnostic } from './diagnostic.ts';
import { ScriptTextErrors as E } from './errors.ts';
import { tokenize } from './lexer.ts';
import type { Token } from './lexer.ts';
import type { FlatFileDeclaration } from './manifest.ts';
import { SCRIPT_LIMIT, readManifest } from './manifest-reader.ts';
import { parseScript } from './parser.ts';
import { readScript } from './script-element.ts';
import { ScriptText, SourceText } from './source-text.ts';
import type { Span } from './source-text.ts';
import { NESTING_LIMIT } from './token-cursor.ts';

/**
 * The tokens of the script inside a manifest, with offsets in the file; those of a broken script too. The last one is `end`.
 * @param content where the content of splScript begins and ends in the file
 */
export function manifestTokens(text: string, content: Span): Token[] {
  return placed(text, readScript(text, content));
}

/** The tokens of a file that is all script. */
export function scriptTokens(text: string): Token[] {
  return placed(text, new ScriptText(text));
}

/** Everything that is wrong with a file that is all script, as in a manifest of 2006 without flat files, with a handler of any methods. */
export function checkBareScript(text: string, file: string): readonly Diagnostic[] {
  const list = new DiagnosticList(new SourceText(file, text));
  const reporter = new ScriptReporter(list, new ScriptText(text));
  if (text.length > SCRIPT_LIMIT) {
    reporter.error(E.MSPL_SCRIPT_TOO_LONG({ found: text.length, limit: SCRIPT_LIMIT }), { start: 0, end: 1 });
    return list.list();
  }
  try {
    const tree = parseScript(text, reporter);
    const checked = checkScript(tree, { files: [], scriptOnly: false, handlerMethods: undefined }, reporter);
    generateScript(tree, checked, [], { emptyForNull: false, traced: false }, reporter);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    reporter.muted = false;
    reporter.error(E.MSPL_TOO_DEEP({ limit: NESTING_LIMIT }), { start: 0, end: 1 });
  }
  return list.list();
}

function placed(text: string, script: ScriptText): Token[] {
  const reporter = new ScriptReporter(new DiagnosticList(new SourceText('', text)), script);
  reporter.muted = true;
  return tokenize(script.text, reporter).map((token) => {
    const start = script.sourceOffset(token.start);
    // The end by its last character: the character after it may stand behind a CDATA mark.
    return { ...token, start, end: token.end > token.start ? script.sourceOffset(token.end - 1) + 1 : start };
  });
}

/** The tables that a manifest declares; none when it cannot be read: compiling it says why. */
export function declaredTables(text: string, path: string, lenient: boolean): readonly FlatFileDeclaration[] {
  return readManifest(new DiagnosticList(new SourceText(path, text)), lenient)?.manifest.files ?? [];
}
