import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import {
  DEFAULT_LIMITS,
  FramingError,
  NameAddr,
  Params,
  SipResponse,
  SipUri,
  StreamFramer,
  Via,
  checkRequest,
  checkResponse,
  parseAuth,
  parseMessage,
  parseValueWithParams,
  splitList,
  type SipMessage,
} from '../../src/sip/index.ts';
import { corpus } from './corpus.ts';

/** How many times the usual number of runs: `FUZZ=100 npx vitest run core/test/sip/fuzz.test.ts`. */
const FUZZ = Number(process.env['FUZZ'] ?? 1);
const TIMEOUT_MS = 60_000 * FUZZ;

const latin1 = (maxLength: number): fc.Arbitrary<string> =>
  fc.uint8Array({ maxLength }).map((bytes) => Buffer.from(bytes).toString('latin1'));

/** Text out of the pieces that the grammar is made of, which gets further than random bytes do. */
const grammarText = fc
  .array(
    fc.constantFrom(
      ...'<>"\\;,:=@?()[]%/ \t'.split(''),
      'sip:',
      'tel:',
      'a',
      'b.example',
      '5060',
      '[2001:db8::1]',
      'tag',
      '*',
      'q=0.5',
      'SIP/2.0/UDP ',
      '\xc3',
      '\r\n ',
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(''));

/** Runs what may throw our error and no other. */
function tolerate(action: () => unknown): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
  }
}

/** Everything that a server does with a message that it let in. */
function exercise(message: SipMessage): void {
  for (const view of [
    'topVia',
    'from',
    'to',
    'cseq',
    'callId',
    'maxForwards',
    'expires',
    'contacts',
    'routes',
    'recordRoutes',
    'body',
  ] as const)
    tolerate(() => message[view]);
  for (const field of message.headers) {
    void [field.name, field.value, field.raw];
    tolerate(() => message.list(field.name));
    tolerate(() => parseAuth(field.value));
  }
  while (message.shift('Via') !== undefined);
}

/** Whatever comes: a message or our error, one that can be answered, and what is written can be read. */
function survive(bytes: Buffer): void {
  const result = parseMessage(bytes, DEFAULT_LIMITS);
  const request = result.ok ? (result.message.isRequest ? result.message : undefined) : result.request;
  if (!result.ok) expect(result.error).toBeInstanceOf(ParleyError);
  if (request !== undefined) {
    const error = result.ok ? checkRequest(request) : result.error;
    if (error !== undefined) SipResponse.refuse(request, error).serialize();
    tolerate(() => request.requestUri);
  }
  if (!result.ok) return;
  if (!result.message.isRequest) checkResponse(result.message);
  const written = result.message.serialize();
  expect(result.message.size).toBe(written.length);
  const again = parseMessage(written, DEFAULT_LIMITS);
  expect(again.ok && again.message.serialize().equals(written)).toBe(true);
  exercise(result.message);
}

/** One to eight hostile changes to a message: bytes set, cut out, doubled, or put in from another. */
const mutated = fc
  .tuple(
    fc.constantFrom(...corpus),
    fc.constantFrom(...corpus),
    fc.array(
      fc.tuple(
        fc.nat(4),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        fc.nat(60),
        fc.constantFrom(...'\r\n\0 \t:;,<>"\\%@=[]\x80\xff0-z'.split('')),
      ),
      { minLength: 1, maxLength: 8 },
    ),
  )
  .map(([base, other, changes]) => {
    let text = base.toString('latin1');
    for (const [kind, place, length, character] of changes) {
      const at = Math.floor(place * (text.length + 1));
      const rest = text.slice(at);
      const inserted = [
        character,
        '',
        text.slice(at, at + length).repeat(2),
        other.toString('latin1').slice(at, at + length),
        character.repeat(length),
      ][kind] as string;
      text = text.slice(0, at) + inserted + (kind === 0 || kind === 2 || kind === 1 ? rest.slice(kind === 0 ? 1 : length) : rest);
    }
    return Buffer.from(text, 'latin1');
  });

test(
  'any bytes give a message or our error',
  () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => survive(Buffer.from(bytes))),
      { numRuns: 500 * FUZZ },
    );
  },
  TIMEOUT_MS,
);

