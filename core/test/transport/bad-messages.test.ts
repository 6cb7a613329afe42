import { expect, test } from 'vitest';
import { Datagrams, options, Station } from './support.ts';

const VIA = 'UDP 127.0.0.1:1;rport;branch=z9hG4bK';

async function answerTo(request: string): Promise<{ answer: string; station: Station }> {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  phone.send(request, address.port);
  return { answer: await phone.receive(), station };
}

test.each([
  ['a missing Call-ID', options(`${VIA}1`).replace('Call-ID: c1\r\n', ''), 400],
  ['a missing From', options(`${VIA}1`).replace(/From: .*\r\n/, ''), 400],
  ['a repeated To', options(`${VIA}1`, { t: '<sip:carol@example.com>' }), 400],
  ['a CSeq of another method', options(`${VIA}1`, { CSeq: '1 INVITE' }), 400],
  ['another version of SIP', options(`${VIA}1`).replace('SIP/2.0\r\n', 'SIP/7.0\r\n'), 505],
  ['a Request-URI with header fields', options(`${VIA}1`).replace('bob@example.com SIP', 'bob@example.com?Route=x SIP'), 400],
])('%s is answered with an error, a tag and the reason', async (_what, request, status) => {
  const { answer, station } = await answerTo(request);
  expect(answer).toMatch(new RegExp(`^SIP/2.0 ${status} .+\r\n`));
  if (/^To:/m.test(answer)) expect(answer).toMatch(/\r\nTo: .*;tag=\w+\r\n/);
  expect(answer).toContain(';received=127.0.0.1');
  expect(station.received).toEqual([]);
  expect(station.layer.stats()).toMatchObject({ refused: { [status]: 1 }, drops: { malformedRequest: 1 } });
});

test('RFC 3261 8.2.7: a retransmission gets the same tag', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  const request = options(`${VIA}1`, { CSeq: '1 INVITE' });
  phone.send(request, address.port);
  phone.send(request, address.port);
  expect(await phone.receive(1)).toBe(await phone.receive(0));
});

test('an ACK is never answered, nor is a request without a usable Via', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  phone.send(options(`${VIA}1`, { CSeq: '1 INVITE' }).replace('OPTIONS', 'ACK'), address.port);
  phone.send(options(`${VIA}1`).replace(/Via: .*\r\n/, ''), address.port);
  phone.send(options('UDP :;;;'), address.port);
  phone.send(options(`UDP 127.0.0.1:${phone.port};branch=z9hG4bKlast`), address.port);
  await station.request();
  expect(station.layer.stats().drops.malformedRequest).toBe(3);
  expect(phone.received).toEqual([]);
});

test('a flood of bad messages becomes one log line a second', async () => {
  const station = new Station();
  const { address } = await station.listen('UDP');
  const phone = await Datagrams.open();
  for (let i = 0; i < 10; i++) phone.send(options(`${VIA}${i}`, { CSeq: '1 INVITE' }), address.port);
  await phone.receive(9);
  expect(station.lines('info').filter((l) => l.startsWith('bad message'))).toHaveLength(1);
  station.clock.advance(1000);
  phone.send(options(`${VIA}x`, { CSeq: '1 INVITE' }), address.port);
  await phone.receive(10);
  expect(station.log.at(-1)?.fields['suppressed']).toBe(9);
});
