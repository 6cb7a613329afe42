/** Mutations of SIP messages, repeatable by their seed: what a fuzzer throws at a server. */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './server.ts';
import { RFC5118 } from './torture/rfc5118.ts';
import { request } from './wire.ts';

/** A small, fast generator of random numbers (mulberry32): the same seed gives the same messages on every machine. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** A whole number from 0 to below `n`. */
  below(n: number): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * n);
  }

  of<T>(list: readonly T[]): T {
    const chosen = list[this.below(list.length)];
    if (chosen === undefined) throw new RangeError('nothing to choose from');
    return chosen;
  }
}

const FOLDERS = ['../shared/data/rfc4475', '../shared/peers/ocs-client/captures'];

/** Messages to mutate: RFC 4475 and captured client messages from beside the project where they are there, RFC 5118, and plain ones. */
export function corpus(): readonly Buffer[] {
  const files = FOLDERS.map((folder) => join(ROOT, folder))
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((file) => /\.(dat|sip)$/.test(file))
    .sort()
    .map((file) => readFileSync(file));
  const written = RFC5118.flatMap((one) => one.bytes ?? []);
  const plain = [
    'REGISTER',
    'INVITE',
    'MESSAGE',
    'OPTIONS',
    'SUBSCRIBE',
    'BYE',
    'ACK',
    'CANCEL',
    'PRACK',
    'UPDATE',
    'REFER',
    'NOTIFY',
    'INFO',
    'PUBLISH',
  ].map((method) =>
    request({
      method,
      uri: method === 'REGISTER' ? 'sip:example.com' : 'sip:user@example.com',
      via: 'UDP 127.0.0.1:5060',
      branch: `z9hG4bKcorpus${method}`,
      callId: `corpus-${method}`,
      from: '"A. Tester" <sip:tester@example.com>;tag=corpus',
      headers: [
        'Contact: <sip:tester@127.0.0.1:5060>;expires=60;q=0.5',
        'Route: <sip:127.0.0.1;lr>',
        'Supported: path, gruu',
        'Accept: application/sdp',
      ],
      body: method === 'INVITE' ? 'v=0\r\n' : '',
    }),
  );
  return [...files, ...written, ...plain];
}

const INTERESTING = [
  '',
  '0',
  '-1',
  '2147483648',
  '4294967296',
  '99999999999999999999',
  '%00',
  '%',
  '%zz',
  '"',
  '<',
  '>',
  ';',
  ',',
  ':',
  '@',
  '[::1',
  ']',
  '\u0000',
  '\r',
  '\n',
  '\r\n ',
  '\t',
  '\u00ff\u00fe',
  'é',
  '=',
  '?',
  '//',
  '..',
  '*',
  'SIP/2.0',
  'sip:',
  'sips:',
  'tel:+1',
  'z9hG4bK',
  ';lr',
  ';rport',
  ';received=',
  ';maddr=',
  ';transport=',
];
const HEADERS = [
  'Via',
  'From',
  'To',
  'Contact',
  'Route',
  'Record-Route',
  'Call-ID',
  'CSeq',
  'Max-Forwards',
  'Content-Length',
  'Expires',
  'Require',
  'Proxy-Require',
  'Supported',
  'Path',
  'Authorization',
  'Event',
  'Subscription-State',
  'Refer-To',
  'Replaces',
  'v',
  'f',
  't',
  'm',
  'i',
  'l',
  'c',
  'k',
];

type Mutation = (bytes: Buffer, random: Random, all: readonly Buffer[]) => Buffer;

const MUTATIONS: readonly Mutation[] = [
  // one byte is another
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    if (copy.length > 0) copy[random.below(copy.length)] = random.below(256);
    return copy;
  },
  // a bit is turned
  (bytes, random) => {
    const copy = Buffer.from(bytes);
    const at = random.below(Math.max(1, copy.length));
    if (copy.length > 0) copy[at] = (copy[at] ?? 0) ^ (1 << random.below(8));
    return copy;
  },
  // cut off
  (bytes, random) => bytes.subarray(0, random.below(bytes.length + 1)),
  // a piece is gone
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + random.below(40))]);
  },
  // a piece is there again, perhaps many times
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    const piece = bytes.subarray(at, at + 1 + random.below(60));
    return Buffer.concat([
      bytes.subarray(0, at),
      ...Array.from({ length: 1 + random.below(random.below(20) === 0 ? 400 : 4) }, () => piece),
      bytes.subarray(at),
    ]);
  },
  // something interesting is put in
  (bytes, random) => {
    const at = random.below(bytes.length + 1);
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(random.of(INTERESTING), 'latin1'), bytes.subarray(at)]);
  },
  // the head of one, the tail of another
  (bytes, random, all) => {
    const other = random.of(all);
    return Buffer.concat([bytes.subarray(0, random.below(bytes.length + 1)), other.subarray(random.below(other.length + 1))]);
  },
  // lines change places
  (bytes, random) =>
    changeLines(bytes, (lines) => {
      const [a, b] = [random.below(lines.length), random.below(lines.length)];
      [lines[a], lines[b]] = [lines[b] ?? '', lines[a] ?? ''];
    }),
  // a line is gone, or twice there
  (bytes, random) =>
    changeLines(bytes, (lines) =>
      lines.splice(random.below(lines.length), random.below(2), ...(random.below(2) === 0 ? [] : [random.of(lines)])),
    ),
  // a header field gets another name
  (bytes, random) =>
    changeLines(bytes, (lines) => {
      const at = random.below(lines.length);
      lines[at] = (lines[at] ?? '').replace(/^[^:]*:/, `${random.of(HEADERS)}:`);
    }),
  // a header field gets an interesting value
  (bytes, random) =>
    changeLines(bytes, (lines) => {
      lines.splice(1 + random.below(lines.length), 0, `${random.of(HEADERS)}: ${random.of(INTERESTING)}${random.of(INTERESTING)}`);
    }),
  // a number becomes another
  (bytes, random) => {
    const text = bytes.toString('latin1');
    const numbers = [...text.matchAll(/\d+/g)];
    if (numbers.length === 0) return bytes;
    const chosen = random.of(numbers);
    const number = random.of(['0', '-1', '1', '65536', '4294967295', '4294967296', '9007199254740993', String(random.below(1_000_000))]);
    return Buffer.from(text.slice(0, chosen.index) + number + text.slice(chosen.index + chosen[0].length), 'latin1');
  },
];

/** One mutated message: one to four changes to one of the corpus. */
export function mutate(all: readonly Buffer[], random: Random): Buffer {
  let bytes = random.of(all);
  for (let changes = 1 + random.below(4); changes > 0; changes--) bytes = random.of(MUTATIONS)(bytes, random, all);
  return bytes.length > 60_000 ? bytes.subarray(0, 60_000) : bytes; // what a datagram holds
}

function changeLines(bytes: Buffer, change: (lines: string[]) => void): Buffer {
  const lines = bytes.toString('latin1').split('\r\n');
  change(lines);
  return Buffer.from(lines.join('\r\n'), 'latin1');
}
