/** Tokens into expressions, loosest operator first. Sheet mspl 4.2. */
import type { ParleyError } from '../errors/index.ts';
import { ScriptTextErrors as E } from './errors.ts';
import type { BinaryOperator, Broken, Expression, Identifier, Literal } from './syntax.ts';
import type { TokenCursor } from './token-cursor.ts';

/** Levels of one expression, a chain of operators counted by its length. */
export const DEPTH_LIMIT = 200;
const ARGUMENT_LIMIT = 64;

const LEVELS: readonly (readonly BinaryOperator[])[] = [['||'], ['&&'], ['==', '!='], ['<', '<=', '>', '>='], ['+', '-']];

/** What to write for an operator of other languages. */
const FOREIGN: Readonly<Record<string, string>> = {
  '*': 'Add in a loop; MSPL has + and - only.',
  '/': 'MSPL has + and - only.',
  '%': 'HashString gives a remainder; MSPL has + and - only.',
  '&': 'Use && for "and".',
  '|': 'Use || for "or".',
  '^': 'Use != for "either, but not both".',
  '~': 'MSPL has no bit operators.',
  '?': 'Use if and else.',
  '++': 'Write x = x + 1;',
  '--': 'Write x = x - 1;',
  '+=': 'Write x = x + value;',
  '-=': 'Write x = x - value;',
};

export class ExpressionParser {
  constructor(private readonly cursor: TokenCursor) {}

  /** A whole expression; a `=` behind it is a fault. */
  expression(): Expression {
    return this.cursor.nested(() => {
      const found = this.level(0);
      return this.cursor.at('=') ? this.skipOperator(found, E.MSPL_ASSIGN_IN_EXPRESSION()) : this.withoutForeign(found);
    });
  }

  /** What a statement begins with: a whole expression, or the target of the assignment whose `=` comes next. */
  opening(): Expression {
    return this.cursor.nested(() => this.withoutForeign(this.level(0)));
  }

  /** The constant of a case label. Anything else is reported; the switch goes on behind it. */
  constant(): Expression {
    const found = this.expression();
    const negative =
      found.kind === 'unary' && found.operator === '-' && found.operand.kind === 'literal' && typeof found.operand.value === 'number';
    const member = found.kind === 'member' && found.object.kind === 'name';
    if (found.kind === 'literal' || negative || member || found.kind === 'broken') return found;
    this.cursor.reporter.error(E.MSPL_CASE_CONSTANT({ found: 'an expression' }), found);
    return { kind: 'broken', start: found.start, end: found.end, depth: 0 };
  }

  private level(index: number): Expression {
    const operators = LEVELS[index];
    if (operators === undefined) return this.unary();
    let left = this.level(index + 1);
    for (;;) {
      const { token } = this.cursor;
      const operator = operators.find((candidate) => this.cursor.at(candidate));
      if (operator === undefined) return left;
      this.cursor.advance();
      const right = this.level(index + 1);
      const depth = Math.max(left.depth, right.depth) + 1;
      if (depth > DEPTH_LIMIT) {
        this.cursor.reporter.error(E.MSPL_TOO_DEEP({ limit: DEPTH_LIMIT }), token);
        left = this.broken(left.start);
      } else left = { kind: 'binary', operator, left, right, start: left.start, end: right.end, depth };
    }
  }

  private unary(): Expression {
    const { start, text } = this.cursor.token;
    if (!this.cursor.at('!') && !this.cursor.at('-')) return this.postfix();
    this.cursor.advance();
    const operand = this.cursor.nested(() => this.unary());
    return { kind: 'unary', operator: text as '!' | '-', operand, start, end: operand.end, depth: operand.depth + 1 };
  }

  private postfix(): Expression {
    let found = this.primary();
    for (;;) {
      if (this.cursor.accept('.')) {
        const member = named(this.cursor.identifier('the name of a member after "."'));
        found = { kind: 'member', object: found, member, start: found.start, end: member.end, depth: found.depth + 1 };
        if (found.depth > DEPTH_LIMIT) return this.tooDeep(found);
      } else if (this.cursor.at('[')) {
        found = this.fileAccess(found);
      } else return found;
    }
  }

