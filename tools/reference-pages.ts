/** Makes docs/configuration.md and docs/errors.md from the schemas and error tables of the code, so that they cannot drift apart. */
import type { ErrorEntry, PluginSpec } from '@parley/core';
import { ENVIRONMENT, ServerSchema } from '@parley/core';
import { z } from 'zod';

/** The part of JSON Schema that zod writes for our schemas. */
interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
}

interface Row {
  readonly option: string;
  readonly allowed: string;
  readonly initial: string;
  readonly meaning: string;
}

/** docs/configuration.md: the server's own options, then each plugin's, then the environment variables. */
export function configurationPage(plugins: readonly PluginSpec[]): string {
  const sections = plugins.map(
    (plugin) =>
      `### ${plugin.name}\n\n${plugin.summary}. [More](../plugins/${plugin.name}/README.md)\n\n${table(rowsOf(plugin.config)) || 'It has no options.\n'}`,
  );
  return `# Configuration

A server is described by \`parley.config.ts\` in the folder where \`parley start\` runs, or by the file that \`--config\` names. \`parley init\` writes one. In an editor every option shows what is
written here, and a wrong one is underlined; \`parley start\` checks the whole file before it does anything and lists every fault with its place.

\`\`\`ts
import { defineServer } from '@parley/sdk';
import registrar from '@parley/plugin-registrar';

export default defineServer({
  domains: ['example.com'],
  fqdn: 'sip.example.com',
  plugins: [registrar({ maxContacts: 5 })],
});
\`\`\`

The same as JSON, in \`parley.config.json\`, with plugins by name:

\`\`\`json
{ "domains": ["example.com"], "fqdn": "sip.example.com", "plugins": { "registrar": { "maxContacts": 5 } } }
\`\`\`

## The server

${table(rowsOf(ServerSchema))}
## Plugins

${sections.join('\n')}
## Environment variables

They go before the file: secrets and addresses need not be written into it.

${table(
  ENVIRONMENT.map(({ name, summary }) => ({ option: name, allowed: '', initial: '', meaning: summary })),
  ['Variable', '', '', 'Meaning'],
)}`;
}

/** docs/errors.md: every code, in alphabetical order. */
export function errorsPage(errors: ReadonlyMap<string, ErrorEntry>): string {
  const rows = [...errors.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
  return `# Errors

Every error of Parley has a stable code, a sentence that says what was wrong, and one that says what to do. \`{name}\` stands for what was found. Where a status stands, a SIP request that ends
with the error is answered with it.

| Code | What was wrong | What to do | Status |
| --- | --- | --- | --- |
${rows.map(([code, { sentence, fix, status }]) => `| \`${code}\` | ${cell(sentence)} | ${cell(fix)} | ${status ?? ''} |`).join('\n')}
`;
}

function rowsOf(schema: z.ZodType): Row[] {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return flatten(json, '');
}

function flatten(schema: JsonSchema, path: string): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const option = path === '' ? name : `${path}.${name}`;
    const row: Row = { option, allowed: allowed(property), initial: initial(property), meaning: property.description ?? '' };
    return [row, ...inner(property, option)];
  });
}

/** Options inside an object, a list of objects, or one of several shapes. */
function inner(schema: JsonSchema, option: string): Row[] {
  if (schema.properties !== undefined) return flatten(schema, option);
  if (schema.items?.properties !== undefined) return flatten(schema.items, `${option}[]`);
  const shapes = schema.anyOf ?? schema.oneOf ?? [];
  const rows = shapes.flatMap((shape) => inner(shape, option));
  return rows.filter((row, i) => rows.findIndex((other) => other.option === row.option && other.meaning === row.meaning) === i);
}

function allowed(schema: JsonSchema): string {
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  const shapes = schema.anyOf ?? schema.oneOf;
  if (shapes !== undefined) return [...new Set(shapes.map(allowed))].filter((text) => text !== '').join(' or ');
  if (schema.type === 'array') return `list of ${schema.items === undefined ? 'values' : allowed(schema.items) || 'objects'}`;
  if (schema.type === 'integer' || schema.type === 'number') return range(schema);
  return schema.type ?? '';
}

function range({ minimum, maximum, type }: JsonSchema): string {
  const big = (value: number | undefined): boolean => value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER;
  const noun = type === 'integer' ? 'integer' : 'number';
  if (big(minimum) && big(maximum)) return noun;
  return big(maximum) ? `${noun}, at least ${minimum ?? 0}` : `${noun}, ${minimum ?? 0} to ${maximum ?? 0}`;
}

function initial({ default: value }: JsonSchema): string {
  if (value === undefined) return '';
  const text = JSON.stringify(value);
  return text === '{}' ? '' : code(value);
}

function code(value: unknown): string {
  return `\`${typeof value === 'string' ? value : JSON.stringify(value)}\``;
}

function table(rows: readonly Row[], titles: readonly string[] = ['Option', 'Allowed', 'Default', 'Meaning']): string {
  if (rows.length === 0) return '';
  const kept = [0, 1, 2, 3].filter((column) => titles[column] !== '');
  const line = (cells: readonly string[]): string => `| ${kept.map((column) => cells[column] ?? '').join(' | ')} |`;
  const body = rows.map(({ option, allowed: values, initial: start, meaning }) =>
    line([`\`${option}\``, cell(values), cell(start), cell(meaning)]),
  );
  return `${line(titles)}\n${line(['---', '---', '---', '---'])}\n${body.join('\n')}\n`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ').replaceAll('<', '&lt;');
}
