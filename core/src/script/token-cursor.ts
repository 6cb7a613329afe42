/** The parser's place among the tokens, and what it says when another one should stand there. */
import { ScriptTextErrors as E } from './errors.ts';
import type { ScriptReporter } from './diagnostic.ts';
import type { Token } from './lexer.ts';
import type { Span } from './source-text.ts';

/** Thrown when a statement cannot be read on; the statement parser catches it and looks for the next one. */
export class SyntaxFault extends Error {}

/** Levels of blocks, loops, parentheses and calls inside each other. */
export const NESTING_LIMIT = 100;

export class TokenCursor {
  private index = 0;
  private nesting = 0;

  constructor(
    private readonly tokens: readonly Token[],
    readonly reporter: ScriptReporter,
  ) {}

  get token(): Token {
    return this.tokens[this.index] as Token;
  }

  /** Where the token before this one ends. */
  get previousEnd(): number {
    return this.tokens[this.index - 1]?.end ?? 0;
  }

  peek(distance: number): Token {
    return this.tokens[Math.min(this.index + distance, this.tokens.length - 1)] as Token;
  }

  /** Takes the current token; at the end it stays. */
  advance(): Token {
    const { token } = this;
    if (token.kind !== 'end') this.index++;
    return token;
  }

  /** Is this mark or keyword next? */
  at(text: string): boolean {
    const { token } = this;
    return token.text === text && (token.kind === 'mark' || token.kind === 'keyword');
  }

  /** Takes the mark or keyword if it is next. */
  accept(text: string): boolean {
    const found = this.at(text);
    if (found) this.index++;
    return found;
  }

  /** Takes the mark or keyword, or gives up the statement. */
  expect(text: string): Token {
    return this.at(text) ? this.advance() : this.fail(`"${text}"`);
  }

  /** Takes a `;`. A missing one is reported where it should stand, and the statement counts as complete. */
  expectSemicolon(): void {
    if (this.accept(';')) return;
    if (this.isReported) throw new SyntaxFault();
    const end = this.previousEnd;
    this.reporter.error(E.MSPL_EXPECTED({ expected: '";"', found: describe(this.token) }), { start: Math.max(0, end - 1), end });
  }

  /** Takes the `}` of the block that `open` began. A script that ends before it has the error at `open`, and the block counts as complete. */
  expectClosing(open: Token): void {
    if (this.token.kind !== 'end') this.expect('}');
    else if (!this.isReported) this.reporter.error(E.MSPL_NOT_CLOSED(), open);
  }

  /** What stands here is a fault that the lexer has told of; what is missing here would be another sentence about the same. */
  private get isReported(): boolean {
    const { kind, text } = this.token;
    return kind === 'unknown' || (kind === 'end' && text !== '');
  }

  identifier(what: string): Token {
    return this.token.kind === 'identifier' ? this.advance() : this.fail(what);
  }

  /** Reports that something else was expected here, and gives up the statement. */
  fail(expected: string): never {
    const { token } = this;
    if (!this.isReported) this.reporter.error(E.MSPL_EXPECTED({ expected, found: describe(token) }), visible(token));
    throw new SyntaxFault();
  }

  /** Runs `read` one level deeper; gives up the statement beyond the limit. */
  nested<T>(read: () => T): T {
    if (this.nesting >= NESTING_LIMIT) {
      this.reporter.error(E.MSPL_TOO_DEEP({ limit: NESTING_LIMIT }), visible(this.token));
      throw new SyntaxFault();
    }
    this.nesting++;
    try {
      return read();
    } finally {
      this.nesting--;
    }
  }
}

/** A token's span; for the end of the script the character before it, so that there is one to point at. */
export function visible(token: Token): Span {
  return token.kind === 'end' ? { start: Math.max(0, token.end - 1), end: token.end } : token;
}

/** A token for an error sentence. */
export function describe(token: Token): string {
  if (token.kind === 'end') return 'the end of the script';
  if (token.kind === 'string') return 'a string';
  return `"${token.text.slice(0, 40)}"`;
}
