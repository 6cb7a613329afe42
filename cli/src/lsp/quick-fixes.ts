/** The edits that mend what was found, where they are known: "did you mean", a missing semicolon, the known faults of published manifests. */
import { nearestName, suggestedName } from '@parley/core';
import { CodeActionKind } from 'vscode-languageserver/node';
import type { CodeAction, Diagnostic, Range, TextEdit } from 'vscode-languageserver/node';
import type { TextDocument } from 'vscode-languageserver-textdocument';

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

function repair(source: TextDocument, { range, code, message }: Diagnostic): Repair | undefined {
  // Editors give back what diagnostics.ts wrote: the finding, and what would be right on a line of its own.
  const [found = '', fix = ''] = (typeof message === 'string' ? message : message.value).split('\n');
  const text = source.getText(range);
  const suggested = suggestedName(fix);
  if (suggested !== undefined) return replaceWord(source, range, suggested);
  switch (code) {
    case 'MSPL_VALUE_CASE': {
      const wanted = /^Write (\S+)\.$/.exec(fix)?.[1];
      return wanted === undefined ? undefined : replaceWord(source, range, wanted);
    }
    case 'MSPL_EXPECTED':
      return found.startsWith('expected ";"')
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
