/** What could stand where something is being typed. */
import {
  BUILTINS,
  BUILTIN_VARIABLES,
  CLASSES,
  ENDPOINT_VARIABLE,
  ENUMERATIONS,
  SCRIPT_KEYWORDS,
  argumentRange,
  signature,
} from '@parley/core';
import { CompletionItemKind, InsertTextFormat } from 'vscode-languageserver/node';
import type { CompletionItem } from 'vscode-languageserver/node';
import { describeBuiltin, describeEnumeration, describeField, describeMember, describeVariable, typeDetail } from './descriptions.ts';
import type { MsplDocument } from './document.ts';
import { manifestCompletion } from './manifest-completion.ts';

/** Everything that could stand at an offset; the editor narrows it by what is typed already. */
export function completion(document: MsplDocument, offset: number): CompletionItem[] {
  switch (document.placeKind(offset)) {
    case 'manifest':
      return manifestCompletion(document, offset);
    case 'text':
      return [];
    default:
      return scriptCompletion(document, offset);
  }
}

function scriptCompletion(document: MsplDocument, offset: number): CompletionItem[] {
  const { script } = document;
  // The word that is being typed counts as not there yet.
  const before = script.indexBefore(offset);
  const typed = script.tokens[before];
  const isWord = typed?.kind === 'identifier' || typed?.kind === 'keyword';
  const last = isWord && typed.end >= offset ? before - 1 : before;
  if (script.is(last, '.')) return memberCompletion(document, last);
  const { kind } = script.tokens[last] ?? {};
  if (kind === 'integer' || kind === 'float') return [];
  return [...own(document, offset), ...BUILT_IN];
}

function memberCompletion({ types }: MsplDocument, dot: number): CompletionItem[] {
  const owner = types.ownerAt(dot);
  switch (owner?.kind) {
    case 'enumeration':
      return owner.enumeration.members.map((label) =>
        item(label, CompletionItemKind.EnumMember, '', describeMember(owner.enumeration, label)),
      );
    case 'table':
      return owner.table.columns.map(({ name }) => item(name, CompletionItemKind.Field, `column of ${owner.table.name}`));
    case 'type': {
      const fields = owner.type.kind === 'class' ? [...CLASSES[owner.type.name]] : [];
      return fields.map(([name, field]) => item(name, CompletionItemKind.Property, typeDetail(field.type), describeField(name, field)));
    }
    default:
      return [];
  }
}

/** Functions, variables and tables of this script. */
function own({ script, manifest, types }: MsplDocument, offset: number): CompletionItem[] {
  const owner = script.functionAt(offset);
  const variables = script.variables.filter((variable) => variable.owner === owner && variable.definition !== undefined);
  return [
    ...variables.map((variable) => item(variable.name, CompletionItemKind.Variable, types.variableType(variable)?.name ?? '')),
    ...script.functions.map(({ name, parameters }) => {
      const list = parameters.map(({ text }) => text).join(', ');
      return call(name.text, `${name.text}(${list})`, parameters.length > 0);
    }),
    ...manifest.tables.map(({ name, columns }) =>
      item(name, CompletionItemKind.Struct, `table: ${columns.map((column) => column.name).join(', ')}`),
    ),
  ];
}

/** The same in every script. */
const BUILT_IN: readonly CompletionItem[] = [
  ...[...BUILTINS.values()].map((builtin) =>
    call(builtin.name, signature(builtin), argumentRange(builtin).most > 0, describeBuiltin(builtin)),
  ),
  ...[...BUILTIN_VARIABLES].map(([name, { type, doc }]) =>
    item(name, CompletionItemKind.Constant, typeDetail(type), describeVariable(name, type, doc)),
  ),
  item(ENDPOINT_VARIABLE, CompletionItemKind.Constant, 'in foreach over QueryEndpoints'),
  ...[...ENUMERATIONS.values()].map((enumeration) => item(enumeration.name, CompletionItemKind.Enum, '', describeEnumeration(enumeration))),
  ...[...SCRIPT_KEYWORDS].map((word) => item(word, CompletionItemKind.Keyword)),
];

function item(label: string, kind: CompletionItemKind, detail = '', documentation = ''): CompletionItem {
  return {
    label,
    kind,
    ...(detail !== '' && { detail }),
    ...(documentation !== '' && { documentation: { kind: 'markdown', value: documentation } }),
  };
}

/** A function: inserting it puts the cursor between its parentheses. */
function call(name: string, detail: string, takesArguments: boolean, documentation = ''): CompletionItem {
  return {
    ...item(name, CompletionItemKind.Function, detail, documentation),
    insertText: takesArguments ? `${name}($0)` : `${name}()`,
    insertTextFormat: InsertTextFormat.Snippet,
  };
}
