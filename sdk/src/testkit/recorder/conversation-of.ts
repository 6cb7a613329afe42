/** What a recorder works on: messages of some conversation, each with its two ends. */
import { DEFAULT_LIMITS, parseMessage } from '@parley/core';
import type { SipMessage } from '@parley/core';
import type { WireMessage } from '../conversation.ts';
import { TestkitErrors } from '../errors.ts';

/** One message that was sent between the server and somebody. */
export interface CapturedMessage {
  /** Milliseconds; only differences count. */
  readonly at: number;
  /** `server`, or who sent it: a name, or an address. */
  readonly from: string;
  /** `server`, or who received it. */
  readonly to: string;
  /** The message as it was on the wire, a byte string. */
  readonly text: string;
}

/** A captured message, read. */
export interface ReadMessage extends CapturedMessage {
  readonly message: SipMessage;
}

/** Those that are SIP, arrived, and are no repetition of one before. */
export function readable(messages: readonly (CapturedMessage & Partial<Pick<WireMessage, 'arrives'>>)[]): readonly ReadMessage[] {
  const seen = new Set<string>();
  const found: ReadMessage[] = [];
  for (const one of messages) {
    const key = `${one.from} ${one.to} ${one.text}`;
    const parsed = parseMessage(Buffer.from(one.text, 'latin1'), DEFAULT_LIMITS);
    if (one.arrives === false || seen.has(key) || !parsed.ok) continue;
    seen.add(key);
    found.push({ ...one, message: parsed.message });
  }
  return found;
}

/**
 * Reads a trace: JSON lines with `from`, `to`, `message` and where they have it `at` or `time`; or literal messages, each below a line
 * `>>> alice` (alice has sent it) or `<<< alice` (alice has received it). `server` names the server's end in JSON lines, where that is
 * not called so. Throws TESTKIT_TRACE.
 */
export function readTrace(text: string, server = 'server'): readonly CapturedMessage[] {
  return text.trimStart().startsWith('{') ? fromJson(text, server) : fromText(text);
}

function fromJson(text: string, server: string): readonly CapturedMessage[] {
  const found: CapturedMessage[] = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '') return;
    const value = parseLine(line, index + 1);
    const { from, to, message } = value;
    // Other lines of a log or trace are about other things.
    if (typeof from !== 'string' || typeof to !== 'string' || typeof message !== 'string') return;
    const end = (name: string): string => (name === server ? 'server' : name);
    found.push({ at: timeOf(value['at'] ?? value['time']), from: end(from), to: end(to), text: message.replaceAll(/\r?\n/g, '\r\n') });
  });
  return found;
}

function parseLine(line: string, number: number): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw TestkitErrors.TESTKIT_TRACE({ line: number, problem: 'it is no JSON object' });
}

function timeOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const time = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? 0 : time;
}

function fromText(text: string): readonly CapturedMessage[] {
  const found: CapturedMessage[] = [];
  let lines: string[] = [];
  let mark: { readonly from: string; readonly to: string } | undefined;
  const take = (): void => {
    const message = trimBlank(lines);
    if (mark !== undefined && message !== '') found.push({ at: 0, ...mark, text: message });
    lines = [];
  };
  text.split(/\r?\n/).forEach((line, index) => {
    const [, direction, name = ''] = /^(>>>|<<<)\s*(\S+)/.exec(line) ?? [];
    if (direction === undefined) {
      if (mark === undefined && line.trim() !== '')
        throw TestkitErrors.TESTKIT_TRACE({ line: index + 1, problem: 'a message without >>> NAME or <<< NAME before it' });
      lines.push(line);
      return;
    }
    take();
    mark = direction === '>>>' ? { from: name, to: 'server' } : { from: 'server', to: name };
  });
  take();
  return found;
}

/** The lines as one message, with CRLF; the blank lines around it are not its own, but the one behind its head is. */
function trimBlank(lines: readonly string[]): string {
  const text = lines
    .join('\r\n')
    .replace(/^(?:\r\n)+/, '')
    .trimEnd();
  if (text === '') return '';
  return text.includes('\r\n\r\n') ? text : `${text}\r\n\r\n`;
}
