/** A conversation as people draw it: a line for each party, an arrow for each message. */
import { SipRequest, SipResponse } from '@parley/core';
import type { WireMessage } from './conversation.ts';

const COLUMN = 20;
const TIME = 9;
/** Longest text beside an arrow. */
const NOTE = 46;
/** Messages that a ladder shows at most: the last ones. */
const MAX_LINES = 60;

/**
 * The conversation as a ladder, times in milliseconds at the left, numbers of the messages at the right.
 * @param last so many messages, the last ones; the others are counted
 */
export function ladder(messages: readonly WireMessage[], last = MAX_LINES): string {
  if (messages.length === 0) return '  (nothing has been sent)';
  const shown = messages.slice(-last);
  const parties = partiesOf(shown);
  const skipped = messages.length - shown.length;
  const lines = shown.map((message, index) => line(message, parties, skipped + index + 1).trimEnd());
  return [heading(parties), ...(skipped > 0 ? [`  (${skipped} earlier messages)`] : []), ...lines].join('\n');
}

/** The ladder, and below it every message in full. */
export function transcript(messages: readonly WireMessage[]): string {
  const texts = messages.map(({ at, from, to, text, arrives }, index) => {
    const body = text.replaceAll('\r\n', '\n').trimEnd();
    return `${index + 1}  ${at} ms  ${from} -> ${to}${arrives ? '' : '  (lost)'}\n\n${body.replaceAll(/^(?=.)/gm, '    ')}`;
  });
  return [ladder(messages, Infinity), ...texts].join('\n\n');
}

/** `server` stands where the most arrows are short: behind the first client. */
function partiesOf(messages: readonly WireMessage[]): readonly string[] {
  const clients = new Set(messages.flatMap(({ from, to }) => [from, to]));
  clients.delete('server');
  const [first, ...others] = clients;
  return first === undefined ? ['server'] : [first, 'server', ...others];
}

/** Where the line of a party stands. */
function position(index: number): number {
  return TIME + 6 + index * COLUMN;
}

function heading(parties: readonly string[]): string {
  let text = 'time'.padStart(TIME - 3);
  parties.forEach((party, index) => {
    const name = party.slice(0, COLUMN - 2);
    text = `${text.padEnd(position(index) - Math.floor(name.length / 2))}${name}`;
  });
  return text;
}

function line(message: WireMessage, parties: readonly string[], number: number): string {
  const [from, to] = [parties.indexOf(message.from), parties.indexOf(message.to)];
  const cells = Array.from({ length: position(parties.length - 1) + 1 }, () => ' ');
  parties.forEach((_party, index) => (cells[position(index)] = '|'));
  const [left, right] = [Math.min(from, to), Math.max(from, to)].map(position) as [number, number];
  const arrow = arrowText(label(message), right - left - 1, { rightwards: from < to, arrives: message.arrives });
  cells.splice(left + 1, arrow.length, ...arrow.split(''));
  const lost = message.arrives ? '' : 'lost: ';
  return `${String(message.at).padStart(TIME - 3)} ms${cells.join('').slice(TIME)}  ${String(number).padStart(3)} ${lost}${note(message)}`;
}

function arrowText(
  text: string,
  length: number,
  { rightwards, arrives }: { readonly rightwards: boolean; readonly arrives: boolean },
): string {
  const name = ` ${text.slice(0, length - 6)} `;
  const before = Math.floor((length - name.length) / 2);
  const line = `${'-'.repeat(before)}${name}${'-'.repeat(length - name.length - before)}`;
  const end = arrives ? (rightwards ? '>' : '<') : 'x';
  return rightwards ? `${line.slice(0, -1)}${end}` : `${end}${line.slice(1)}`;
}

function label({ message, text }: WireMessage): string {
  if (message instanceof SipRequest) return message.method;
  if (message instanceof SipResponse) return String(message.status);
  return text.startsWith('(') ? '?' : (text.split(/[ \r\n]/, 1)[0] ?? '?');
}

/** What distinguishes a message from others of its kind. */
function note({ message, text }: WireMessage): string {
  if (message instanceof SipRequest) return message.uri.slice(0, NOTE);
  if (message instanceof SipResponse) return `${message.reason} (${message.first('CSeq') ?? 'no CSeq'})`.slice(0, NOTE);
  return (text.split('\r\n', 1)[0] ?? '').slice(0, NOTE);
}