  private fileAccess(file: Expression): Expression {
    const open = this.cursor.advance();
    const index = this.expression();
    this.cursor.expect(']');
    if (file.kind !== 'name') {
      this.cursor.reporter.error(E.MSPL_EXPECTED({ expected: 'the name of a file before "["', found: 'an expression' }), open);
      return this.broken(file.start);
    }
    this.cursor.expect('.');
    const column = named(this.cursor.identifier('the name of a column after "]."'));
    const name = { name: file.name, start: file.start, end: file.end };
    return { kind: 'file', file: name, index, column, start: file.start, end: column.end, depth: index.depth + 1 };
  }

  private primary(): Expression {
    const { token } = this.cursor;
    const { start, end } = token;
    if (token.kind === 'identifier') {
      this.cursor.advance();
      return this.cursor.at('(') ? this.call(named(token)) : { kind: 'name', name: token.text, start, end, depth: 0 };
    }
    if (token.kind === 'integer' || token.kind === 'float') return this.literal(token.value, token.kind === 'float');
    if (token.kind === 'string') return this.literal(token.text);
    if (this.cursor.at('true') || this.cursor.at('false')) return this.literal(token.text === 'true');
    if (this.cursor.at('null')) return this.literal(null);
    if (this.cursor.accept('(')) {
      const inner = this.expression();
      this.cursor.expect(')');
      return inner;
    }
    return this.cursor.fail('a value');
  }

  private literal(value: Literal['value'], float = false): Literal {
    const { start, end } = this.cursor.advance();
    return { kind: 'literal', value, float, start, end, depth: 0 };
  }

  private call(callee: Identifier): Expression {
    this.cursor.expect('(');
    const args: Expression[] = [];
    if (!this.cursor.at(')')) {
      do args.push(this.expression());
      while (this.cursor.accept(','));
    }
    const { end } = this.cursor.expect(')');
    if (args.length > ARGUMENT_LIMIT) {
      this.cursor.reporter.error(E.MSPL_TOO_MANY({ limit: ARGUMENT_LIMIT, what: 'arguments' }), callee);
    }
    const depth = args.reduce((deepest, arg) => Math.max(deepest, arg.depth), 0) + 1;
    const call: Expression = { kind: 'call', callee, args, start: callee.start, end, depth };
    return depth > DEPTH_LIMIT ? this.tooDeep(call) : call;
  }

  /** The expression, unless an operator that MSPL does not have follows: that is reported, and what stands behind it is read too. */
  private withoutForeign(found: Expression): Expression {
    const { token } = this.cursor;
    const instead = token.kind === 'mark' ? FOREIGN[token.text] : undefined;
    if (instead !== undefined) return this.skipOperator(found, E.MSPL_OPERATOR({ found: token.text, instead }));
    return token.kind === 'unknown' ? this.skipOperator(found, undefined) : found;
  }

  private skipOperator(found: Expression, error: ParleyError | undefined): Expression {
    if (error !== undefined) this.cursor.reporter.error(error, this.cursor.token);
    this.cursor.advance();
    if (![';', ')', ',', ']', '}'].some((mark) => this.cursor.at(mark))) this.expression();
    return this.broken(found.start);
  }

  private tooDeep(expression: Expression): Broken {
    this.cursor.reporter.error(E.MSPL_TOO_DEEP({ limit: DEPTH_LIMIT }), expression);
    return this.broken(expression.start);
  }

  private broken(start: number): Broken {
    return { kind: 'broken', start, end: Math.max(start, this.cursor.previousEnd), depth: 0 };
  }
}

/** A token as a name. */
export function named(token: { readonly text: string; readonly start: number; readonly end: number }): Identifier {
  return { name: token.text, start: token.start, end: token.end };
}
