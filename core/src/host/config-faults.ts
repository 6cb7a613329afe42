/** What is wrong with a configuration: every fault at once, each with its path, what was found and what is allowed. */
import { z } from 'zod';
import { ParleyError, declaredErrors } from '../errors/index.ts';
import type { ErrorEntry } from '../errors/index.ts';
import { nearestName } from '../script/index.ts';
import './errors.ts';
import { allowedBy, propertiesOf, schemaAt } from './schema-text.ts';
import type { JsonSchema } from './schema-text.ts';

/** One thing that is wrong. */
export interface Fault {
  /** `listen[0].port`, or the name of an environment variable. */
  readonly path: string;
  /** What stands there, as JSON; "nothing" when the field is missing; secrets are not shown. */
  readonly found: string;
  /** What may stand there. */
  readonly allowed: string;
  /** What was probably meant. */
  readonly hint?: string;
}

/** CONFIG_INVALID, with the faults it lists. */
export class InvalidConfig extends ParleyError {
  constructor(
    readonly faults: readonly Fault[],
    file: string | undefined,
  ) {
    const count = faults.length === 1 ? 'one fault' : `${faults.length} faults`;
    const slots = { what: file ?? 'The configuration', count, list: faults.map((fault) => `  ${faultText(fault)}`).join('\n') };
    super('CONFIG_INVALID', declaredErrors().get('CONFIG_INVALID') as ErrorEntry, slots, file === undefined ? {} : { place: file });
  }
}

/** One line for people. */
export function faultText(fault: Fault): string {
  const hint = fault.hint === undefined ? '' : ` Did you mean ${fault.hint}?`;
  return `${fault.path}: found ${fault.found}; allowed: ${fault.allowed}.${hint}`;
}

type Path = readonly PropertyKey[];

const SECRET_KEY = /passw|secret|token|passphrase|private|credential|url$/i;
const FOUND_LENGTH = 80;

/**
 * Checks `input` and says everything that is wrong with it.
 * @param at where `input` stands in the whole configuration
 */
export function check<S extends z.ZodType>(schema: S, input: unknown, at: Path): { value: z.output<S> } | { faults: Fault[] } {
  const result = schema.safeParse(input, { reportInput: true });
  if (result.success) return { value: result.data };
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  return { faults: result.error.issues.flatMap((issue) => faultsOf(issue, json, input, at)) };
}

/** `['listen', 0, 'port']` as `listen[0].port`. */
export function pathText(path: Path): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('');
  return text.replace(/^\./, '') || 'the configuration';
}

/** A value as it may be shown: shortened, and hidden when its name says that it is a secret. */
export function foundText(value: unknown, path: Path): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'string' && SECRET_KEY.test(String(path.at(-1)))) return 'a text that is not shown here';
  const text = JSON.stringify(value, (key, inner: unknown) => (typeof inner === 'string' && SECRET_KEY.test(key) ? '(not shown)' : inner));
  return text.length > FOUND_LENGTH ? `${text.slice(0, FOUND_LENGTH)}…` : text;
}

function faultsOf(issue: z.core.$ZodIssue, json: JsonSchema, root: unknown, at: Path): Fault[] {
  const here = schemaAt(json, issue.path, root);
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey(key, [...at, ...issue.path], here));
  const path = [...at, ...issue.path];
  const allowed = ownMessage(issue) ?? allowedBy(here);
  return [{ path: pathText(path), found: foundText(valueAt(root, issue.path), path), allowed: withDescription(allowed, here) }];
}

function unknownKey(key: string, path: Path, here: JsonSchema | undefined): Fault {
  const known = propertiesOf(here);
  const meant = nearestName(key, known);
  const fault = {
    path: pathText([...path, key]),
    found: 'a field that is not known here',
    allowed: known.length === 0 ? 'no fields' : known.join(', '),
  };
  return meant === undefined ? fault : { ...fault, hint: `"${meant}"` };
}

/** The text that the schema's author wrote for this rule; undefined for zod's own. */
function ownMessage(issue: z.core.$ZodIssue): string | undefined {
  if (issue.code === 'invalid_union') {
    const inner = issue.errors.flat().map(ownMessage);
    // One branch with a text of its own says enough of the others by being the likely one.
    return inner.find((message) => message !== undefined);
  }
  if (issue.code !== 'custom' && issue.code !== 'invalid_format') return undefined;
  return issue.message.startsWith('Invalid ') ? undefined : issue.message;
}

function withDescription(allowed: string, here: JsonSchema | undefined): string {
  return here?.description === undefined ? allowed : `${allowed} (${here.description.replace(/\.$/, '')})`;
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root;
  for (const step of path) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<PropertyKey, unknown>)[step];
  }
  return value;
}
