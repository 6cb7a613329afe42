/** Parameters of a header value or URI: `;name`, `;name=value`, `;name="quoted"`. RFC 3261 sections 7.3.1 and 25.1. */
import { unescapeUri } from './byte-text.ts';
import { PARAM_NAME, PARAM_VALUE, isAt, skipClass, skipQuoted, skipSpace, trimEnd } from './characters.ts';

const SEMICOLON = 0x3b;
const EQUAL = 0x3d;
const QUOTE = 0x22;
const PERCENT = 0x25;

/** A parameter's value byte for byte, quotes and escapes included; `true` when it has none. */
export type ParamValue = string | true;

/**
 * Ordered parameters. Names compare without case; values are kept byte for byte. Never changes: `with` and `without` make new ones.
 * It is a piece of text, `;a=b;c`, in which names are looked for when somebody asks: most parameters are never asked for.
 */
export class Params {
  /** No parameters. */
  static readonly NONE = new Params('', 0, 0, false);

  /** @param source holds sound parameters without white space from `start` to `end` */
  private constructor(
    private readonly source: string,
    private readonly start: number,
    private readonly end: number,
    /** True when a semicolon may stand inside quotes. */
    private readonly quoted: boolean,
  ) {}

  /** Parameters from pairs, in order. A value that needs quotes comes with them. */
  static of(pairs: Iterable<readonly [string, ParamValue]>): Params {
    let text = '';
    for (const [name, value] of pairs) text += value === true ? `;${name}` : `;${name}=${value}`;
    return text === '' ? Params.NONE : new Params(text, 0, text.length, text.includes('"'));
  }

  /** Reads `;a=b;c`, the first semicolon being optional. Never fails: empty parameters are left out, and any text but `;` may be a value. */
  static parse(text: string): Params {
    const start = skipSpace(text, 0, text.length);
    const chain = isAt(SEMICOLON, text, start, text.length) ? text : `;${text}`;
    return Params.read(chain, 0, chain.length, false) ?? Params.NONE;
  }

  /**
   * Reads the parameters from `start`, where a `;` or the end stands (after white space), to `end`.
   * undefined: malformed, as an empty parameter, a quote that never closes, or white space in a value.
   * Not strict: empty parameters are skipped, and a value is all that stands before the next `;`.
   */
  static read(text: string, start: number, end: number, strict: boolean): Params | undefined {
    let at = start;
    let quoted = false;
    while (at < end) {
      if (!isAt(SEMICOLON, text, at, end)) return Params.readLoose(text, start, end, strict);
      const nameStart = at + 1;
      at = skipClass(PARAM_NAME, text, nameStart, end);
      if (at === nameStart) return Params.readLoose(text, start, end, strict);
      if (isAt(EQUAL, text, at, end)) {
        quoted ||= isAt(QUOTE, text, at + 1, end);
        at = strictValueEnd(text, at + 1, end);
        if (at < 0) return Params.readLoose(text, start, end, strict);
      }
    }
    return at === start ? Params.NONE : new Params(text, start, end, quoted);
  }

  /** The same for text with white space in it, or with what only the lenient accept. */
  private static readLoose(text: string, start: number, end: number, strict: boolean): Params | undefined {
    const pairs: [string, ParamValue][] = [];
    let at = skipSpace(text, start, end);
    while (at < end) {
      if (!isAt(SEMICOLON, text, at, end)) return undefined;
      const nameStart = skipSpace(text, at + 1, end);
      const nameEnd = strict ? skipClass(PARAM_NAME, text, nameStart, end) : looseNameEnd(text, nameStart, end);
      at = skipSpace(text, nameEnd, end);
      let value: ParamValue = true;
      if (isAt(EQUAL, text, at, end)) {
        const valueStart = skipSpace(text, at + 1, end);
        const valueEnd = strict ? strictValueEnd(text, valueStart, end) : looseValueEnd(text, valueStart, end);
        if (valueEnd < 0) return undefined;
        value = text.slice(valueStart, valueEnd);
        at = skipSpace(text, valueEnd, end);
      }
      if (nameEnd > nameStart) pairs.push([text.slice(nameStart, nameEnd), value]);
      else if (strict) return undefined;
    }
    return Params.of(pairs);
  }

  get size(): number {
    let size = 0;
    for (let at = this.start; at < this.end; at = this.next(at + 1)) size++;
    return size;
  }

