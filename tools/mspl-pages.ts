/** Makes docs/mspl-reference.md from what the compiler knows of the language: built-ins, classes, enumerations, limits. */
import {
  BUILTINS,
  BUILTIN_VARIABLES,
  CLASSES,
  CLASS_DOCS,
  CRITICAL_ERROR_LIMIT,
  ENUMERATIONS,
  FILTER_METHODS,
  WITHDRAWN,
  signature,
} from '@parley/core';
import type { ArgumentKind, Builtin, BuiltinParameter, ClassName, Enumeration, ScriptType } from '@parley/core';
import { WHILE_LIMIT } from '../core/src/script/emit-statement.ts';
import { FILE_LIMIT, ROW_LIMIT } from '../core/src/script/flat-file.ts';
import { SCRIPT_LIMIT } from '../core/src/script/manifest-reader.ts';
import { MANIFEST_LIMIT } from '../core/src/script/manifest-xml.ts';
import { COLLECTION_LIMIT, STEP_LIMIT, TEXT_LIMIT } from '../core/src/script/script-state.ts';
import { cell, code, markdownTable } from './markdown-table.ts';
import { MANIFEST_ELEMENTS } from './manifest-elements.ts';

/** The built-in with which each group begins. */
const GROUPS: readonly (readonly [first: string, title: string])[] = [
  ['Respond', 'Answer and route'],
  ['AddHeader', 'Read the message and change it'],
  ['DomainSupported', 'Ask about users and endpoints'],
  ['Concatenate', 'Work with text'],
];
/** An enumeration with more members than this is listed without a table. */
const LONG = 30;
/** How the compiler writes a length without a limit. */
const TO_THE_END = '2147483647';

/** docs/mspl-reference.md */
export function msplReferencePage(): string {
  return `# MSPL reference

Every word of the language that routing scripts are written in, made from the compiler's own tables. [Writing a routing script](writing-a-routing-script.md) teaches it with eleven examples.

## Built-in functions

Arguments in brackets can be left out; \`...\` takes any number. A **script error** ends the script for this message, which is then treated as if the script had done nothing more. A **critical error**
makes the call do nothing and the script goes on; ${CRITICAL_ERROR_LIMIT} of them disable the application. The codes are explained in [errors](errors.md).

${overview()}
${[...BUILTINS.values()].map(builtinSection).join('\n')}
## Built-in variables

${markdownTable(
  ['Variable', 'Type', 'What it is'],
  [...BUILTIN_VARIABLES].map(([name, { type, nullable, doc }]) => [code(name), typeText(type, nullable), cell(doc)]),
)}
The loop variable of \`foreach (dbEndpoint in QueryEndpoints(...))\` is called \`dbEndpoint\` and is a [RegistrarEndpoint](#registrarendpoint).

## Classes

${Object.entries(CLASSES)
  .map(([name, fields]) => classSection(name as ClassName, fields))
  .join('\n')}
## Enumerations

A member is written \`Enumeration.Member\`. It equals its text and its number: \`sipRequest.Method == StandardMethod.Invite\` and \`sipRequest.StandardMethod == StandardMethod.Invite\` both say whether it is an INVITE.

${[...ENUMERATIONS.values()].map(enumerationSection).join('\n')}
## The manifest

The outermost element is \`applicationManifest\` in the namespace \`http://schemas.microsoft.com/lcs/2006/05\`; any prefix will do, or none. Under the namespace of 2003, functions give \`""\` where they otherwise give \`null\`.

${markdownTable(
  ['Element', 'Attribute', 'Values', 'Without it', 'Meaning'],
  MANIFEST_ELEMENTS.map(({ element, attribute, values, otherwise, meaning }) => [
    code(element),
    attribute === '' ? '' : code(attribute),
    cell(values),
    cell(otherwise),
    cell(meaning),
  ]),
)}
The methods that \`methodNames\` can name: ${FILTER_METHODS.join(', ')}. \`OTHER\` is every method that is not in this list.

## Limits

${markdownTable(['What', 'Most'], limits())}
## Functions that are gone

${markdownTable(
  ['Function', 'Why', 'Instead'],
  [...WITHDRAWN].map(([name, { why, instead }]) => [code(name), cell(why), cell(instead)]),
)}`;
}

function overview(): string {
  const starts = new Map(GROUPS);
  const groups: { title: string; rows: string[][] }[] = [];
  for (const builtin of BUILTINS.values()) {
    const title = starts.get(builtin.name);
    if (title !== undefined) groups.push({ title, rows: [] });
    groups.at(-1)?.rows.push([`[${code(signature(builtin))}](#${builtin.name.toLowerCase()})`, cell(builtin.summary)]);
  }
  return groups.map(({ title, rows }) => markdownTable([title, ''], rows)).join('\n');
}

