/** Holds a message against the text that a scenario expects. */
import type { SipMessage } from '@parley/core';
import type { Placeholders } from './placeholders.ts';

/** A message of a scenario file, taken apart. */
export interface LiteralMessage {
  readonly startLine: string;
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** Undefined when none is written: then it may be any. */
  readonly body: string | undefined;
}

/** Takes a literal message apart. Placeholders stay as they are. */
export function takeApart(text: string): LiteralMessage {
  const end = text.indexOf('\r\n\r\n');
  const [startLine = '', ...lines] = (end < 0 ? text : text.slice(0, end)).split('\r\n');
  const fields = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()] as const;
  });
  return { startLine: startLine.trim(), fields, body: end < 0 ? undefined : text.slice(end + 4) };
}

/** Why a message is not the expected one; undefined when it is. Every field that is written has to be there, others may be. */
export function difference(wanted: LiteralMessage, found: SipMessage, placeholders: Placeholders): string | undefined {
  const text = found.serialize().toString('utf8');
  const startLine = text.slice(0, text.indexOf('\r\n'));
  if (!placeholders.matches(wanted.startLine, startLine)) return `it begins with "${startLine}" and not with "${wanted.startLine}"`;
  const used = new Set<string>();
  for (const [name, value] of wanted.fields) {
    if (/^content-length$/i.test(name)) continue;
    const values = found.all(name);
    const at = values.findIndex((one, index) => !used.has(`${name} ${index}`) && placeholders.matches(value, one));
    if (at < 0) return values.length === 0 ? `it has no ${name}` : `its ${name} is "${values.join('", "')}" and not "${value}"`;
    used.add(`${name} ${at}`);
  }
  if (wanted.body === undefined) return undefined;
  const body = found.body.toString('utf8').replace(/\r\n$/, '');
  const expected = wanted.body;
  return placeholders.matches(expected, body) ? undefined : `its body is\n${body}\nand not\n${expected}`;
}
