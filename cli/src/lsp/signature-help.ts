/** The parameters of the function whose call is being typed. */
import { BUILTINS, isRest, signature } from '@parley/core';
import type { SignatureHelp, SignatureInformation } from 'vscode-languageserver/node';
import { describeParameter } from './descriptions.ts';
import type { MsplDocument } from './document.ts';
import type { ScriptOutline } from './script-outline.ts';

/** How far back a call may have begun. */
const LOOK_BACK = 2_000;

/** The call around an offset and which of its arguments is being typed; null outside calls. */
export function signatureHelp({ script }: MsplDocument, offset: number): SignatureHelp | null {
  const call = callAround(script, offset);
  if (call === undefined) return null;
  const found = ofBuiltin(call.name) ?? ofScript(script, call.name);
  if (found === undefined) return null;
  const last = (found.parameters?.length ?? 0) - 1;
  const rest = isRest(BUILTINS.get(call.name)?.parameters.at(-1));
  return { signatures: [found], activeSignature: 0, activeParameter: rest ? Math.min(call.argument, last) : call.argument };
}

function ofBuiltin(name: string): SignatureInformation | undefined {
  const builtin = BUILTINS.get(name);
  if (builtin === undefined) return undefined;
  const parameters = builtin.parameters.map((parameter) => {
    const label = isRest(parameter) ? `${parameter.name}...` : parameter.otherwise === undefined ? parameter.name : `[${parameter.name}]`;
    return { label, documentation: describeParameter(parameter) };
  });
  return { label: signature(builtin), documentation: { kind: 'markdown', value: builtin.summary }, parameters };
}

function ofScript(script: ScriptOutline, name: string): SignatureInformation | undefined {
  const own = script.functionNamed(name);
  if (own === undefined) return undefined;
  const names = own.parameters.map(({ text }) => text);
  return { label: `${name}(${names.join(', ')})`, parameters: names.map((label) => ({ label })) };
}

function callAround(script: ScriptOutline, offset: number): { readonly name: string; readonly argument: number } | undefined {
  const from = script.indexBefore(offset);
  let depth = 0;
  let argument = 0;
  for (let i = from; i >= Math.max(0, from - LOOK_BACK); i--) {
    // The parenthesis in front of which the cursor stands is not passed yet.
    if (script.is(i, ')') || script.is(i, ']')) depth++;
    else if (depth > 0 && (script.is(i, '(') || script.is(i, '['))) depth--;
    else if (script.is(i, ';') || script.is(i, '{') || script.is(i, '}')) return undefined;
    else if (depth === 0 && script.is(i, ',')) argument++;
    else if (script.is(i, '(')) {
      const name = script.tokens[i - 1];
      if (name?.kind === 'identifier' && !script.is(i - 2, 'function')) return { name: name.text, argument };
      // Parentheses around an expression: the call is further out.
      argument = 0;
    }
  }
  return undefined;
}
