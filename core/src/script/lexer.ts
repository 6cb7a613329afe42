/** Characters into tokens. Sheet mspl 4.1. */
import { ScriptTextErrors as E } from './errors.ts';
import type { ScriptReporter } from './diagnostic.ts';
import type { Span } from './source-text.ts';

/**
 * `end` is the one after the last; it stands at the end of the text before it, so that an error there has a line to show. Its text is
 * empty, or the sign of the comment without an end that took the rest of the script, which is reported already.
 * `unknown` is a character that means nothing, which is reported already.
 */
export type TokenKind = 'identifier' | 'keyword' | 'integer' | 'float' | 'string' | 'mark' | 'unknown' | 'end';

/** One word or sign of a script, with its place. */
export interface Token extends Span {
  readonly kind: TokenKind;
  /** As written; for a string its value. */
  readonly text: string;
  /** Of an integer or float. */
  readonly value: number;
}

/** Words that are no names. */
export const KEYWORDS: ReadonlySet<string> = new Set(
  'function if else while foreach in switch case default break continue return null true false'.split(' '),
);

/** Longest first. Those that MSPL does not have are tokens too, so that the parser can say so in their place. */
const MARKS = '++ -- += -= && || == != <= >= ( ) { } [ ] , ; : . = ! < > + - * / % & | ? ^ ~'.split(' ');
const ESCAPES: Readonly<Record<string, string>> = { '"': '"', '\\': '\\', r: '\r', n: '\n', t: '\t' };
const SPACE = /[\s\ufeff]+/y;
const WORD = /[A-Za-z_][A-Za-z0-9_]*/y;
const NUMBER = /0[xX][0-9A-Za-z_]*|[0-9][0-9A-Za-z_]*(?:\.[0-9][0-9A-Za-z_]*)?/y;
const HEXADECIMAL = /^0[xX][0-9A-Fa-f]{1,8}$/;
const INTEGER = /^[0-9]{1,10}$/;
const FLOAT = /^[0-9]+\.[0-9]+$/;
/** One more than the greatest: `-2147483648` is two tokens. */
const GREATEST = 2 ** 31;
const TYPOGRAPHIC = /[\u2018-\u201f\u00ab\u00bb]/;

/** Splits a script into tokens. Reports what is none and goes on behind it; the last token is always `end`. */
export function tokenize(text: string, reporter: ScriptReporter): Token[] {
  return new Lexer(text, reporter).run();
}

class Lexer {
  private at = 0;
  private openComment = '';
  private readonly tokens: Token[] = [];

  constructor(
    private readonly text: string,
    private readonly reporter: ScriptReporter,
  ) {}

  run(): Token[] {
    for (this.skipBlank(); this.at < this.text.length; this.skipBlank()) this.next();
    const end = this.tokens.at(-1)?.end ?? 0;
    this.push('end', this.openComment, end, end);
    return this.tokens;
  }

  private next(): void {
    const start = this.at;
    const char = this.text.charAt(start);
    const word = this.match(WORD);
    if (word !== undefined) return this.push(KEYWORDS.has(word) ? 'keyword' : 'identifier', word, start, this.at);
    const number = this.match(NUMBER);
    if (number !== undefined) return this.number(number, start);
    if (char === '"') return this.string();
    if (TYPOGRAPHIC.test(char) || char === "'") return this.foreignQuote(char);
    if (char === '@' && this.text.charAt(start + 1) === '"') {
      this.at = start + 1;
      this.reporter.error(E.MSPL_VERBATIM(), { start, end: start + 2 });
      return this.string(true);
    }
    const mark = MARKS.find((candidate) => this.text.startsWith(candidate, start));
    if (mark === undefined) return this.unknown(start);
    this.at += mark.length;
    this.push('mark', mark, start, this.at);
  }

  /** Spaces, line ends and comments. */
  private skipBlank(): void {
    for (;;) {
      this.match(SPACE);
      const start = this.at;
      if (this.text.startsWith('//', start)) {
        const end = this.text.slice(start).search(/[\r\n]/);
        this.at = end < 0 ? this.text.length : start + end;
      } else if (this.text.startsWith('/*', start)) {
        const end = this.text.indexOf('*/', start + 2);
        if (end < 0) {
          this.reporter.error(E.MSPL_COMMENT_END(), { start, end: start + 2 });
          this.openComment = '/*';
        }
        this.at = end < 0 ? this.text.length : end + 2;
      } else return;
    }
  }

  private number(word: string, start: number): void {
    const span = { start, end: this.at };
    if (FLOAT.test(word)) return this.push('float', word, start, this.at, Math.fround(Number(word)));
    if (HEXADECIMAL.test(word)) return this.push('integer', word, start, this.at, Number(word) | 0);
    const value = Number(word);
    const valid = INTEGER.test(word) && value <= GREATEST;
    if (!valid) this.reporter.error(E.MSPL_NUMBER({ found: word.slice(0, 40) }), span);
    this.push('integer', word, start, this.at, valid ? value : 0);
  }

  /** A string from its opening quote. A raw one (@"...") has backslashes of its own and was reported already. */
  private string(raw = false): void {
    const start = this.at++;
    let value = '';
    for (;;) {
      const char = this.text.charAt(this.at);
      if (char === '' || char === '\n' || char === '\r') {
        if (!raw) this.reporter.error(E.MSPL_STRING_END(), { start, end: this.at });
        break;
      }
      if (char === '"') {
        this.at++;
        break;
      }
      if (char === '\\' && !raw) value += this.escape();
      else {
        value += char;
        this.at++;
      }
    }
    this.push('string', value, start, this.at);
  }

  private escape(): string {
    const start = this.at;
    const letter = this.text.charAt(start + 1);
    const simple = ESCAPES[letter];
    if (simple !== undefined) {
      this.at += 2;
      return simple;
    }
    const digits = this.text.slice(start + 2, start + 6);
    if (letter === 'u' && /^[0-9A-Fa-f]{4}$/.test(digits)) {
      this.at += 6;
      return String.fromCharCode(Number.parseInt(digits, 16));
    }
    const end = letter === '' || letter === '\r' || letter === '\n' ? start + 1 : start + 2;
    this.reporter.error(E.MSPL_ESCAPE({ found: this.text.slice(start, end) }), { start, end });
    this.at = end;
    return '';
  }

  /** Text between quotes of another kind: reported once, read as the string that was meant. */
  private foreignQuote(char: string): void {
    const start = this.at;
    const rest = /[\r\n]/.exec(this.text.slice(start))?.index ?? this.text.length - start;
    const line = this.text.slice(start, start + rest);
    const close = line.slice(1).search(char === "'" ? /'/ : TYPOGRAPHIC);
    this.reporter.error(E.MSPL_QUOTE({ found: char === "'" ? 'single' : 'typographic' }), { start, end: start + 1 });
    this.at = start + (close < 0 ? line.length : close + 2);
    this.push('string', line.slice(1, close < 0 ? undefined : close + 1), start, this.at);
  }

  private unknown(start: number): void {
    const first = String.fromCodePoint(this.text.codePointAt(start) as number);
    this.at += first.length;
    this.reporter.error(E.MSPL_CHARACTER({ found: JSON.stringify(first) }), { start, end: this.at });
    this.push('unknown', first, start, this.at);
  }

  private match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  private push(kind: TokenKind, text: string, start: number, end: number, value = 0): void {
    this.tokens.push({ kind, text, start, end, value });
  }
}
