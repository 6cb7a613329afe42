/** The options of a configuration schema as a table: what docs/configuration.md and the pages of plugins show. */
import { z } from 'zod';
import { cell, code, markdownTable } from './markdown-table.ts';

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
  /** Of an object whose names are the operator's. */
  readonly additionalProperties?: JsonSchema | boolean;
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

/** One line an option, with its default and limits; '' for a schema without options. */
export function optionsTable(schema: z.ZodType): string {
  return markdownTable(
    ['Option', 'Allowed', 'Default', 'Meaning'],
    rowsOf(schema).map(({ option, allowed: values, initial: start, meaning }) => [code(option), cell(values), cell(start), cell(meaning)]),
  );
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

/** Options inside an object, an object by names of the operator's, a list of objects, or one of several shapes. */
function inner(schema: JsonSchema, option: string): Row[] {
  if (schema.properties !== undefined) return flatten(schema, option);
  if (typeof schema.additionalProperties === 'object') return flatten(schema.additionalProperties, `${option}.NAME`);
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
