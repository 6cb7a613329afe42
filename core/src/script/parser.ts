/** Tokens into a script's tree. Reads on after a fault, at the next statement, so that one compile finds them all. */
import { ScriptTextErrors as E } from './errors.ts';
import type { ScriptReporter } from './diagnostic.ts';
import { ExpressionParser, named } from './expression-parser.ts';
import { tokenize } from './lexer.ts';
import type {
  Assignment,
  Block,
  Expression,
  FunctionDefinition,
  Identifier,
  If,
  Script,
  Statement,
  Switch,
  SwitchBranch,
} from './syntax.ts';
import { SyntaxFault, TokenCursor } from './token-cursor.ts';

/** Arms of one if, and branches of one switch. */
const CHAIN_LIMIT = 500;
const PARAMETER_LIMIT = 32;
const STATEMENT_WORDS = new Set(['function', 'if', 'while', 'foreach', 'switch', 'break', 'continue', 'return', 'case', 'default']);

/** Parses a script. Always gives a tree; what was wrong is in the reporter's list. */
export function parseScript(text: string, reporter: ScriptReporter): Script {
  return new Parser(new TokenCursor(tokenize(text, reporter), reporter)).script();
}

class Parser {
  private readonly expressions: ExpressionParser;
  private readonly functions: FunctionDefinition[] = [];
  private bodyStarted = false;

  constructor(private readonly cursor: TokenCursor) {
    this.expressions = new ExpressionParser(cursor);
  }

  script(): Script {
    const body: Statement[] = [];
    while (this.cursor.token.kind !== 'end') {
      if (this.cursor.at('}')) {
        this.cursor.reporter.error(E.MSPL_EXPECTED({ expected: 'a statement', found: '"}"' }), this.cursor.advance());
        continue;
      }
      const statement = this.recovering(() => (this.cursor.at('function') ? this.function() : this.statement()));
      if (statement === undefined) continue;
      this.bodyStarted ||= statement.kind !== 'empty';
      body.push(statement);
    }
    return { functions: this.functions, body };
  }

  private function(): undefined {
    const { start } = this.cursor.expect('function');
    const name = named(this.cursor.identifier('the name of the function'));
    if (this.bodyStarted) this.cursor.reporter.error(E.MSPL_FUNCTION_AFTER_BODY({ name: name.name }), { start, end: name.end });
    const parameters = this.parameters();
    const body = this.statement();
    this.functions.push({ name, parameters, body, start, end: body.end });
  }

  private parameters(): Identifier[] {
    const parameters: Identifier[] = [];
    this.cursor.expect('(');
    if (!this.cursor.at(')')) {
      do parameters.push(named(this.cursor.identifier('the name of a parameter')));
      while (this.cursor.accept(','));
    }
    const close = this.cursor.expect(')');
    if (parameters.length > PARAMETER_LIMIT) {
      this.cursor.reporter.error(E.MSPL_TOO_MANY({ limit: PARAMETER_LIMIT, what: 'parameters' }), close);
    }
    return parameters;
  }

  private statement(): Statement {
    return this.cursor.nested(() => this.statementHere());
  }

  private statementHere(): Statement {
    const { start, end, text, kind } = this.cursor.token;
    if (this.cursor.at('{')) return this.block();
    if (this.cursor.accept(';')) return { kind: 'empty', start, end };
    if (kind !== 'keyword') return this.simple();
    switch (text) {
      case 'if':
        return this.if();
      case 'while':
        return this.while();
      case 'foreach':
        return this.foreach();
      case 'switch':
        return this.switch();
      case 'break':
      case 'continue':
        this.cursor.advance();
        this.cursor.expectSemicolon();
        return { kind: text, start, end };
      case 'return':
        return this.return();
      case 'function':
        this.cursor.reporter.error(E.MSPL_FUNCTION_INSIDE(), this.cursor.token);
        this.function();
        return { kind: 'empty', start, end };
      case 'else':
      case 'case':
      case 'default':
      case 'in':
        return this.cursor.fail('a statement');
      default:
        return this.simple();
    }
  }

  private block(): Block {
    const open = this.cursor.expect('{');
    const body = this.statementsUntil('}');
    this.cursor.expectClosing(open);
    return { kind: 'block', body, start: open.start, end: this.cursor.previousEnd };
  }

  /** Statements up to one of the marks or words, which stays; or to the end of the script. */
  private statementsUntil(...stops: string[]): Statement[] {
    const body: Statement[] = [];
    while (this.cursor.token.kind !== 'end' && !stops.some((stop) => this.cursor.at(stop))) {
      const statement = this.recovering(() => this.statement());
      if (statement !== undefined) body.push(statement);
    }
    return body;
  }

  private if(): If {
    const { start } = this.cursor.token;
    const arms: { condition: Expression; body: Statement }[] = [];
    let otherwise: Statement | undefined;
    do {
      const word = this.cursor.expect('if');
      if (arms.length === CHAIN_LIMIT) this.cursor.reporter.error(E.MSPL_TOO_MANY({ limit: CHAIN_LIMIT, what: 'arms in one if' }), word);
      const condition = this.parenthesised();
      const arm = { condition, body: this.statement() };
      // Beyond the limit arms are read for their faults only.
      if (arms.length < CHAIN_LIMIT) arms.push(arm);
      if (!this.cursor.accept('else')) break;
      if (!this.cursor.at('if')) otherwise = this.statement();
    } while (otherwise === undefined);
    return { kind: 'if', arms, otherwise, start, end: this.cursor.previousEnd };
  }

