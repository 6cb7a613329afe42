/** The settings of a plugin as lines of a table, from its schema. */
import { z } from 'zod';

/** One setting. */
export interface ConfigField {
  /** `search.perMinute`. */
  readonly field: string;
  /** `integer 1..100`, `"deny" | "allow"`, `text`. */
  readonly allowed: string;
  /** As JSON; empty when the setting has none. */
  readonly default: string;
  readonly meaning: string;
}

/** The part of JSON Schema that configuration schemas come out as. */
interface JsonSchema {
  readonly type?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly items?: JsonSchema;
  /** Of an object whose names are the operator's. */
  readonly additionalProperties?: JsonSchema | boolean;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
}

/** Every field of a schema, those inside objects by their path. */
export function configFields(schema: z.ZodType): readonly ConfigField[] {
  return fieldsOf(z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema, '');
}

function fieldsOf(schema: JsonSchema, path: string): ConfigField[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, property]) => {
    const field = path === '' ? name : `${path}.${name}`;
    const initial = property.default === undefined ? '' : JSON.stringify(property.default);
    const row: ConfigField = { field, allowed: allowed(property), default: initial, meaning: property.description ?? '' };
    const named = typeof property.additionalProperties === 'object' ? property.additionalProperties : {};
    return [row, ...fieldsOf(property, field), ...fieldsOf(property.items ?? {}, `${field}[]`), ...fieldsOf(named, `${field}.NAME`)];
  });
}

function allowed(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  const shapes = schema.anyOf ?? schema.oneOf;
  if (shapes !== undefined) return [...new Set(shapes.map(allowed))].join(' | ');
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' | ');
  if (schema.type === 'array') return `list of ${allowed(schema.items ?? {})}`;
  if (schema.type === 'string') return 'text';
  const { minimum: least, maximum: most } = schema;
  const isBound = (bound: number | undefined): bound is number => bound !== undefined && Math.abs(bound) !== Number.MAX_SAFE_INTEGER;
  const range = isBound(least) || isBound(most) ? ` ${isBound(least) ? least : ''}..${isBound(most) ? most : ''}` : '';
  return `${schema.type ?? 'anything'}${range}`;
}
