/** Parameters of a header value or URI: `;name`, `;name=value`, `;name="quoted"`. RFC 3261 sections 7.3.1 and 25.1. */
import { unescapeUri } from './byte-text.ts';
import { PARAM_NAME, PARAM_VALUE, isAt, skipClass, skipQuoted, skipSpace, trimEnd } from './characters.ts';

/** A parameter's value byte for byte, quotes and escapes included; `true` when it has none. */
export type ParamValue = string | true;

/** One parameter of a chain; chains are shorter than arrays and cost less. */
class Param {
  next: Param | undefined = undefined;

  constructor(
    readonly name: string,
    readonly value: ParamValue,
  ) {}
}

/** Ordered parameters. Names compare without case; values are kept byte for byte. Never changes: `with` and `without` make new ones. */
export class Params {
  /** No parameters. */
  static readonly NONE = new Params(undefined);

  private constructor(private readonly head: Param | undefined) {}

  /** Parameters from pairs, in order. */
  static of(pairs: Iterable<readonly [string, ParamValue]>): Params {
    let head: Param | undefined;
    let last: Param | undefined;
    for (const [name, value] of pairs) {
      const param = new Param(name, value);
      if (last === undefined) head = param;
      else last.next = param;
      last = param;
    }
    return head === undefined ? Params.NONE : new Params(head);
  }

  /** Reads `;a=b;c`, the first semicolon being optional. Never fails: empty parameters are left out, and any text but `;` may be a value. */
  static parse(text: string): Params {
    const start = skipSpace(text, 0, text.length);
    const chain = isAt(0x3b, text, start, text.length) ? text : `;${text}`;
    return Params.read(chain, 0, chain.length, false) ?? Params.NONE;
  }

  /**
   * Reads the parameters from `start`, where a `;` or the end stands (after white space), to `end`.
   * undefined: malformed, as an empty parameter, a quote that never closes, or white space in a value.
   * Not strict: empty parameters are skipped, and a value is all that stands before the next `;`.
   */
  static read(text: string, start: number, end: number, strict: boolean): Params | undefined {
    let at = skipSpace(text, start, end);
    if (at >= end) return Params.NONE;
    let head: Param | undefined;
    let last: Param | undefined;
    while (at < end) {
      if (text.charCodeAt(at) !== 0x3b) return undefined;
      const nameStart = skipSpace(text, at + 1, end);
      const nameEnd = strict ? skipClass(PARAM_NAME, text, nameStart, end) : laxNameEnd(text, nameStart, end);
      at = skipSpace(text, nameEnd, end);
      let value: ParamValue = true;
      if (isAt(0x3d, text, at, end)) {
        const valueStart = skipSpace(text, at + 1, end);
        const valueEnd = strict ? strictValueEnd(text, valueStart, end) : laxValueEnd(text, valueStart, end);
        if (valueEnd < 0) return undefined;
        value = text.slice(valueStart, valueEnd);
        at = skipSpace(text, valueEnd, end);
      }
      if (nameEnd === nameStart) {
        if (strict) return undefined;
        continue;
      }
      const param = new Param(text.slice(nameStart, nameEnd), value);
      if (last === undefined) head = param;
      else last.next = param;
      last = param;
    }
    return head === undefined ? Params.NONE : new Params(head);
  }

  get size(): number {
    let size = 0;
    for (let param = this.head; param !== undefined; param = param.next) size++;
    return size;
  }

  /** Value of the first parameter of that name; undefined when there is none. */
  get(name: string): ParamValue | undefined {
    return this.find(name)?.value;
  }

  /** Value of the first parameter of that name, if it has one: what most readers want. */
  text(name: string): string | undefined {
    const value = this.find(name)?.value;
    return value === true ? undefined : value;
  }

  has(name: string): boolean {
    return this.find(name) !== undefined;
  }

  /** Name as written, and value, in order. */
  *entries(): IterableIterator<[string, ParamValue]> {
    for (let param = this.head; param !== undefined; param = param.next) yield [param.name, param.value];
  }

  /** With the first parameter of that name replaced, or the parameter added at the end. */
  with(name: string, value: ParamValue): Params {
    const old = this.find(name);
    const pairs: [string, ParamValue][] = [];
    for (let param = this.head; param !== undefined; param = param.next) pairs.push([param.name, param === old ? value : param.value]);
    if (old === undefined) pairs.push([name, value]);
    return Params.of(pairs);
  }

  /** Without any parameter of that name. */
  without(name: string): Params {
    return this.has(name) ? Params.of([...this.entries()].filter(([other]) => !sameName(other, name))) : this;
  }

  /** `;a=b;c`, or '' for none. */
  toString(): string {
    let text = '';
    for (let param = this.head; param !== undefined; param = param.next) {
      text += param.value === true ? `;${param.name}` : `;${param.name}=${param.value}`;
    }
    return text;
  }

  private find(name: string): Param | undefined {
    for (let param = this.head; param !== undefined; param = param.next) {
      if (sameName(param.name, name)) return param;
    }
    return undefined;
  }
}

/** Names in URIs may be escaped, `;%6C%72` is `;lr`; nobody asks for a name with a percent sign. */
function sameName(written: string, asked: string): boolean {
  if (written === asked) return true;
  if (written.length === asked.length) return written.toLowerCase() === asked.toLowerCase();
  return written.length > asked.length && written.includes('%') && unescapeUri(written).toLowerCase() === asked.toLowerCase();
}

/** After a quoted-string or a run of ordinary characters; -1 when something else follows, or the quote never closes. */
function strictValueEnd(text: string, start: number, end: number): number {
  if (isAt(0x22, text, start, end)) return skipQuoted(text, start, end);
  return skipClass(PARAM_VALUE, text, start, end);
}

function laxNameEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && !isAt(0x3b, text, at, end) && !isAt(0x3d, text, at, end)) at++;
  return trimEnd(text, start, at);
}

/** The next `;` outside quotes; a quote that never closes takes the rest. */
function laxValueEnd(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && !isAt(0x3b, text, at, end)) {
    if (isAt(0x22, text, at, end)) {
      const after = skipQuoted(text, at, end);
      at = after < 0 ? end : after;
    } else at++;
  }
  return trimEnd(text, start, at);
}
