/** SIP as bytes, read and written without the code under test. RFC 3261 section 7. */
import { randomBytes } from 'node:crypto';

/** A message taken apart as far as a test needs it. Text is latin1: one character a byte. */
export interface WireMessage {
  readonly startLine: string;
  /** In order, names as written, values unfolded and trimmed. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
  readonly bytes: Buffer;
}

const COMPACT: { readonly [letter: string]: string } = {
  v: 'via',
  f: 'from',
  t: 'to',
  i: 'call-id',
  m: 'contact',
  l: 'content-length',
  c: 'content-type',
  s: 'subject',
  k: 'supported',
};

/** Takes one whole message apart. Without an empty line all of it is head. */
export function readMessage(bytes: Buffer): WireMessage {
  const empty = bytes.indexOf('\r\n\r\n');
  const end = empty < 0 ? bytes.length : empty;
  const lines = bytes
    .toString('latin1', 0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n');
  const headers = lines.slice(1).map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon).trim(), line.slice(colon + 1).trim()];
  });
  return { startLine: lines[0] ?? '', headers, body: bytes.subarray(end + 4), bytes };
}

/** Values of every field of that name, whatever its spelling. */
export function values(message: WireMessage, name: string): string[] {
  const wanted = name.toLowerCase();
  return message.headers.filter(([written]) => fullName(written) === wanted).map(([, value]) => value);
}

/** Value of the first field of that name, `''` without one. */
export function value(message: WireMessage, name: string): string {
  return values(message, name)[0] ?? '';
}

/** Status code, 0 for a request. */
export function status(message: WireMessage): number {
  return Number(/^SIP\/2\.0 (\d+)/.exec(message.startLine)?.[1] ?? 0);
}

/** Method of a request, `''` for a response. */
export function method(message: WireMessage): string {
  return status(message) > 0 ? '' : (message.startLine.split(' ')[0] ?? '');
}

/** The tag parameter of a From or To value. */
export function tag(nameAddr: string): string {
  return /;\s*tag\s*=\s*([^;\s]+)/i.exec(nameAddr)?.[1] ?? '';
}

/** Length of the first message in a stream's bytes, 0 when it is not all there yet. Double CRLFs in front count. */
export function firstMessageLength(bytes: Buffer): { readonly skip: number; readonly length: number } {
  let skip = 0;
  while (bytes[skip] === 13 || bytes[skip] === 10) skip++;
  const end = bytes.indexOf('\r\n\r\n', skip);
  if (end < 0) return { skip, length: 0 };
  const head = bytes.toString('latin1', skip, end);
  const length = end + 4 - skip + Number(/^(?:content-length|l)[ \t]*:[ \t]*(\d+)/im.exec(head)?.[1] ?? 0);
  return { skip, length: bytes.length - skip >= length ? length : 0 };
}

/** Ten random hexadecimal digits, for tags, branches and Call-IDs. */
export function unique(): string {
  return randomBytes(5).toString('hex');
}

/** What a request is made of. Everything has a default but method and uri. */
export interface RequestParts {
  readonly method: string;
  readonly uri: string;
  /** Sent-protocol and sent-by: `UDP 127.0.0.1:5060`. */
  readonly via: string;
  readonly from?: string;
  readonly to?: string;
  readonly callId?: string;
  readonly cseq?: number;
  readonly branch?: string;
  readonly headers?: readonly string[];
  readonly body?: string;
}

/** Writes a request. */
export function request(parts: RequestParts): Buffer {
  const to = parts.to ?? `<${parts.uri}>`;
  const lines = [
    `${parts.method} ${parts.uri} SIP/2.0`,
    `Via: SIP/2.0/${parts.via};branch=${parts.branch ?? `z9hG4bK${unique()}`}${parts.via.startsWith('UDP') ? ';rport' : ''}`,
    'Max-Forwards: 70',
    `From: ${parts.from ?? `<sip:tester@example.com>;tag=${unique()}`}`,
    `To: ${to}`,
    `Call-ID: ${parts.callId ?? unique()}`,
    `CSeq: ${parts.cseq ?? 1} ${parts.method}`,
    ...(parts.headers ?? []),
    `Content-Length: ${Buffer.byteLength(parts.body ?? '', 'latin1')}`,
  ];
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n${parts.body ?? ''}`, 'latin1');
}

/** Answers a request: Via, From, To (with a tag), Call-ID, CSeq and Record-Route as RFC 3261 8.2.6 says, unless `headers` has another. */
export function reply(to: WireMessage, startLine: string, headers: readonly string[] = [], body: Buffer = Buffer.alloc(0)): Buffer {
  const given = new Set(headers.map((line) => fullName(line.slice(0, line.indexOf(':')))));
  const copied = to.headers.flatMap(([name, text]) => {
    const full = fullName(name);
    if (given.has(full)) return [];
    if (full === 'to') return [`To: ${tag(text) === '' ? `${text};tag=${unique()}` : text}`];
    return ['via', 'from', 'call-id', 'cseq', 'record-route'].includes(full) ? [`${name}: ${text}`] : [];
  });
  const head = [startLine, ...copied, ...headers, `Content-Length: ${body.length}`].join('\r\n');
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body]);
}

function fullName(written: string): string {
  const lower = written.toLowerCase();
  return COMPACT[lower] ?? lower;
}
