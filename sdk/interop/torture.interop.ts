/** RFC 4475 and RFC 5118 against a started server: every message, over UDP and over TCP, and the table in the documentation. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ROOT, WITH_DIGEST } from './server.ts';
import { TortureBed } from './torture/bed.ts';
import type { Expected, Observed, TortureCase } from './torture/case.ts';
import { RFC4475 } from './torture/rfc4475.ts';
import { RFC5118 } from './torture/rfc5118.ts';
import { describeObserved, markdown, write, written } from './torture/table.ts';
import { readMessage, status, value, values } from './wire.ts';

const FOLDER = join(ROOT, '../shared/data/rfc4475');
const MESSAGES_HERE = existsSync(FOLDER);
if (!MESSAGES_HERE) console.warn(`RFC 4475 is skipped: its messages are not in ${FOLDER}`);

const USER = 'sip:user@example.com';
const seenOverUdp = new Map<string, string>();
const seenOverTcp = new Map<string, string>();

/** One bed for as many cases as possible: a new one when the last left a registration, or the same transaction would come again. */
class Beds {
  #bed: TortureBed | undefined;
  #used = new Set<string>();

  async for(one: TortureCase, bytes: Buffer): Promise<TortureBed> {
    const transaction = transactionOf(bytes);
    if (this.#used.has(transaction)) await this.stop();
    const bed = this.#bed ?? (await TortureBed.start());
    this.#bed = bed;
    this.#used.add(transaction);
    if (one.endpoint !== undefined) await bed.register(one.endpoint);
    return bed;
  }

  async stop(): Promise<void> {
    await this.#bed?.stop();
    this.#bed = undefined;
    this.#used = new Set();
  }
}

describe.skipIf(!MESSAGES_HERE)('RFC 4475', () => {
  test('all 49 messages are there', () => {
    expect(RFC4475).toHaveLength(49);
    expect(RFC4475.filter((one) => !existsSync(join(FOLDER, `${one.name}.dat`)))).toEqual([]);
  });
  cases('RFC 4475', RFC4475);
});

describe('RFC 5118', () => {
  cases('RFC 5118', RFC5118);
});

describe.skipIf(!MESSAGES_HERE)('RFC 4475, the responses as answers to a forwarded request', () => {
  const answered = async (name: string, fields: readonly string[]): Promise<ReturnType<TortureBed['message']>> => {
    const bed = await TortureBed.start();
    try {
      await bed.register(USER);
      const message = readMessage(readFileSync(join(FOLDER, `${name}.dat`)));
      const headers = fields.flatMap((field) => values(message, field).map((text) => `${field}: ${text}`));
      bed.answerNextWith = { startLine: message.startLine, headers };
      return await bed.message(USER, 3000);
    } finally {
      await bed.stop();
    }
  };

  test('unreason: the reason phrase is passed on byte for byte', async () => {
    const [response] = await answered('unreason', []);
    expect(response?.startLine).toBe(readMessage(readFileSync(join(FOLDER, 'unreason.dat'))).startLine);
  });

  test('noreason: a 100 without reason is taken, and the 200 behind it passed on', async () => {
    expect((await answered('noreason', [])).map(status)).toContain(200);
  });

  test('bigcode: dropped, and the 200 behind it passed on', async () => {
    expect((await answered('bigcode', [])).map(status)).toEqual([200]);
  });

  test('scalarlg: discarded, and the 200 behind it passed on', async () => {
    expect((await answered('scalarlg', ['CSeq', 'Retry-After', 'Warning'])).map(status).filter((s) => s >= 200)).toContain(200);
  });
});

test.skipIf(!MESSAGES_HERE)('RFC 4475 regaut01: a server that authenticates answers 401 with a scheme it knows', async () => {
  const bed = await TortureBed.start(WITH_DIGEST);
  try {
    const one = RFC4475.find((c) => c.name === 'regaut01');
    if (one === undefined) throw new Error('no case');
    const seen = await bed.overUdp(bytesOf(one), one);
    expect(status(seen.response ?? seen.sent)).toBe(401);
    expect(value(seen.response ?? seen.sent, 'WWW-Authenticate')).toMatch(/^Digest /);
  } finally {
    await bed.stop();
  }
});

test.skipIf(!MESSAGES_HERE)('docs/conformance.md says what the server does (UPDATE_DOCS=1 writes it)', () => {
  const lines = (set: readonly TortureCase[]): { one: TortureCase; udp: string; tcp: string }[] =>
    set.map((one) => ({ one, udp: seenOverUdp.get(one.name) ?? 'not seen', tcp: seenOverTcp.get(one.name) ?? 'not sent' }));
  const tables = markdown(lines(RFC4475), lines(RFC5118));
  if (process.env['UPDATE_DOCS'] === '1') write(tables);
  expect(written()).toBe(tables);
});

function cases(rfc: string, set: readonly TortureCase[]): void {
  describe('over UDP', () => {
    const beds = new Beds();
    afterAll(() => beds.stop());
    test.each(set.map((one) => [one.section, one.name, one] as const))(`${rfc} %s %s`, async (_section, _name, one) => {
      const bytes = bytesOf(one);
      const bed = await beds.for(one, bytes);
      const seen = await bed.overUdp(bytes, one);
      seenOverUdp.set(one.name, describeObserved(seen));
      expect(bed.alive, bed.log).toBe(true);
      if (one.registers === true) await beds.stop();
      verify(one, seen, one.expected);
    });
  });

  describe('over TCP', () => {
    const beds = new Beds();
    afterAll(() => beds.stop());
    const streams = set.filter((one) => typeof one.onStream !== 'string');
    test.each(streams.map((one) => [one.section, one.name, one] as const))(`${rfc} %s %s`, async (_section, _name, one) => {
      const bytes = bytesOf(one);
      const bed = await beds.for(one, bytes);
      const seen = await bed.overTcp(bytes, one);
      seenOverTcp.set(one.name, describeObserved(seen));
      expect(bed.alive, bed.log).toBe(true);
      if (one.registers === true) await beds.stop();
      verify(one, seen, typeof one.onStream === 'object' ? one.onStream : one.expected);
    });
  });
}

function verify(one: TortureCase, seen: Observed, expected: Expected): void {
  const final = seen.response === undefined ? 0 : status(seen.response);
  const reaction = `${one.prescribed}; the server: ${describeObserved(seen)}`;
  if (seen.forwarded !== undefined) {
    expect(expected.forwarded, reaction).toBeDefined();
    expect(final, reaction).toBe(200);
  } else if (expected.forwarded === 'must') {
    expect.fail(reaction);
  } else if (expected.statuses === undefined) {
    expect(final, reaction).toBe(0);
  } else if (!(expected.closes === true && seen.closed && final === 0)) {
    expect(expected.statuses, reaction).toContain(final);
  }
  if (expected.closes === true) expect(seen.closed, reaction).toBe(true);
  expected.check?.(seen);
}

function bytesOf(one: TortureCase): Buffer {
  return one.bytes ?? readFileSync(join(FOLDER, `${one.name}.dat`));
}

/** What a server tells transactions apart by (RFC 3261 17.2.3); some of the messages share it. */
function transactionOf(bytes: Buffer): string {
  const message = readMessage(bytes);
  const [via = ''] = values(message, 'Via');
  return `${message.startLine.split(' ')[0]} ${/branch=([^;,\s]+)/.exec(via)?.[1] ?? value(message, 'Call-ID')} ${via.split(';')[0]}`;
}
