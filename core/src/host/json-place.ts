/** Where a text stops being JSON (RFC 8259): JSON.parse tells that only for some errors. */

const SPACE = /[ \t\r\n]*/y;
// oxlint-disable-next-line no-control-regex -- JSON forbids control characters in strings
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
// oxlint-disable-next-line no-control-regex -- likewise
const STRING_START = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;

/** The offset of the first character that cannot stand where it does; the length when the text ends too early or is JSON. */
export function jsonErrorOffset(text: string): number {
  const reader = new Reader(text);
  return reader.value() && reader.space() === text.length ? text.length : reader.furthest();
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  /** Takes one value; false at the first error, with `at` on it. */
  value(): boolean {
    const next = this.text[this.space()];
    if (next === '{') return this.list('}', () => this.member());
    if (next === '[') return this.list(']', () => this.value());
    return this.take(SCALAR);
  }

  space(): number {
    this.take(SPACE);
    return this.at;
  }

  /** Inside a string the error is where the string breaks off, not where it begins. */
  furthest(): number {
    this.take(STRING_START);
    return this.at;
  }

  private member(): boolean {
    if (this.text[this.space()] !== '"' || !this.take(SCALAR)) return false;
    if (this.text[this.space()] !== ':') return false;
    this.at++;
    return this.value();
  }

  private list(end: string, element: () => boolean): boolean {
    this.at++;
    if (this.text[this.space()] === end) return this.skip();
    for (;;) {
      if (!element()) return false;
      const next = this.text[this.space()];
      if (next === end) return this.skip();
      if (next !== ',') return false;
      this.at++;
    }
  }

  private skip(): boolean {
    this.at++;
    return true;
  }

  private take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.text);
    if (match === null) return false;
    this.at += match[0].length;
    return true;
  }
}
