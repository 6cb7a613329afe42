/** Calls of built-in functions as JavaScript: arguments converted and completed as the table of built-ins says. */
import { SipUri, encodeText, headerId } from '../sip/index.ts';
import { isRest } from './builtins.ts';
import type { Builtin, BuiltinParameter } from './builtins.ts';
import { quoted } from './convert-code.ts';
import type { Emitted } from './convert-code.ts';
import type { ExpressionEmitter } from './emit-expression.ts';
import { ScriptTextErrors as E } from './errors.ts';
import { hint } from './nearest-name.ts';
import { enumType } from './object-classes.ts';
import type { Call, Expression, Literal } from './syntax.ts';
import { INTEGER, NULL, STRING, UNKNOWN, collectionOf, describeType } from './types.ts';

const TEXTS = collectionOf(STRING);
const CHANNELS = ['Event', 'Error', 'Debugr', 'Debug'];
/** What sends a request to the URI that is their first argument. */
const TO_A_URI = ['ProxyRequest', 'RetargetRequest', 'Fork'];

/** Code for a call of a built-in. */
export function emitBuiltinCall(emitter: ExpressionEmitter, builtin: Builtin, call: Call): Emitted {
  const site = emitter.site(call, builtin.name);
  if (builtin.name === 'Concatenate') return concatenation(emitter, call, site);
  warnOfLiterals(emitter, builtin, call.args);
  const args = builtin.parameters.map((parameter, index) => {
    if (isRest(parameter)) return restArgument(emitter, parameter, call.args.slice(index), site, index);
    const argument = call.args[index];
    return argument === undefined ? (parameter.otherwise ?? 'null') : oneArgument(emitter, builtin, parameter, argument, site, index);
  });
  const { context } = emitter;
  const code = `${context.library(builtin.name)}(${['s', String(site), ...args].join(', ')})`;
  if (builtin.nullable && context.traits.emptyForNull) {
    return { code: `${context.library('orEmpty')}(${code})`, type: builtin.returns, nullable: false };
  }
  return { code, type: builtin.returns, nullable: builtin.nullable };
}

/** Joined two by two, so that text built up in a loop is charged for what is added each time and not for what is there. */
function concatenation(emitter: ExpressionEmitter, { args }: Call, site: number): Emitted {
  const join = emitter.context.library('joined');
  const parts = args.map((argument) => textOrEmpty(emitter, argument));
  const code = parts.reduce((all, part) => (all === '' ? part : `${join}(s, ${site}, ${all}, ${part})`), '');
  return { code: code === '' ? '""' : code, type: STRING, nullable: false };
}

/** Where any text goes, a collection of text goes too: scripts log and dispatch what GetHeaderValues gives. */
function textOrEmpty(emitter: ExpressionEmitter, argument: Expression): string {
  const value = emitter.value(argument);
  if (value.type === TEXTS) return listText(emitter, value);
  const code = emitter.convert(value, STRING, argument);
  return value.nullable ? `${emitter.context.library('orEmpty')}(${code})` : code;
}

function listText(emitter: ExpressionEmitter, { code }: Emitted): string {
  return `${emitter.context.library('listText')}(${code})`;
}

function oneArgument(
  emitter: ExpressionEmitter,
  builtin: Builtin,
  parameter: BuiltinParameter,
  argument: Expression,
  site: number,
  index: number,
): string {
  const { kind } = parameter;
  if (kind === 'bool') return emitter.boolean(argument);
  const value = emitter.value(argument);
  if (value.type === NULL && kind !== 'text' && argument.kind === 'literal') {
    emitter.context.reporter.warning(E.MSPL_NULL_ARGUMENT({ name: builtin.name, parameter: parameter.name }), argument);
  }
  if (kind === 'header') return headerArgument(emitter, value, argument, site, index);
  const target = kind === 'integer' ? INTEGER : typeof kind === 'object' ? enumType(kind) : STRING;
  if (target.kind === 'enum' && value.type !== target && value.type !== UNKNOWN) {
    const instead = `Write ${target.name}.${target.enumeration.members[0] ?? 'Member'}.`;
    emitter.context.reporter.error(E.MSPL_TYPE({ found: describeType(value.type), wanted: describeType(target), instead }), argument);
    return 'null';
  }
  const code = emitter.convert(value, target, argument);
  return kind === 'text' ? code : required(emitter, value, code, site, index);
}

