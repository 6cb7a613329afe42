/** Visits every statement or expression of a script, in the order of the text. */
import type { Expression, Statement } from './syntax.ts';

/** Calls `visit` for each statement, those inside others too. */
export function eachStatement(statements: readonly Statement[], visit: (statement: Statement) => void): void {
  for (const statement of statements) {
    visit(statement);
    eachStatement(childStatements(statement), visit);
  }
}

/** The statements directly inside a statement. */
export function childStatements(statement: Statement): readonly Statement[] {
  switch (statement.kind) {
    case 'block':
      return statement.body;
    case 'if': {
      const bodies = statement.arms.map((arm) => arm.body);
      return statement.otherwise === undefined ? bodies : [...bodies, statement.otherwise];
    }
    case 'while':
    case 'foreach':
      return [statement.body];
    case 'switch':
      return statement.branches.flatMap((branch) => branch.body);
    default:
      return [];
  }
}

/**
 * Calls `visit` for each expression of the statements, outer ones before their parts. Left out are the targets of assignments
 * to variables, case labels, and names before a dot that are enumerations' (the caller sees the member).
 */
export function eachExpression(statements: readonly Statement[], visit: (expression: Expression) => void): void {
  eachStatement(statements, (statement) => {
    for (const expression of ownExpressions(statement)) visitExpression(expression, visit);
  });
}

function ownExpressions(statement: Statement): readonly Expression[] {
  switch (statement.kind) {
    case 'if':
      return statement.arms.map((arm) => arm.condition);
    case 'while':
      return [statement.condition];
    case 'foreach':
    case 'switch':
      return [statement.subject];
    case 'return':
      return statement.value === undefined ? [] : [statement.value];
    case 'assignment':
      return statement.target.kind === 'member' ? [statement.target, statement.value] : [statement.value];
    case 'expression':
      return [statement.expression];
    default:
      return [];
  }
}

function visitExpression(expression: Expression, visit: (expression: Expression) => void): void {
  visit(expression);
  for (const part of parts(expression)) visitExpression(part, visit);
}

function parts(expression: Expression): readonly Expression[] {
  switch (expression.kind) {
    case 'member':
      // A bare name before the dot is looked up by the compiler, which knows whether it is a variable or an enumeration.
      return expression.object.kind === 'name' ? [] : [expression.object];
    case 'file':
      return [expression.index];
    case 'call':
      return expression.args;
    case 'unary':
      return [expression.operand];
    case 'binary':
      return [expression.left, expression.right];
    default:
      return [];
  }
}
