/** What type a value in a script has, as far as an editor needs it: the members behind a dot, and what hovering says of a variable. */
import { BUILTINS, BUILTIN_VARIABLES, CLASSES, ENDPOINT_VARIABLE, ENUMERATIONS } from '@parley/core';
import type { Enumeration, ScriptType } from '@parley/core';
import type { TableOutline } from './manifest-outline.ts';
import type { ScriptOutline, VariableOutline } from './script-outline.ts';

/** What stands in front of a dot. */
export type Owner =
  | { readonly kind: 'type'; readonly type: ScriptType }
  | { readonly kind: 'enumeration'; readonly enumeration: Enumeration }
  | { readonly kind: 'table'; readonly table: TableOutline };

/** Variables that are assigned from variables: how far that is followed. */
const FOLLOW_LIMIT = 16;
const COMPARISONS = new Set(['==', '!=', '<', '<=', '>', '>=', '&&', '||', '!']);

const scalar = (name: 'string' | 'integer' | 'float' | 'bool'): ScriptType => ({ kind: 'scalar', name });
const ENDPOINT: ScriptType = { kind: 'class', name: 'RegistrarEndpoint' };

/** Answers for one script. */
export class ValueTypes {
  constructor(
    private readonly script: ScriptOutline,
    private readonly tables: readonly TableOutline[],
  ) {}

  /** What the dot at an index belongs to; undefined when it is not known. */
  ownerAt(dot: number): Owner | undefined {
    const { script } = this;
    const token = script.tokens[dot - 1];
    if (token === undefined) return undefined;
    if (script.is(dot - 1, ']')) return this.tableBefore(dot - 1);
    if (token.kind !== 'identifier') return undefined;
    const enumeration = script.is(dot - 2, '.') ? undefined : ENUMERATIONS.get(token.text);
    if (enumeration !== undefined) return { kind: 'enumeration', enumeration };
    const type = this.nameType(dot - 1, 0);
    return type === undefined ? undefined : { kind: 'type', type };
  }

  /** The type of a variable, from its first assignment. */
  variableType(variable: VariableOutline, followed = 0): ScriptType | undefined {
    const { definition } = variable;
    if (definition === undefined || followed > FOLLOW_LIMIT) return undefined;
    const index = this.script.tokens.indexOf(definition);
    if (variable.definedAs === 'loop') {
      const subject = BUILTINS.get(this.script.tokens[index + 2]?.text ?? '')?.returns;
      return subject?.kind === 'collection' ? subject.of : undefined;
    }
    return variable.definedAs === 'assignment' ? this.valueType(index + 2, followed + 1) : undefined;
  }

  /** The type of a name, which may be a member of what stands in front of its dot. */
  private nameType(index: number, followed: number): ScriptType | undefined {
    const { script } = this;
    const token = script.tokens[index];
    if (token === undefined || followed > FOLLOW_LIMIT) return undefined;
    if (script.is(index - 1, '.')) {
      const owner = this.nameType(index - 2, followed + 1);
      return owner?.kind === 'class' ? CLASSES[owner.name].get(token.text)?.type : undefined;
    }
    if (token.text === ENDPOINT_VARIABLE) return ENDPOINT;
    const builtIn = BUILTIN_VARIABLES.get(token.text);
    if (builtIn !== undefined) return builtIn.type;
    const variable = script.variableAt(token.text, token.start);
    return variable === undefined ? undefined : this.variableType(variable, followed + 1);
  }

  /** The type of the value from an index to the end of its statement. */
  private valueType(from: number, followed: number): ScriptType | undefined {
    const { tokens } = this.script;
    let depth = 0;
    let last = from;
    for (let i = from; tokens[i] !== undefined && tokens[i]?.kind !== 'end' && !this.script.is(i, ';'); i++) {
      if (this.script.is(i, '(')) depth++;
      else if (this.script.is(i, ')')) depth--;
      else if (depth === 0 && tokens[i]?.kind === 'mark' && COMPARISONS.has(tokens[i]?.text ?? '')) return scalar('bool');
      last = i;
    }
    const first = tokens[from];
    if (first === undefined) return undefined;
    if (first.kind === 'string' || first.kind === 'integer' || first.kind === 'float') return scalar(first.kind);
    if (first.kind === 'keyword') return first.text === 'true' || first.text === 'false' ? scalar('bool') : undefined;
    if (first.kind !== 'identifier') return undefined;
    if (this.script.is(from + 1, '(')) return BUILTINS.get(first.text)?.returns;
    if (this.script.is(from + 1, '[')) return scalar('string');
    const enumeration = ENUMERATIONS.get(first.text);
    if (enumeration !== undefined) return { kind: 'enum', name: enumeration.name, enumeration };
    return tokens[last]?.kind === 'identifier' ? this.nameType(last, followed) : undefined;
  }

  private tableBefore(bracket: number): Owner | undefined {
    let depth = 0;
    for (let i = bracket; i >= 0; i--) {
      if (this.script.is(i, ']')) depth++;
      else if (this.script.is(i, '[') && --depth === 0) {
        const table = this.tables.find(({ name }) => name === this.script.tokens[i - 1]?.text);
        return table === undefined ? undefined : { kind: 'table', table };
      }
    }
    return undefined;
  }
}
