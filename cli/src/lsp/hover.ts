/** What a name means, where the pointer is on it. */
import { BUILTINS, BUILTIN_VARIABLES, CLASSES, CLASS_DOCS, ENDPOINT_VARIABLE, ENUMERATIONS, MANIFEST_ELEMENTS } from '@parley/core';
import type { ScriptToken, TextSpan } from '@parley/core';
import type { Hover } from 'vscode-languageserver/node';
import {
  code,
  describeAttribute,
  describeBuiltin,
  describeElement,
  describeEnumeration,
  describeField,
  describeMember,
  describeVariable,
  describeWithdrawn,
} from './descriptions.ts';
import type { MsplDocument } from './document.ts';
import { tagAt } from './manifest-outline.ts';
import type { VariableOutline } from './script-outline.ts';

/** The explanation of what is at an offset; null when there is nothing to say. */
export function hover(document: MsplDocument, offset: number): Hover | null {
  const found = document.placeKind(offset) === 'manifest' ? manifestHover(document, offset) : scriptHover(document, offset);
  if (found === undefined) return null;
  return { contents: { kind: 'markdown', value: found.text }, range: document.range(found.span) };
}

interface Explained {
  readonly text: string;
  readonly span: TextSpan;
}

function manifestHover({ manifest }: MsplDocument, offset: number): Explained | undefined {
  const tag = tagAt(manifest, offset);
  const element = MANIFEST_ELEMENTS.find(({ name }) => name === tag?.name);
  if (tag === undefined || element === undefined) return undefined;
  if (within(tag.nameSpan, offset)) return { text: describeElement(element), span: tag.nameSpan };
  for (const { name, nameSpan, valueSpan } of tag.attributes) {
    const span = within(nameSpan, offset) ? nameSpan : valueSpan !== undefined && within(valueSpan, offset) ? valueSpan : undefined;
    const known = element.attributes.find((attribute) => attribute.name === name);
    if (span !== undefined && known !== undefined) return { text: describeAttribute(element.name, known), span };
  }
  return undefined;
}

function scriptHover(document: MsplDocument, offset: number): Explained | undefined {
  const index = document.script.wordAt(offset);
  const token = index === undefined ? undefined : document.script.tokens[index];
  if (index === undefined || token?.kind !== 'identifier' || document.placeKind(token.start + 1) !== 'script') return undefined;
  const text = document.script.is(index - 1, '.') ? memberText(document, index, token) : nameText(document, index, token);
  return text === undefined ? undefined : { text, span: token };
}

function memberText({ types }: MsplDocument, index: number, { text }: ScriptToken): string | undefined {
  const owner = types.ownerAt(index - 1);
  if (owner?.kind === 'enumeration')
    return owner.enumeration.value(text) === undefined ? undefined : describeMember(owner.enumeration, text);
  if (owner?.kind === 'table')
    return owner.table.columns.some(({ name }) => name === text) ? `Column **${text}** of the table ${owner.table.name}.` : undefined;
  const field = owner?.type.kind === 'class' ? CLASSES[owner.type.name].get(text) : undefined;
  return field === undefined ? undefined : describeField(text, field);
}

function nameText(document: MsplDocument, index: number, token: ScriptToken): string | undefined {
  const { script, manifest } = document;
  const { text } = token;
  const own = script.functionNamed(text);
  if (script.is(index + 1, '(') || script.is(index - 1, 'function')) {
    if (own !== undefined) return code(`function ${text}(${own.parameters.map((parameter) => parameter.text).join(', ')})`);
    const builtin = BUILTINS.get(text);
    return builtin === undefined ? describeWithdrawn(text) : describeBuiltin(builtin);
  }
  const enumeration = ENUMERATIONS.get(text);
  if (enumeration !== undefined) return describeEnumeration(enumeration);
  const builtIn = BUILTIN_VARIABLES.get(text);
  if (builtIn !== undefined) return describeVariable(text, builtIn.type, builtIn.doc);
  if (text === ENDPOINT_VARIABLE)
    return describeVariable(text, { kind: 'class', name: 'RegistrarEndpoint' }, CLASS_DOCS['RegistrarEndpoint'] ?? '');
  const table = manifest.tables.find(({ name }) => name === text);
  if (table !== undefined) return `Table **${text}** with the columns ${table.columns.map(({ name }) => name).join(', ')}.`;
  const variable = script.variableAt(text, token.start);
  return variable === undefined ? undefined : ownVariable(document, variable);
}

const DEFINED = { parameter: 'A parameter', loop: 'A loop variable', assignment: 'A variable' } as const;

function ownVariable({ types }: MsplDocument, variable: VariableOutline): string | undefined {
  if (variable.definedAs === undefined) return undefined;
  const where = variable.owner === undefined ? 'of the script' : `of the function ${variable.owner.name.text}`;
  return describeVariable(variable.name, types.variableType(variable), `${DEFINED[variable.definedAs]} ${where}.`);
}

/** Is the offset in the span, or right behind it? */
function within({ start, end }: TextSpan, offset: number): boolean {
  return offset >= start && offset <= end;
}
