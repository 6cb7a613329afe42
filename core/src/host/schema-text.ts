/** What a schema allows, in words. Reads JSON Schema, which zod writes, so that plugins' schemas need nothing of their own for it. */

/** The part of JSON Schema that configuration schemas come out as. */
export interface JsonSchema {
  readonly type?: string;
  /** What the value is, in words of the schema's author: `.meta({ title: 'a host name' })`. */
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly exclusiveMinimum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly format?: string;
}

/** The schema of the field at `path`; the branch of a union is the one that fits `value` best. undefined where the schema says nothing. */
export function schemaAt(schema: JsonSchema, path: readonly PropertyKey[], value: unknown): JsonSchema | undefined {
  let here: JsonSchema | undefined = schema;
  let found: unknown = value;
  for (const step of path) {
    if (here === undefined) return undefined;
    const branch = branchFor(here, found);
    const extra = typeof branch.additionalProperties === 'object' ? branch.additionalProperties : undefined;
    here = typeof step === 'number' ? branch.items : (branch.properties?.[String(step)] ?? extra);
    found = typeof found === 'object' && found !== null ? (found as Record<PropertyKey, unknown>)[step] : undefined;
  }
  return here === undefined ? undefined : describedBranch(here, found);
}

/** Names of the fields that an object may have. */
export function propertiesOf(schema: JsonSchema | undefined): string[] {
  return Object.keys(schema?.properties ?? {});
}

/** `a whole number from 0 to 65535`. */
export function allowedBy(schema: JsonSchema | undefined): string {
  if (schema === undefined) return 'anything';
  if (schema.title !== undefined) return schema.title;
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches !== undefined) return [...new Set(branches.map(allowedBy))].join(', or ');
  if ('const' in schema) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return `one of ${schema.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'string':
      return text(schema);
    case 'array':
      return list(schema);
    case 'object':
      return propertiesOf(schema).length === 0 ? 'an object' : `an object with ${propertiesOf(schema).join(', ')}`;
    case undefined:
    default:
      return 'a value of another kind';
  }
}

/** Of a union the branch whose constants agree with `value` (a discriminator), else the first that has fields. */
function branchFor(schema: JsonSchema, value: unknown): JsonSchema {
  const branches = schema.anyOf ?? schema.oneOf;
  if (branches === undefined) return schema;
  const agreeing = branches.find((branch) => constantsAgree(branch, value));
  if (agreeing !== undefined) return agreeing;
  return { ...branches.find((branch) => branch.properties !== undefined), properties: mergedProperties(branches) };
}

function describedBranch(schema: JsonSchema, value: unknown): JsonSchema {
  if ((schema.anyOf ?? schema.oneOf)?.some((branch) => branch.properties !== undefined) !== true) return schema;
  const branch = branchFor(schema, value);
  return schema.description === undefined ? branch : { ...branch, description: schema.description };
}

function constantsAgree(branch: JsonSchema, value: unknown): boolean {
  if (typeof value !== 'object' || value === null || branch.properties === undefined) return false;
  const constants = Object.entries(branch.properties).filter(([, property]) => 'const' in property);
  return constants.length > 0 && constants.every(([name, property]) => (value as Record<string, unknown>)[name] === property.const);
}

/** The fields of all branches; those that every branch has with another constant allow any of the constants. */
function mergedProperties(branches: readonly JsonSchema[]): Record<string, JsonSchema> {
  const merged: Record<string, JsonSchema> = {};
  for (const branch of branches) {
    for (const [name, property] of Object.entries(branch.properties ?? {})) {
      const known = merged[name];
      merged[name] = known !== undefined && 'const' in property ? { anyOf: [...(known.anyOf ?? [known]), property] } : property;
    }
  }
  return merged;
}

function list(schema: JsonSchema): string {
  const least = schema.minItems ?? 0;
  const each = schema.items === undefined || propertiesOf(schema.items).length > 0 ? '' : `, each ${allowedBy(schema.items)}`;
  return `a list${least > 0 ? ` of at least ${least}` : ''}${each}`;
}

function range(schema: JsonSchema): string {
  const least = bound(schema.minimum);
  const most = bound(schema.maximum);
  if (least !== undefined && most !== undefined) return ` from ${least} to ${most}`;
  if (least !== undefined) return ` of at least ${least}`;
  if (most !== undefined) return ` of at most ${most}`;
  if (schema.exclusiveMinimum !== undefined) return ` above ${schema.exclusiveMinimum}`;
  if (schema.exclusiveMaximum !== undefined) return ` below ${schema.exclusiveMaximum}`;
  return '';
}

/** The bounds that every whole number has are not worth a word. */
function bound(value: number | undefined): number | undefined {
  return value === undefined || Math.abs(value) === Number.MAX_SAFE_INTEGER ? undefined : value;
}

const FORMATS: Readonly<Record<string, string>> = {
  ipv4: 'an IPv4 address',
  ipv6: 'an IPv6 address',
  uri: 'a URL',
  email: 'a mail address',
};

function text(schema: JsonSchema): string {
  const kind = schema.format === undefined ? undefined : FORMATS[schema.format];
  if (kind !== undefined) return kind;
  if (schema.pattern !== undefined) return `a text that matches /${schema.pattern}/`;
  if (schema.maxLength !== undefined) return `a text of ${schema.minLength ?? 0} to ${schema.maxLength} characters`;
  return schema.minLength === undefined ? 'a text' : `a text of at least ${schema.minLength} character${schema.minLength === 1 ? '' : 's'}`;
}