/** Null ends the script where text or a number is wanted (sheet mspl 4.4). */
function required(emitter: ExpressionEmitter, value: Emitted, code: string, site: number, index: number): string {
  return value.nullable ? `${emitter.context.library('required')}(s, ${site}, ${index}, ${code})` : code;
}

/** A header that is known when the script is compiled goes by its number. */
function headerArgument(emitter: ExpressionEmitter, value: Emitted, argument: Expression, site: number, index: number): string {
  const { constant, type } = value;
  const name =
    typeof constant === 'string'
      ? constant
      : type.kind === 'enum' && typeof constant === 'number'
        ? type.enumeration.text(constant)
        : undefined;
  if (name !== undefined && headerId(name) !== 0) return String(headerId(name));
  return required(emitter, value, emitter.convert(value, STRING, argument), site, index);
}

function restArgument(
  emitter: ExpressionEmitter,
  parameter: BuiltinParameter,
  args: readonly Expression[],
  site: number,
  index: number,
): string {
  if (parameter.kind === 'joined')
    return args.length === 0 ? '""' : `(${args.map((argument) => textOrEmpty(emitter, argument)).join(' + ')})`;
  if (args.length === 0) return emitter.context.library('NONE');
  const codes = args.map((argument, at) => {
    const value = emitter.value(argument);
    if (parameter.kind === 'strings') return required(emitter, value, emitter.convert(value, STRING, argument), site, index + at);
    if (value.type === TEXTS) return listText(emitter, value);
    const plain = value.type.kind === 'scalar' && value.type !== UNKNOWN;
    return plain ? value.code : emitter.convert(value, STRING, argument);
  });
  return `[${codes.join(', ')}]`;
}

/** What a constant argument already tells: a log channel, a status or a target that does not exist, an extra header without its "=". */
function warnOfLiterals(emitter: ExpressionEmitter, builtin: Builtin, args: readonly Expression[]): void {
  const { reporter } = emitter.context;
  const [first] = args;
  if (first?.kind === 'literal') warnOfTarget(emitter, builtin, first);
  if (builtin.name === 'Log' && first?.kind === 'literal' && typeof first.value === 'string' && !CHANNELS.includes(first.value)) {
    reporter.warning(E.MSPL_LOG_CHANNEL({ found: quoted(first.value), hint: hint(first.value, CHANNELS) }), first);
  }
  if (builtin.name !== 'Respond') return;
  if (first?.kind === 'literal' && first.value !== null && (Number(first.value) < 100 || Number(first.value) > 699)) {
    reporter.warning(E.MSPL_NEVER_STATUS({ found: String(first.value) }), first);
  }
  for (const extra of args.slice(2)) {
    if (extra.kind === 'literal' && typeof extra.value === 'string' && !extra.value.includes('='))
      reporter.warning(E.MSPL_EXTRA_LITERAL(), extra);
  }
}

function warnOfTarget({ context }: ExpressionEmitter, { name }: Builtin, target: Literal): void {
  const { value } = target;
  if (!TO_A_URI.includes(name) || typeof value !== 'string' || (value === '' && name === 'ProxyRequest')) return;
  if (!isRequestUri(value)) context.reporter.warning(E.MSPL_NEVER_URI({ found: quoted(value) }), target);
}

function isRequestUri(text: string): boolean {
  try {
    SipUri.parse(encodeText(text));
    return true;
  } catch {
    return false;
  }
}
