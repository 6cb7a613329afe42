/** Header values that are lists joined by commas. RFC 3261 section 7.3.1. */
import { isSpace, skipQuoted, skipSpace, trimEnd } from './characters.ts';

/** Elements of a comma-joined value, trimmed; commas in quotes, angle brackets and comments do not split. Empty elements are left out. */
export function splitList(value: string): string[] {
  if (!value.includes(',')) return value === '' ? [] : [value];
  const elements: string[] = [];
  const cursor = new ListCursor(value);
  while (cursor.next()) {
    const from = skipSpace(value, cursor.start, cursor.end);
    const to = trimEnd(value, from, cursor.end);
    if (to > from) elements.push(value.slice(from, to));
  }
  return elements;
}

/** Position of the comma after the first element, or the length of the value. */
export function firstElementEnd(value: string): number {
  const cursor = new ListCursor(value);
  cursor.next();
  return cursor.end;
}

/** Walks over the elements. What opens and never closes counts as ordinary text, and is searched for once only: hostile text stays linear. */
class ListCursor {
  start = 0;
  end = -1;
  private quotesClose = true;
  private commentsClose = true;
  private readonly lastBracket: number;

  constructor(private readonly value: string) {
    this.lastBracket = value.lastIndexOf('>');
  }

  next(): boolean {
    const { value } = this;
    if (this.end >= value.length) return false;
    this.start = this.end + 1;
    let at = this.start;
    while (at < value.length && value.charCodeAt(at) !== 0x2c) at = this.skip(at);
    this.end = at;
    return true;
  }

  /** Over one character, or over all that it opens. */
  private skip(at: number): number {
    const { value } = this;
    const code = value.charCodeAt(at);
    if (code === 0x22 && this.quotesClose) {
      const after = skipQuoted(value, at, value.length);
      if (after > 0) return after;
      this.quotesClose = false;
    } else if (code === 0x3c && at < this.lastBracket) {
      return value.indexOf('>', at) + 1;
    } else if (code === 0x28 && this.commentsClose && (at === this.start || isSpace(value.charCodeAt(at - 1)))) {
      // Only at the beginning of a word: `(` is also an ordinary character of URIs.
      const close = commentEnd(value, at);
      if (close > 0) return close + 1;
      this.commentsClose = false;
    }
    return at + 1;
  }
}

/** Position of the `)` that closes the comment opening at `pos`, or -1. Comments nest. */
function commentEnd(value: string, pos: number): number {
  let depth = 0;
  for (let i = pos; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code === 0x5c) i++;
    else if (code === 0x28) depth++;
    else if (code === 0x29 && --depth === 0) return i;
  }
  return -1;
}
