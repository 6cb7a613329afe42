/** What an editor shows of built-ins, members, enumerations and the manifest's elements: Markdown. */
import { ENUMERATIONS, WITHDRAWN, describeType, isRest, signature } from '@parley/core';
import type {
  Builtin,
  BuiltinParameter,
  ClassField,
  Enumeration,
  ManifestAttributeDoc,
  ManifestElementDoc,
  ScriptType,
} from '@parley/core';

/** A piece of script as Markdown. */
export function code(text: string): string {
  return `\`\`\`mspl\n${text}\n\`\`\``;
}

const MESSAGES = { requests: 'On requests only.', responses: 'On responses only.', both: '' } as const;

/** A built-in function, with what it gives, an example and what can go wrong. */
export function describeBuiltin(builtin: Builtin): string {
  const { returns, nullable, messages, doc, result, example, errors } = builtin;
  const gives = returns.name === 'nothing' ? '' : `: ${returns.name}${nullable ? ' or null' : ''}`;
  const failures = errors.map(({ code, when, critical }) => `- \`${code}\`: ${when}${critical ? ' (critical)' : ''}`);
  return paragraphs(
    code(`${signature(builtin)}${gives}`),
    doc,
    result === '' ? '' : `Gives ${result}`,
    MESSAGES[messages],
    example === '' ? '' : code(example),
    failures.join('\n'),
  );
}

/** What a parameter takes. */
export function describeParameter(parameter: BuiltinParameter): string {
  const { kind, otherwise } = parameter;
  const kinds = {
    text: 'string or null',
    header: 'a header name or StandardHeader',
    joined: 'values',
    strings: 'strings',
    values: 'values',
  };
  const what = typeof kind === 'string' ? ((kinds as Readonly<Record<string, string>>)[kind] ?? kind) : kind.name;
  return otherwise === undefined || isRest(parameter) ? what : `${what}; may be left out`;
}

/** A function that is gone, with what to do instead; undefined for any other name. */
export function describeWithdrawn(name: string): string | undefined {
  const withdrawn = WITHDRAWN.get(name);
  return withdrawn === undefined ? undefined : paragraphs(`**${name}** is gone: ${withdrawn.why}.`, withdrawn.instead);
}

/** A member of a class. */
export function describeField(name: string, { owner, type, nullable, writable, doc }: ClassField): string {
  const traits = `${type.name}${nullable ? ' or null' : ''}${writable ? '' : ', read only'}`;
  return paragraphs(code(`${owner}.${name}: ${traits}`), doc);
}

/** A built-in variable or one of the script. */
export function describeVariable(name: string, type: ScriptType | undefined, what: string): string {
  return paragraphs(code(type === undefined ? name : `${name}: ${type.name}`), what);
}

/** An enumeration with all its members. */
export function describeEnumeration({ name, doc, members }: Enumeration): string {
  return paragraphs(code(name), doc, members.map((member) => `\`${member}\``).join(', '));
}

/** One member of an enumeration. */
export function describeMember(enumeration: Enumeration, member: string): string {
  return paragraphs(code(`${enumeration.name}.${member}`), enumeration.memberDoc(member));
}

/** A manifest element with its attributes. */
export function describeElement({ name, doc, attributes }: ManifestElementDoc): string {
  const list = attributes.map((attribute) => `- \`${attribute.name}\`: ${attribute.doc}`);
  return paragraphs(`**<${name}>**`, doc, list.join('\n'));
}

/** An attribute of a manifest element. */
export function describeAttribute(element: string, { name, doc, values, list, otherwise, required }: ManifestAttributeDoc): string {
  const allowed =
    values === undefined ? '' : `${list === true ? 'A comma list of' : 'One of'} ${values.map((value) => `\`${value}\``).join(', ')}.`;
  const absent = required === true ? 'Required.' : otherwise === undefined ? '' : `When absent: \`${otherwise}\`.`;
  return paragraphs(`**${name}** of <${element}>`, doc, allowed, absent);
}

/** "a string", or the members of an enumeration, for one line of detail. */
export function typeDetail(type: ScriptType): string {
  return type.kind === 'enum'
    ? `${type.name} (${(ENUMERATIONS.get(type.name)?.members ?? []).slice(0, 3).join(', ')} ...)`
    : describeType(type);
}

function paragraphs(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('\n\n');
}
