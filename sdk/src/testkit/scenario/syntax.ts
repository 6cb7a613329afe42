/** Scenario files as data. */
import type { EndpointOptions } from '../agent/endpoint-options.ts';
import { milliseconds } from '../duration.ts';
import { TestkitErrors } from '../errors.ts';

/** `[endpoint] bob1 of bob epid 1b over udp`. */
export interface Declaration {
  readonly line: number;
  readonly kind: 'endpoint' | 'user' | 'peer';
  readonly name: string;
  readonly options: EndpointOptions;
  /** Registers before the first step. */
  readonly registers: boolean;
}

/** What a step says of its message: a literal text, or words. */
export interface Wording {
  /** The message literally, with CRLF line ends but none behind the last line; undefined in the short form. */
  readonly literal: string | undefined;
  /** The words of the short form: `INVITE sip:bob@...`, `486`. */
  readonly words: readonly string[];
  /** `with sdp`, `with "text"`. */
  readonly body: string | undefined;
  /** `within 100ms`, in ms. */
  readonly within: number | undefined;
}

/** One step. */
export type Step = { readonly line: number } & (
  | { readonly kind: 'after'; readonly ms: number }
  | { readonly kind: 'disconnects' | 'registers' | 'unregisters'; readonly name: string }
  | ({ readonly kind: 'sends' | 'receives'; readonly name: string } & Wording)
);

/** A whole file. */
export interface Scenario {
  readonly declarations: readonly Declaration[];
  readonly steps: readonly Step[];
}

const INDENT = 4;
const DECLARATION = /^\[(endpoint|user|peer)\]\s+(\S+)(.*)$/;
const STEP = /^(\S+)\s+(sends|receives)\b\s*(.*)$/;
const ACT = /^(\S+)\s+(disconnects|registers|unregisters)$/;
const AFTER = /^after\s+(\S+)$/;

/** Reads a scenario. Throws TESTKIT_SCENARIO_SYNTAX. */
export function readScenario(text: string): Scenario {
  const declarations: Declaration[] = [];
  const steps: Step[] = [];
  const lines = text.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line.trim() === '' || line.startsWith('#')) continue;
    if (/^\s/.test(line)) throw fault(at, 'a literal message without a step before it', line);
    const declared = DECLARATION.exec(line.trim());
    if (declared !== null) {
      declarations.push(readDeclaration(declared, at));
      continue;
    }
    const block = literalBlock(lines, at + 1);
    const parts = splitSteps(line);
    parts.forEach((part, index) => steps.push(readStep(part, at, index === parts.length - 1 ? block.text : undefined)));
    at = block.end - 1;
  }
  return { declarations, steps };
}

/** Lines that are indented, with empty ones between them. */
function literalBlock(lines: readonly string[], start: number): { readonly text: string | undefined; readonly end: number } {
  const found: string[] = [];
  let end = start;
  for (let at = start; at < lines.length; at++) {
    const line = lines[at] as string;
    if (line.trim() !== '' && !line.startsWith(' '.repeat(INDENT))) break;
    found.push(line.slice(INDENT));
    if (line.trim() !== '') end = at + 1;
  }
  return end === start ? { text: undefined, end } : { text: found.slice(0, end - start).join('\r\n'), end };
}

/** `a sends 180 ; b receives 180`; not inside quotes, and not in URIs, where no space stands before it. */
function splitSteps(line: string): readonly string[] {
  return line
    .replace(/\s{2,}#.*$/, '')
    .split(/\s+;\s+(?=(?:[^"]*"[^"]*")*[^"]*$)/)
    .map((part) => part.trim());
}

function readStep(text: string, at: number, literal: string | undefined): Step {
  const line = at + 1;
  const after = AFTER.exec(text);
  if (after?.[1] !== undefined) return { line, kind: 'after', ms: duration(after[1], at, text) };
  const act = ACT.exec(text);
  if (act !== null) return { line, kind: act[2] as 'disconnects', name: act[1] as string };
  const [, name, kind, rest] = STEP.exec(text) ?? [];
  if (name === undefined || rest === undefined) throw fault(at, 'neither a declaration nor a step', text);
  const wording = readWording(rest, literal, at);
  if (wording.literal === undefined && wording.words.length === 0) throw fault(at, 'no message', text);
  return { line, kind: kind as 'sends', name, ...wording };
}

function readWording(rest: string, literal: string | undefined, at: number): Wording {
  const within = /\s*\bwithin\s+(\S+)$/.exec(rest);
  const timed = within === null ? rest : rest.slice(0, within.index);
  const body = /\s*\bwith\s+(sdp|"([^"]*)")$/.exec(timed);
  const words = (body === null ? timed : timed.slice(0, body.index)).trim();
  return {
    literal,
    words: words === '' ? [] : words.split(/\s+/),
    body: body === null ? undefined : (body[2] ?? 'sdp'),
    within: within?.[1] === undefined ? undefined : duration(within[1], at, rest),
  };
}

function readDeclaration([, kind, name, rest]: RegExpExecArray, at: number): Declaration {
  const words = (rest ?? '')
    .replace(/\s#.*$/, '')
    .trim()
    .split(/\s+/)
    .filter((word) => word !== '');
  const options: { -readonly [K in keyof EndpointOptions]: EndpointOptions[K] } = {};
  let registers = kind === 'endpoint';
  const value = (word: string): string => words.shift() ?? missing(at, word, rest ?? '');
  for (let word = words.shift(); word !== undefined; word = words.shift()) {
    if (word === 'of') options.user = value(word);
    else if (word === 'epid') options.epid = value(word);
    else if (word === 'instance') options.instance = value(word);
    else if (word === 'password') options.password = value(word);
    else if (word === 'over') options.transport = transport(value(word), at);
    else if (word === 'unregistered') registers = false;
    else if (word === 'untrusted') options.trusted = false;
    else if (word === 'trusted') options.trusted = true;
    else if (word === 'answers') options.answers = value(word) === 'nothing' ? 'nothing' : 'dialogs';
    else throw fault(at, `"${word}" is not known here`, rest ?? '');
  }
  return { line: at + 1, kind: kind as 'endpoint', name: name as string, options, registers };
}

function transport(word: string, at: number): 'udp' | 'tcp' | 'tls' {
  if (word === 'udp' || word === 'tcp' || word === 'tls') return word;
  throw fault(at, 'endpoints speak over udp, tcp or tls', word);
}

function duration(word: string, at: number, text: string): number {
  try {
    return milliseconds(word);
  } catch {
    throw fault(at, `"${word}" is no duration such as 200ms or 2s`, text);
  }
}

function missing(at: number, word: string, text: string): never {
  throw fault(at, `"${word}" wants a value`, text);
}

function fault(at: number, problem: string, text: string): Error {
  return TestkitErrors.TESTKIT_SCENARIO_SYNTAX({ line: at + 1, problem, text: text.trim() });
}
