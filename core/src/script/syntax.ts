/** The tree that the parser makes of a script. Sheet mspl 4.2. Spans are offsets in the script. */
import type { Span } from './source-text.ts';

/** A name where it stands. */
export interface Identifier extends Span {
  readonly name: string;
}

export type BinaryOperator = '||' | '&&' | '==' | '!=' | '<' | '<=' | '>' | '>=' | '+' | '-';

interface ExpressionBase extends Span {
  /** Levels of expressions below this one, so that no walk over the tree can run out of stack. */
  readonly depth: number;
}

export interface Literal extends ExpressionBase {
  readonly kind: 'literal';
  /** Null for `null`. */
  readonly value: string | number | boolean | null;
  /** Written with a decimal point. */
  readonly float: boolean;
}

export interface Name extends ExpressionBase {
  readonly kind: 'name';
  readonly name: string;
}

/** `object.member`; also `Enumeration.Member`. */
export interface Member extends ExpressionBase {
  readonly kind: 'member';
  readonly object: Expression;
  readonly member: Identifier;
}

/** `file[index].column` */
export interface FileAccess extends ExpressionBase {
  readonly kind: 'file';
  readonly file: Identifier;
  readonly index: Expression;
  readonly column: Identifier;
}

export interface Call extends ExpressionBase {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly args: readonly Expression[];
}

export interface Unary extends ExpressionBase {
  readonly kind: 'unary';
  readonly operator: '!' | '-';
  readonly operand: Expression;
}

export interface Binary extends ExpressionBase {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
}

/** Stands where an expression should; its fault is reported already. */
export interface Broken extends ExpressionBase {
  readonly kind: 'broken';
}

export type Expression = Literal | Name | Member | FileAccess | Call | Unary | Binary | Broken;

export interface Block extends Span {
  readonly kind: 'block';
  readonly body: readonly Statement[];
}

/** One `if` with all its `else if`: a long chain is no deep tree. */
export interface If extends Span {
  readonly kind: 'if';
  readonly arms: readonly { readonly condition: Expression; readonly body: Statement }[];
  readonly otherwise: Statement | undefined;
}

export interface While extends Span {
  readonly kind: 'while';
  readonly condition: Expression;
  readonly body: Statement;
}

export interface Foreach extends Span {
  readonly kind: 'foreach';
  readonly variable: Identifier;
  readonly subject: Expression;
  readonly body: Statement;
}

export interface SwitchBranch extends Span {
  /** Undefined for `default`. Its span covers the label. */
  readonly label: Expression | undefined;
  /** The span of `case x` or `default`. */
  readonly head: Span;
  readonly body: readonly Statement[];
}

export interface Switch extends Span {
  readonly kind: 'switch';
  readonly subject: Expression;
  readonly branches: readonly SwitchBranch[];
}

export interface Jump extends Span {
  readonly kind: 'break' | 'continue';
}

export interface Return extends Span {
  readonly kind: 'return';
  readonly value: Expression | undefined;
}

export interface Assignment extends Span {
  readonly kind: 'assignment';
  readonly target: Name | Member;
  readonly value: Expression;
}

export interface ExpressionStatement extends Span {
  readonly kind: 'expression';
  readonly expression: Expression;
}

export interface Empty extends Span {
  readonly kind: 'empty';
}

export type Statement = Block | If | While | Foreach | Switch | Jump | Return | Assignment | ExpressionStatement | Empty;

export interface FunctionDefinition extends Span {
  readonly name: Identifier;
  readonly parameters: readonly Identifier[];
  readonly body: Statement;
}

export interface Script {
  readonly functions: readonly FunctionDefinition[];
  readonly body: readonly Statement[];
}
