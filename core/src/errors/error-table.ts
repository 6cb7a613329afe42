/** The one error type of Parley and the tables that define its codes. Every room has one table, in its `errors.ts`. */

/** What an error table says of one code. `{name}` slots in the texts are filled from the arguments of the throw. */
export interface ErrorEntry {
  /** What was wrong and what was found, one sentence. */
  readonly sentence: string;
  /** What the reader can do about it, one sentence. */
  readonly fix: string;
  /** The SIP status that a request gets when this error ends it (RFC 3261 section 21), where one applies. */
  readonly status?: number;
}

/** Values for the `{name}` slots of an error's texts. */
export type ErrorSlots = Readonly<Record<string, string | number | boolean>>;

/** What an error carries besides its sentence. */
export interface ErrorDetail {
  /** Where the offending input stands: `file:line:column`, a configuration path, or a header name. */
  readonly place?: string;
  readonly cause?: unknown;
}

/** An error with a stable code. `message` is the filled sentence; `fix` says what to do. */
export class ParleyError extends Error {
  readonly code: string;
  readonly fix: string;
  readonly status: number | undefined;
  readonly place: string | undefined;

  constructor(code: string, entry: ErrorEntry, slots: ErrorSlots = {}, detail: ErrorDetail = {}) {
    super(fill(entry.sentence, slots), detail.cause === undefined ? undefined : { cause: detail.cause });
    this.name = 'ParleyError';
    this.code = code;
    this.fix = fill(entry.fix, slots);
    this.status = entry.status;
    this.place = detail.place;
  }
}

/** One function for each code of a table; it makes the error, with its slots filled. */
export type ErrorTable<Codes extends string> = {
  readonly [Code in Codes]: (slots?: ErrorSlots, detail?: ErrorDetail) => ParleyError;
};

const known = new Map<string, ErrorEntry>();

/**
 * Declares the error codes of one room or plugin; `throw HostErrors.PLUGIN_MISSING({ name })`.
 * Throws a plain Error when a code is declared twice: codes are unique in the whole product.
 */
export function errorTable<Codes extends string>(entries: Record<Codes, ErrorEntry>): ErrorTable<Codes> {
  const table = {} as Record<Codes, (slots?: ErrorSlots, detail?: ErrorDetail) => ParleyError>;
  for (const code of Object.keys(entries) as Codes[]) {
    if (known.has(code)) throw new Error(`error code ${code} is declared twice`);
    known.set(code, entries[code]);
    table[code] = (slots, detail) => new ParleyError(code, entries[code], slots, detail);
  }
  return table;
}

/** All codes declared so far by the modules that are loaded; docs/errors.md is held equal to it by a test. */
export function declaredErrors(): ReadonlyMap<string, ErrorEntry> {
  return known;
}

function fill(text: string, slots: ErrorSlots): string {
  return text.replace(/\{(\w+)\}/g, (slot, name: string) => String(slots[name] ?? slot));
}
