/** Where names of a script are defined and used; renaming them; the outline that an editor shows. */
import { BUILTINS, BUILTIN_VARIABLES, ENDPOINT_VARIABLE, ENUMERATIONS, SCRIPT_KEYWORDS } from '@parley/core';
import type { TextSpan } from '@parley/core';
import { ErrorCodes, ResponseError, SymbolKind } from 'vscode-languageserver/node';
import type { DocumentSymbol, TextEdit } from 'vscode-languageserver/node';
import type { MsplDocument } from './document.ts';

/** A name that the document itself defines. */
export interface OwnName {
  readonly name: string;
  /** Undefined for a variable that is only read. */
  readonly definition: TextSpan | undefined;
  /** The definition among them. */
  readonly occurrences: readonly TextSpan[];
  /** A name of the manifest keeps what it is called here: other files may use it. */
  readonly renamable: boolean;
}

/** The function, variable, table or column that is named at an offset. */
export function ownNameAt(document: MsplDocument, offset: number): OwnName | undefined {
  const { script, manifest, types } = document;
  const index = script.wordAt(offset);
  const token = index === undefined ? undefined : script.tokens[index];
  if (index === undefined || token?.kind !== 'identifier') return undefined;
  const name = token.text;
  if (script.is(index - 1, '.')) {
    const owner = types.ownerAt(index - 1);
    const column = owner?.kind === 'table' ? owner.table.columns.find((candidate) => candidate.name === name) : undefined;
    return column && { name, definition: column.span, occurrences: [column.span], renamable: false };
  }
  if (script.is(index + 1, '(') || script.is(index - 1, 'function')) {
    const own = script.functionNamed(name);
    return own && { name, definition: own.name, occurrences: [own.name, ...(script.calls.get(name) ?? [])], renamable: true };
  }
  if (script.is(index + 1, '[')) {
    const table = manifest.tables.find((candidate) => candidate.name === name);
    return table && { name, definition: table.span, occurrences: [table.span], renamable: false };
  }
  const variable = script.variableAt(name, token.start);
  return variable && { ...variable, renamable: variable.definition !== undefined };
}

/** The edits that give the name at an offset another one. Throws a ResponseError when that cannot be. */
export function rename(document: MsplDocument, offset: number, newName: string): TextEdit[] {
  const own = ownNameAt(document, offset);
  if (own === undefined || !own.renamable) throw refused('Functions and variables of the script can be renamed; this is neither.');
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(newName)) throw refused('A name is a letter or _, then letters, digits and _.');
  const meaning = otherMeaning(document, newName, offset);
  if (meaning !== undefined) throw refused(`${newName} is ${meaning} already.`);
  return own.occurrences.map((span) => ({ range: document.range(span), newText: newName }));
}

function otherMeaning({ script, manifest }: MsplDocument, name: string, offset: number): string | undefined {
  if (SCRIPT_KEYWORDS.has(name)) return 'a word of the language';
  if (BUILTINS.has(name)) return 'a built-in function';
  if (BUILTIN_VARIABLES.has(name) || name === ENDPOINT_VARIABLE) return 'a built-in variable';
  if (ENUMERATIONS.has(name)) return 'an enumeration';
  if (manifest.tables.some((table) => table.name === name)) return 'a table of the manifest';
  if (script.functionNamed(name) !== undefined) return 'a function of the script';
  return script.variableAt(name, offset) === undefined ? undefined : 'a variable here';
}

function refused(message: string): ResponseError {
  return new ResponseError(ErrorCodes.InvalidRequest, message);
}

/** Tables, functions and variables, for the outline of the document. */
export function documentSymbols(document: MsplDocument): DocumentSymbol[] {
  const { script, manifest } = document;
  const symbol = (name: string, kind: SymbolKind, place: TextSpan, whole = place, children: DocumentSymbol[] = []): DocumentSymbol => {
    return { name, kind, selectionRange: document.range(place), range: document.range(whole), children };
  };
  const variables = (owner: unknown): DocumentSymbol[] =>
    script.variables.flatMap((variable) =>
      variable.owner === owner && variable.definition !== undefined
        ? [symbol(variable.name, SymbolKind.Variable, variable.definition)]
        : [],
    );
  return [
    ...manifest.tables
      .filter(({ name }) => name !== '')
      .map(({ name, span, columns }) => {
        const end = Math.max(span.end, columns.at(-1)?.span.end ?? 0);
        const fields = columns.filter((column) => column.name !== '').map((column) => symbol(column.name, SymbolKind.Field, column.span));
        return symbol(name, SymbolKind.Struct, span, { start: span.start, end }, fields);
      }),
    ...script.functions.map((own) => symbol(own.name.text, SymbolKind.Function, own.name, own, variables(own))),
    ...variables(undefined),
  ];
}