function builtinSection(builtin: Builtin): string {
  const { name, parameters, doc, result, returns, nullable, example, errors, messages } = builtin;
  const only = messages === 'both' ? '' : ` Works on ${messages} only.`;
  const failures = errors.map((error) => [
    `[${code(error.code)}](errors.md#${error.code.toLowerCase()})`,
    error.critical ? 'critical' : 'script error',
    cell(error.when),
  ]);
  return `### ${name}

\`${signature(builtin)}\`

${doc}${only}

${markdownTable(['Argument', 'Type'], parameters.map(parameterRow))}
${result === '' ? 'It gives nothing.' : `Gives ${typeText(returns, nullable)}: ${result}`}

\`\`\`c
${example}
\`\`\`

${markdownTable(['Error', 'Kind', 'When'], failures)}`;
}

function parameterRow(parameter: BuiltinParameter): string[] {
  return [code(parameter.name), kindText(parameter)];
}

function kindText({ kind, otherwise }: BuiltinParameter): string {
  const type = typeof kind === 'string' ? KINDS[kind] : `a member of [${kind.name}](#${kind.name.toLowerCase()})`;
  if (otherwise === undefined) return type;
  const initial =
    typeof kind === 'string' ? code(otherwise) : (kind.members.find((member) => kind.value(member) === Number(otherwise)) ?? '');
  return `${type}; ${otherwise === TO_THE_END ? 'all that follows' : initial} when left out`;
}

const KINDS: Readonly<Record<Extract<ArgumentKind, string>, string>> = {
  string: 'string',
  text: 'string; null counts as ""',
  integer: 'integer, or text that is one',
  bool: 'bool, or 0 and 1',
  header: 'name of a header, or a member of [StandardHeader](#standardheader)',
  joined: 'any number of strings; null counts as ""',
  strings: 'any number of strings',
  values: 'any number of strings, numbers, bools and nulls',
};

function typeText(type: ScriptType, nullable: boolean): string {
  const name = type.kind === 'collection' ? `collection of ${linkedName(type.of)}` : linkedName(type);
  return nullable ? `${name} or null` : name;
}

function linkedName(type: ScriptType): string {
  return type.kind === 'class' || type.kind === 'enum' ? `[${type.name}](#${type.name.toLowerCase()})` : type.name;
}

function classSection(name: ClassName, fields: (typeof CLASSES)[ClassName]): string {
  const own = [...fields].filter(([, { owner }]) => owner === name);
  const rows = own.map(([field, { type, nullable, writable, doc }]) => [
    code(field),
    typeText(type, nullable),
    writable ? 'yes' : '',
    cell(doc),
  ]);
  return `### ${name}\n\n${CLASS_DOCS[name] ?? ''}\n\n${markdownTable(['Member', 'Type', 'Can be assigned', 'What it is'], rows)}`;
}

function enumerationSection(enumeration: Enumeration): string {
  const { name, doc, members } = enumeration;
  const value = (member: string): number => enumeration.value(member) ?? 0;
  const list = members.map((member) => `${code(member)} (${enumeration.text(value(member))})`).join(', ');
  const rows = members.map((member) => [code(member), numberText(name, value(member)), cell(enumeration.memberDoc(member))]);
  return `### ${name}\n\n${doc}\n\n${members.length > LONG ? `${list}\n` : markdownTable(['Member', 'Number', 'What it is'], rows)}`;
}

/** The numbers of methods are bits. */
function numberText(name: string, value: number): string {
  return name === 'StandardMethod' ? `0x${value.toString(16)}` : String(value);
}

function limits(): string[][] {
  const number = (value: number): string => value.toLocaleString('en-GB');
  return [
    ['iterations of one `while`', number(WHILE_LIMIT)],
    ['statements that one message runs in loops and functions', number(STEP_LIMIT)],
    ['characters of text that one message builds', number(TEXT_LIMIT)],
    ['elements of a collection', number(COLLECTION_LIMIT)],
    ['critical errors before an application is disabled', number(CRITICAL_ERROR_LIMIT)],
    ['characters of a script', number(SCRIPT_LIMIT)],
    ['characters of a manifest', number(MANIFEST_LIMIT)],
    ['bytes of a table', number(FILE_LIMIT)],
    ['rows of a table', number(ROW_LIMIT)],
  ];
}
