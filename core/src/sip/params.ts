/** Parameters of a header value or URI: `;name`, `;name=value`, `;name="quoted"`. RFC 3261 sections 7.3.1 and 25.1. */
import { unescapeUri } from './byte-text.ts';
import { isSpace, skipQuoted, skipSpace, trimEnd } from './characters.ts';

/** A parameter's value byte for byte, quotes and escapes included; `true` when it has none. */
export type ParamValue = string | true;

/** Ordered parameters. Names compare without case; values are kept byte for byte. Never changes: `with` and `without` make new ones. */
export class Params {
  /** No parameters. */
  static readonly NONE = new Params([], []);

  /** @param names as written; @param values beside them */
  constructor(
    private readonly names: readonly string[],
    private readonly values: readonly ParamValue[],
  ) {}

  /** Parameters from pairs, in order. */
  static of(pairs: readonly (readonly [string, ParamValue])[]): Params {
    return new Params(
      pairs.map((pair) => pair[0]),
      pairs.map((pair) => pair[1]),
    );
  }

  /** Reads `;a=b;c`, the first semicolon being optional. Lenient: empty parameters are left out and anything but `;` may be in a value. */
  static parse(text: string): Params {
    const start = skipSpace(text, 0);
    const reader = text.charCodeAt(start) === 0x3b ? text.slice(start) : `;${text.slice(start)}`;
    return readParams(reader, 0, false) ?? Params.NONE;
  }

  get size(): number {
    return this.names.length;
  }

  /** Value of the first parameter of that name; undefined when there is none. */
  get(name: string): ParamValue | undefined {
    const index = this.indexOf(name);
    return index < 0 ? undefined : this.values[index];
  }

  has(name: string): boolean {
    return this.indexOf(name) >= 0;
  }

  /** Name as written, and value, in order. */
  *entries(): IterableIterator<[string, ParamValue]> {
    for (let i = 0; i < this.names.length; i++) yield [this.names[i] as string, this.values[i] as ParamValue];
  }

  /** With the first parameter of that name replaced, or the parameter added at the end. */
  with(name: string, value: ParamValue): Params {
    const index = this.indexOf(name);
    if (index < 0) return new Params([...this.names, name], [...this.values, value]);
    return new Params(this.names, this.values.with(index, value));
  }

  /** Without any parameter of that name. */
  without(name: string): Params {
    if (!this.has(name)) return this;
    return Params.of([...this.entries()].filter(([other]) => !sameName(other, name)));
  }

  /** `;a=b;c`, or '' for none. */
  toString(): string {
    let text = '';
    for (let i = 0; i < this.names.length; i++) {
      const value = this.values[i];
      text += value === true ? `;${this.names[i]}` : `;${this.names[i]}=${value}`;
    }
    return text;
  }

  private indexOf(name: string): number {
    const names = this.names;
    for (let i = 0; i < names.length; i++) {
      if (sameName(names[i] as string, name)) return i;
    }
    return -1;
  }
}

/** URI parameters may be escaped (`;%6C%72` is `;lr`), and `%` is in no name that anybody asks for. */
function sameName(written: string, asked: string): boolean {
  if (written === asked) return true;
  if (written.length === asked.length) return written.toLowerCase() === asked.toLowerCase();
  return written.includes('%') && unescapeUri(written).toLowerCase() === asked.toLowerCase();
}

/**
 * Reads the parameters that begin at `pos`, where a `;` or the end stands (after white space), up to the end of the text.
 * undefined: malformed, as an empty parameter, a quote that never closes, or white space inside a value.
 * Not strict: empty parameters are skipped, and a value is what stands before the next `;`.
 */
export function readParams(text: string, pos: number, strict: boolean): Params | undefined {
  const end = text.length;
  let at = skipSpace(text, pos);
  if (at >= end) return Params.NONE;
  const names: string[] = [];
  const values: ParamValue[] = [];
  while (at < end) {
    if (text.charCodeAt(at) !== 0x3b) return undefined;
    const nameStart = skipSpace(text, at + 1);
    at = nameStart;
    let code = text.charCodeAt(at);
    while (at < end && code !== 0x3b && code !== 0x3d) {
      if (strict && !isNameCharacter(code)) break;
      code = text.charCodeAt(++at);
    }
    const nameEnd = trimEnd(text, nameStart, at);
    at = skipSpace(text, at);
    if (nameEnd === nameStart) {
      if (strict) return undefined;
      at = skipValue(text, at);
      continue;
    }
    names.push(text.slice(nameStart, nameEnd));
    if (text.charCodeAt(at) !== 0x3d) {
      values.push(true);
      continue;
    }
    const valueStart = skipSpace(text, at + 1);
    const valueEnd = strict ? skipStrictValue(text, valueStart) : trimEnd(text, valueStart, skipValue(text, valueStart));
    if (valueEnd < 0) return undefined;
    values.push(text.slice(valueStart, valueEnd));
    at = skipSpace(text, valueEnd);
  }
  return new Params(names, values);
}

function isNameCharacter(code: number): boolean {
  return code > 0x20 && code !== 0x22 && code !== 0x2c && code !== 0x3c && code !== 0x3e;
}

/** A quoted-string, or a run of what is neither white space, `;`, `,` nor `"`. */
function skipStrictValue(text: string, pos: number): number {
  const end = text.length;
  if (text.charCodeAt(pos) === 0x22) return skipQuoted(text, pos, end);
  let at = pos;
  for (; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === 0x3b || isSpace(code)) return at;
    if (code === 0x2c || code === 0x22) return -1;
  }
  return at;
}

/** Up to the next `;` outside quotes. */
function skipValue(text: string, pos: number): number {
  let at = pos;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    if (code === 0x3b) return at;
    if (code === 0x22) {
      const after = skipQuoted(text, at);
      at = after < 0 ? text.length : after;
    } else at++;
  }
  return at;
}