test(
  'any change to a real message gives a message or our error, and what is written can be read again',
  () => {
    fc.assert(fc.property(mutated, survive), { numRuns: 1_000 * FUZZ });
  },
  TIMEOUT_MS,
);

test(
  'sound messages of any make are written as they were read',
  () => {
    const name = fc.stringMatching(/^[A-Za-z][A-Za-z0-9-]{0,20}$/).filter((text) => !/^(?:l|content-length)$/i.test(text));
    const value = fc
      .array(fc.oneof(fc.stringMatching(/^[\x20-\x7e\x80-\xff]{0,40}$/), fc.constant('\r\n '), fc.constant('\r\n\t')), { maxLength: 4 })
      .map((parts) => parts.join(''));
    const message = fc.tuple(
      fc.array(fc.tuple(name, fc.constantFrom(':', ': ', ' :\t'), value), { maxLength: 12 }),
      fc.uint8Array({ maxLength: 100 }),
    );
    fc.assert(
      fc.property(message, ([fields, body]) => {
        const lines = ['PING sip:x@example.com SIP/2.0', ...fields.map((parts) => parts.join('')), `Content-Length: ${body.length}`];
        const bytes = Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1'), body]);
        const result = parseMessage(bytes, DEFAULT_LIMITS);
        if (!result.ok) return result.error.code === 'SIP_TOO_MANY_ROUTES';
        const copy = result.message.clone();
        exercise(result.message.clone());
        return result.message.serialize().equals(bytes) && copy.serialize().equals(bytes);
      }),
      { numRuns: 300 * FUZZ },
    );
  },
  TIMEOUT_MS,
);

test(
  'a stream of any bytes in any pieces is cut the same way as in one piece',
  () => {
    const take = (chunks: Buffer[]): string[] => {
      const framer = new StreamFramer(DEFAULT_LIMITS);
      const taken: string[] = [];
      for (const chunk of chunks) {
        framer.push(chunk);
        for (let frame = framer.next(); frame !== undefined; frame = framer.next()) {
          taken.push(frame instanceof FramingError ? frame.error.code : frame.toString('latin1'));
        }
      }
      return taken;
    };
    const stream = fc
      .array(fc.oneof(mutated, fc.constantFrom(...corpus), fc.constant(Buffer.from('\r\n\r\n'))), { maxLength: 4 })
      .map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(stream, fc.array(fc.integer({ min: 1, max: 200 }), { minLength: 1, maxLength: 8 }), (bytes, sizes) => {
        const chunks: Buffer[] = [];
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const size = sizes[i % sizes.length] ?? 1;
          chunks.push(bytes.subarray(at, at + size));
          at += size;
        }
        expect(take(chunks)).toEqual(take([bytes]));
      }),
      { numRuns: 200 * FUZZ },
    );
  },
  TIMEOUT_MS,
);

test(
  'readers of single values give a value or our error, and what they write they read again',
  () => {
    fc.assert(
      fc.property(fc.oneof(latin1(60), grammarText), (text) => {
        tolerate(() => {
          const uri = SipUri.parse(text);
          expect(SipUri.parse(uri.raw).equals(uri)).toBe(true);
          void uri.userAtHost;
        });
        tolerate(() => {
          const written = NameAddr.parse(text).toString();
          expect(NameAddr.parse(written).toString()).toBe(written);
        });
        tolerate(() => {
          const written = NameAddr.parseStrict(text, 'To').toString();
          expect(NameAddr.parseStrict(written, 'To').toString()).toBe(written);
        });
        tolerate(() => {
          const written = Via.parse(text).toString();
          expect(Via.parse(written).toString()).toBe(written);
        });
        tolerate(() => {
          const written = parseAuth(text).toString();
          expect(parseAuth(written).toString()).toBe(written);
        });
        const params = Params.parse(text).toString();
        expect(Params.parse(params).toString()).toBe(params);
        void [parseValueWithParams(text), splitList(text)];
      }),
      { numRuns: 1_000 * FUZZ },
    );
  },
  TIMEOUT_MS,
);
