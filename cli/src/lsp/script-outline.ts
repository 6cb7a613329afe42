/** The functions and variables of a script, found from its tokens alone, so that a script that does not parse has them too. */
import { BUILTIN_VARIABLES, ENDPOINT_VARIABLE, ENUMERATIONS } from '@parley/core';
import type { ScriptToken, TextSpan } from '@parley/core';

/** A function of the script; the span covers its body as far as it was typed. */
export interface FunctionOutline extends TextSpan {
  readonly name: ScriptToken;
  readonly parameters: readonly ScriptToken[];
}

/** A variable of one function, or of the script's body. */
export interface VariableOutline {
  readonly name: string;
  /** Undefined for the body. */
  readonly owner: FunctionOutline | undefined;
  /** The parameter, loop variable or first assignment; undefined when it is only read. */
  readonly definition: ScriptToken | undefined;
  readonly definedAs: 'parameter' | 'loop' | 'assignment' | undefined;
  /** In the order of the text, the definition among them. */
  readonly occurrences: readonly ScriptToken[];
}

interface GrowingVariable extends VariableOutline {
  definition: ScriptToken | undefined;
  definedAs: VariableOutline['definedAs'];
  occurrences: ScriptToken[];
}

/** What a script consists of. */
export class ScriptOutline {
  readonly functions: readonly FunctionOutline[];
  readonly variables: readonly VariableOutline[];
  /** Calls of functions, those of the script and built-in ones, by name. */
  readonly calls: ReadonlyMap<string, readonly ScriptToken[]>;
  private readonly calling = new Map<string, ScriptToken[]>();

  /** @param tokens of the whole script, the last one `end` */
  constructor(readonly tokens: readonly ScriptToken[]) {
    this.functions = this.findFunctions();
    this.variables = this.findVariables();
    this.calls = this.calling;
  }

  /** The function whose text an offset is in. */
  functionAt(offset: number): FunctionOutline | undefined {
    // They stand one behind the other: none is inside another.
    let low = 0;
    let high = this.functions.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.functions[middle] as FunctionOutline).end < offset) low = middle + 1;
      else high = middle;
    }
    const found = this.functions[low];
    return found !== undefined && offset >= found.start ? found : undefined;
  }

  /** The function of the script with that name. */
  functionNamed(name: string): FunctionOutline | undefined {
    return this.functions.find((definition) => definition.name.text === name);
  }

  /** The variable of that name in the function around an offset. */
  variableAt(name: string, offset: number): VariableOutline | undefined {
    const owner = this.functionAt(offset);
    return this.variables.find((variable) => variable.name === name && variable.owner === owner);
  }

  /** Index of the name or keyword that an offset is in or right behind; undefined without one. */
  wordAt(offset: number): number | undefined {
    const index = this.tokens.findIndex(
      ({ kind, start, end }) => (kind === 'identifier' || kind === 'keyword') && start <= offset && offset <= end,
    );
    return index < 0 ? undefined : index;
  }

  /** Index of the last token that begins in front of an offset; -1 without one. */
  indexBefore(offset: number): number {
    const next = this.tokens.findIndex(({ start, kind }) => start >= offset || kind === 'end');
    return next - 1;
  }

  /** Is the token at an index this mark or keyword? */
  is(index: number, text: string): boolean {
    const token = this.tokens[index];
    return token !== undefined && token.text === text && (token.kind === 'mark' || token.kind === 'keyword');
  }

  private findFunctions(): FunctionOutline[] {
    const found: FunctionOutline[] = [];
    for (let i = 0; i < this.tokens.length; i++) {
      const name = this.tokens[i + 1];
      if (!this.is(i, 'function') || name?.kind !== 'identifier') continue;
      const parameters: ScriptToken[] = [];
      let at = i + 2;
      if (this.is(at, '(')) at++;
      for (; this.tokens[at]?.kind === 'identifier' || this.is(at, ','); at++) {
        const token = this.tokens[at];
        if (token?.kind === 'identifier') parameters.push(token);
      }
      if (this.is(at, ')')) at++;
      found.push({ name, parameters, start: (this.tokens[i] as ScriptToken).start, end: this.bodyEnd(at) });
    }
    return found;
  }

  /** Where the statement that begins here ends: at its `}`, or its `;`, or where the next function begins. */
  private bodyEnd(from: number): number {
    let depth = 0;
    for (let i = from; i < this.tokens.length; i++) {
      if (this.is(i, '{')) depth++;
      else if (this.is(i, '}')) depth--;
      const done = this.is(i, '}') || this.is(i, ';') ? depth <= 0 : this.is(i, 'function');
      if (done) return this.is(i, 'function') ? (this.tokens[i] as ScriptToken).start - 1 : (this.tokens[i] as ScriptToken).end;
    }
    return this.tokens.at(-1)?.end ?? 0;
  }

  private findVariables(): GrowingVariable[] {
    const found = new Map<string, GrowingVariable>();
    for (const [i, token] of this.tokens.entries()) {
      if (token.kind !== 'identifier' || this.is(i - 1, '.') || this.is(i - 1, 'function')) continue;
      if (this.is(i + 1, '(')) this.addCall(token);
      else if (!this.is(i + 1, '[') && !isBuiltIn(token.text)) this.addVariable(found, token, this.definedHere(i));
    }
    return [...found.values()];
  }

  private addCall(token: ScriptToken): void {
    const calls = this.calling.get(token.text) ?? [];
    calls.push(token);
    this.calling.set(token.text, calls);
  }

  private definedHere(index: number): VariableOutline['definedAs'] {
    const token = this.tokens[index] as ScriptToken;
    if (this.functionAt(token.start)?.parameters.includes(token) === true) return 'parameter';
    if (this.is(index + 1, 'in')) return 'loop';
    return this.is(index + 1, '=') ? 'assignment' : undefined;
  }

  private addVariable(found: Map<string, GrowingVariable>, token: ScriptToken, definedAs: VariableOutline['definedAs']): void {
    const owner = this.functionAt(token.start);
    const key = `${owner?.start ?? -1} ${token.text}`;
    const variable = found.get(key) ?? { name: token.text, owner, definition: undefined, definedAs: undefined, occurrences: [] };
    found.set(key, variable);
    variable.occurrences.push(token);
    if (definedAs === undefined || variable.definition !== undefined) return;
    variable.definition = token;
    variable.definedAs = definedAs;
  }
}

function isBuiltIn(name: string): boolean {
  return BUILTIN_VARIABLES.has(name) || ENUMERATIONS.has(name) || name === ENDPOINT_VARIABLE;
}