  /** Value of the first parameter of that name; undefined when there is none. */
  get(name: string): ParamValue | undefined {
    const nameEnd = this.find(name);
    return nameEnd < 0 ? undefined : this.valueAt(nameEnd);
  }

  /** Value of the first parameter of that name, if it has one: what most readers want. */
  text(name: string): string | undefined {
    const value = this.get(name);
    return value === true ? undefined : value;
  }

  has(name: string): boolean {
    return this.find(name) >= 0;
  }

  /** Name as written, and value, in order. */
  *entries(): IterableIterator<[string, ParamValue]> {
    for (let at = this.start; at < this.end;) {
      const nameEnd = nameScanEnd(this.source, at + 1, this.end);
      yield [this.source.slice(at + 1, nameEnd), this.valueAt(nameEnd)];
      at = this.next(nameEnd);
    }
  }

  /** With the first parameter of that name replaced, or the parameter added at the end. */
  with(name: string, value: ParamValue): Params {
    const pairs = [...this.entries()];
    const index = pairs.findIndex(([other]) => isNamed(other, 0, other.length, name));
    if (index < 0) pairs.push([name, value]);
    else pairs[index] = [(pairs[index] as [string, ParamValue])[0], value];
    return Params.of(pairs);
  }

  /** Without any parameter of that name. */
  without(name: string): Params {
    return this.has(name) ? Params.of([...this.entries()].filter(([other]) => !isNamed(other, 0, other.length, name))) : this;
  }

  /** `;a=b;c`, or '' for none. */
  toString(): string {
    return this.source.slice(this.start, this.end);
  }

  /** After the name of the first parameter of that name, or -1. */
  private find(name: string): number {
    for (let at = this.start; at < this.end;) {
      const nameEnd = nameScanEnd(this.source, at + 1, this.end);
      if (isNamed(this.source, at + 1, nameEnd, name)) return nameEnd;
      at = this.next(nameEnd);
    }
    return -1;
  }

  /** The semicolon of the next parameter, or the end. @param at anywhere in this one before its value */
  private next(at: number): number {
    if (this.quoted) return valueScanEnd(this.source, at, this.end);
    const semicolon = this.source.indexOf(';', at);
    return semicolon < 0 || semicolon > this.end ? this.end : semicolon;
  }

  private valueAt(nameEnd: number): ParamValue {
    return isAt(EQUAL, this.source, nameEnd, this.end) ? this.source.slice(nameEnd + 1, this.next(nameEnd)) : true;
  }
}

/** Setting 0x20 makes a letter lower case; two other characters of names that become one are told apart by comparing letters only. */
function isNamed(text: string, start: number, end: number, name: string): boolean {
  const length = end - start;
  if (length !== name.length) return length > name.length && isEscapedName(text, start, end, name);
  for (let i = 0; i < length; i++) {
    const a = text.charCodeAt(start + i);
    const b = name.charCodeAt(i);
    if (a !== b && ((a | 0x20) !== (b | 0x20) || (a | 0x20) < 0x61 || (a | 0x20) > 0x7a)) return false;
  }
  return true;
}

/** Names in URIs may be escaped, `;%6C%72` is `;lr`; nobody asks for a name with a percent sign. */
function isEscapedName(text: string, start: number, end: number, name: string): boolean {
  let at = start;
  while (at < end && text.charCodeAt(at) !== PERCENT) at++;
  return at < end && unescapeUri(text.slice(start, end)).toLowerCase() === name.toLowerCase();
}

/** After a quoted-string or a run of ordinary characters; -1 when the quote never closes. */
function strictValueEnd(text: string, start: number, end: number): number {
  return isAt(QUOTE, text, start, end) ? skipQuoted(text, start, end) : skipClass(PARAM_VALUE, text, start, end);
}

function looseNameEnd(text: string, start: number, end: number): number {
  return trimEnd(text, start, nameScanEnd(text, start, end));
}

function looseValueEnd(text: string, start: number, end: number): number {
  return trimEnd(text, start, valueScanEnd(text, start, end));
}

function nameScanEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) !== SEMICOLON && text.charCodeAt(at) !== EQUAL) at++;
  return at;
}

/** The next `;` outside quotes; a quote that never closes takes the rest. */
function valueScanEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && text.charCodeAt(at) !== SEMICOLON) {
    if (text.charCodeAt(at) === QUOTE) {
      const after = skipQuoted(text, at, end);
      at = after < 0 ? end : after;
    } else at++;
  }
  return at;
}
