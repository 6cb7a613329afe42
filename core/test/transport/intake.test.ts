import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { DEFAULT_LIMITS, type SipMessage } from '../../src/sip/index.ts';
import { Intake, type Source } from '../../src/transport/intake.ts';
import { LogThrottle } from '../../src/transport/log-throttle.ts';
import { Counters } from '../../src/transport/stats.ts';
import { options } from './support.ts';

const silent = () => undefined;

function intake() {
  const counters = new Counters();
  const sent: SipMessage[] = [];
  let delivered = 0;
  const owner = { onMessage: () => void delivered++, send: (message: SipMessage) => sent.push(message) > 0, unread: undefined };
  const log = { debug: silent, info: silent, warn: silent, error: silent };
  const room = new Intake(owner, DEFAULT_LIMITS, counters, log, new LogThrottle(new FakeClock()));
  const source = {
    counters: counters.transports.UDP,
    viaStamp: ';ms-received-port=1;ms-received-cid=A',
    remote: { host: '192.0.2.9', port: 9 },
    reliable: false,
    secure: false,
    transport: 'UDP',
    offerAlias: silent,
    answerAt: silent,
  } as unknown as Source;
  return { receive: (bytes: Buffer) => room.receive(bytes, source), counters, sent, delivered: () => delivered };
}

const VALID = Buffer.from(
  options('UDP 192.0.2.1:5060;rport;alias;branch=z9hG4bK1, SIP/2.0/UDP a.example.com', { Contact: '"A" <sip:a@b>;q=1' }, 'body'),
);

/** A valid request with some bytes changed, cut or repeated. */
const mutated = fc
  .array(fc.tuple(fc.nat(VALID.length - 1), fc.nat(255), fc.constantFrom('set', 'cut', 'repeat')), { minLength: 1, maxLength: 6 })
  .map((changes) =>
    changes.reduce((bytes, [at, value, how]) => {
      const place = at % Math.max(1, bytes.length);
      if (how === 'set') bytes[place] = value;
      if (how === 'cut') return Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + (value % 9))]);
      return how === 'repeat' ? Buffer.concat([bytes.subarray(0, place), bytes.subarray(Math.max(0, place - value))]) : bytes;
    }, Buffer.from(VALID)),
  );

test('whatever comes is delivered, answered, or dropped and counted, and nothing is thrown', () => {
  fc.assert(
    fc.property(
      fc.oneof(
        mutated,
        fc.uint8Array({ maxLength: 300 }).map((a) => Buffer.from(a)),
      ),
      (bytes) => {
        const { receive, counters, sent, delivered } = intake();
        receive(bytes);
        for (const message of sent) expect(message.serialize().toString('latin1')).toMatch(/^SIP\/2.0 [45]\d\d /);
        const dropped = Object.values(counters.drops).reduce((sum, n) => sum + n, 0);
        expect(delivered() + dropped).toBe(1);
        expect(sent.length).toBeLessThanOrEqual(dropped);
      },
    ),
    { numRuns: 300 },
  );
});
