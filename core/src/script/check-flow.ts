/** Jumps: break and continue inside what they leave, and branches of a switch that end before the next one begins. */
import { ScriptTextErrors as E } from './errors.ts';
import type { ScriptReporter } from './diagnostic.ts';
import type { Statement, Switch } from './syntax.ts';
import { childStatements } from './tree-walk.ts';

/** Reports a break outside loops and switches, and a continue outside loops. */
export function checkJumps(statements: readonly Statement[], reporter: ScriptReporter, inLoop = false, inSwitch = false): void {
  for (const statement of statements) {
    if (statement.kind === 'break' && !inLoop && !inSwitch) reporter.error(E.MSPL_BREAK(), statement);
    if (statement.kind === 'continue' && !inLoop) reporter.error(E.MSPL_CONTINUE(), statement);
    const loop = statement.kind === 'while' || statement.kind === 'foreach';
    checkJumps(childStatements(statement), reporter, inLoop || loop, inSwitch || statement.kind === 'switch');
  }
}

/** Reports branches that run on into the next one, labels that share a body, and a second default. Sheet mspl 4.2, R41. */
export function branchEnd(statement: Switch, reporter: ScriptReporter): void {
  let defaults = 0;
  statement.branches.forEach((branch, index) => {
    const next = statement.branches[index + 1];
    if (branch.label === undefined && defaults++ > 0) reporter.error(E.MSPL_DEFAULT_TWICE(), branch.head);
    if (ends(branch.body)) return;
    // A default at the end has nothing to run on into; older scripts leave its break out.
    if (next === undefined && branch.label === undefined) return;
    if (next === undefined) reporter.error(E.MSPL_CASE_BREAK(), branch.head);
    else reporter.error(branch.body.length === 0 ? E.MSPL_CASE_LABELS() : E.MSPL_FALL_THROUGH(), next.head);
  });
}

/** Does control never come out at the end of these statements? */
function ends(statements: readonly Statement[]): boolean {
  const last = statements.findLast((statement) => statement.kind !== 'empty');
  switch (last?.kind) {
    case 'break':
    case 'continue':
    case 'return':
      return true;
    case 'block':
      return ends(last.body);
    case 'if':
      return last.otherwise !== undefined && ends([last.otherwise]) && last.arms.every((arm) => ends([arm.body]));
    default:
      return false;
  }
}
