import { expect, test } from 'vitest';
import { SipRequest } from '../../src/sip/index.ts';
import { DATAGRAM_REQUEST_LIMIT, TransportErrors, exceedsDatagram, isRefusal, overTcp } from '../../src/transport/index.ts';
import { Station } from './support.ts';

test('RFC 3261 18.1.1: the limit is 1300 bytes', () => {
  const plain = SipRequest.create('MESSAGE', 'sip:bob@example.com', [['Subject', '']]).serialize().length;
  const sized = (bytes: number): SipRequest =>
    SipRequest.create('MESSAGE', 'sip:bob@example.com', [['Subject', 'x'.repeat(bytes - plain)]]);
  expect(sized(1_300).serialize()).toHaveLength(DATAGRAM_REQUEST_LIMIT);
  expect(exceedsDatagram(sized(1_300))).toBe(false);
  expect(exceedsDatagram(sized(1_301))).toBe(true);
  expect(exceedsDatagram(sized(1_200), 101)).toBe(true);
});

test('RFC 3261 18.1.1: a UDP peer that has no TCP on its port refuses at once, and that is told apart from silence', async () => {
  const station = new Station();
  const peer = new Station();
  const { address } = await peer.listen('UDP');
  const error: unknown = await station.layer
    .connect(overTcp({ transport: 'UDP', host: '127.0.0.1', port: address.port }))
    .catch((e: unknown) => e);
  expect(error).toMatchObject({ code: 'TRANSPORT_CONNECT_FAILED' });
  expect(isRefusal(error)).toBe(true);
  expect(isRefusal(TransportErrors.TRANSPORT_CONNECT_TIMEOUT())).toBe(false);
  expect(isRefusal(new Error('ECONNREFUSED'))).toBe(false);
});