  private while(): Statement {
    const { start } = this.cursor.expect('while');
    const condition = this.parenthesised();
    return { kind: 'while', condition, body: this.statement(), start, end: this.cursor.previousEnd };
  }

  private foreach(): Statement {
    const { start } = this.cursor.expect('foreach');
    this.cursor.expect('(');
    const variable = named(this.cursor.identifier('the name of the loop variable'));
    this.cursor.expect('in');
    const subject = this.expressions.expression();
    this.cursor.expect(')');
    return { kind: 'foreach', variable, subject, body: this.statement(), start, end: this.cursor.previousEnd };
  }

  private switch(): Switch {
    const { start } = this.cursor.expect('switch');
    const subject = this.parenthesised();
    const open = this.cursor.expect('{');
    const branches: SwitchBranch[] = [];
    while (!this.cursor.at('}') && this.cursor.token.kind !== 'end') {
      const branch = this.recovering(() => this.branch());
      if (branch === undefined) continue;
      if (branches.length === CHAIN_LIMIT) {
        this.cursor.reporter.error(E.MSPL_TOO_MANY({ limit: CHAIN_LIMIT, what: 'branches in one switch' }), branch.head);
      }
      if (branches.length < CHAIN_LIMIT) branches.push(branch);
    }
    this.cursor.expectClosing(open);
    return { kind: 'switch', subject, branches, start, end: this.cursor.previousEnd };
  }

  private branch(): SwitchBranch {
    const { start } = this.cursor.token;
    let label: Expression | undefined;
    if (this.cursor.accept('case')) label = this.expressions.constant();
    else if (!this.cursor.accept('default')) return this.cursor.fail('"case" or "default"');
    const head = { start, end: this.cursor.previousEnd };
    this.cursor.expect(':');
    return { label, head, body: this.statementsUntil('case', 'default', '}'), start, end: this.cursor.previousEnd };
  }

  private return(): Statement {
    const { start } = this.cursor.expect('return');
    const value = this.cursor.at(';') || this.cursor.at('}') ? undefined : this.expressions.expression();
    this.cursor.expectSemicolon();
    return { kind: 'return', value, start, end: this.cursor.previousEnd };
  }

  /** An assignment, or an expression as a statement. */
  private simple(): Statement {
    const opening = this.expressions.opening();
    if (this.cursor.accept('=')) return this.assignment(opening);
    this.cursor.expectSemicolon();
    return { kind: 'expression', expression: opening, start: opening.start, end: opening.end };
  }

  private assignment(target: Expression): Statement {
    const value = this.assigned();
    const { start } = target;
    const { end } = value;
    if (target.kind === 'name' || target.kind === 'member') return { kind: 'assignment', target, value, start, end } satisfies Assignment;
    if (target.kind !== 'broken') this.cursor.reporter.error(E.MSPL_NOT_ASSIGNABLE({ found: 'this expression' }), target);
    return { kind: 'expression', expression: { kind: 'broken', start, end, depth: 0 }, start, end };
  }

  /** The value of an assignment up to its semicolon. After a fault in it the variable is still one that was assigned to. */
  private assigned(): Expression {
    const { start } = this.cursor.token;
    try {
      const value = this.expressions.expression();
      this.cursor.expectSemicolon();
      return value;
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      this.skipToStatement();
      return { kind: 'broken', start, end: Math.max(start, this.cursor.previousEnd), depth: 0 };
    }
  }

  /** A condition or subject in parentheses. After a fault in it the statement goes on behind the closing one. */
  private parenthesised(): Expression {
    const { start } = this.cursor.expect('(');
    try {
      const inner = this.expressions.expression();
      this.cursor.expect(')');
      return inner;
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      this.skipToClosing();
      return { kind: 'broken', start, end: this.cursor.previousEnd, depth: 0 };
    }
  }

  /** To behind the `)` that closes what was open, or in front of what no parentheses contain. */
  private skipToClosing(): void {
    let open = 1;
    while (open > 0 && this.cursor.token.kind !== 'end' && ![';', '{', '}'].some((mark) => this.cursor.at(mark))) {
      if (this.cursor.at('(')) open++;
      else if (this.cursor.at(')')) open--;
      this.cursor.advance();
    }
  }

  /** Reads one statement or branch; after a fault skips to where the next one begins, and gives undefined. */
  private recovering<T>(read: () => T): T | undefined {
    const { start } = this.cursor.token;
    try {
      return read();
    } catch (error) {
      if (!(error instanceof SyntaxFault)) throw error;
      if (this.cursor.token.start === start && !this.cursor.at('}')) this.cursor.advance();
      this.skipToStatement();
      return undefined;
    }
  }

  /** To behind the next `;`, or in front of a block or its end, a word that begins a statement, or the end. */
  private skipToStatement(): void {
    for (;;) {
      const { token } = this.cursor;
      if (token.kind === 'end' || this.cursor.at('{') || this.cursor.at('}') || this.cursor.accept(';')) return;
      if (token.kind === 'keyword' && STATEMENT_WORDS.has(token.text)) return;
      this.cursor.advance();
    }
  }
}
