import { expect, test } from 'vitest';
import { SipErrors, SipResponse } from '../../src/sip/index.ts';
import { optionsLines, parse, request, requestLines, wire } from './samples.ts';

const DIALOG = ['Record-Route: <sip:p1;lr>', 'v: SIP/2.0/UDP 192.0.2.60;branch=z9hG4bK2', 'Timestamp: 54', 'Subject: x'];

test('RFC 3261 8.2.6.2: a reply carries Via, From, To, Call-ID and CSeq as they came, and a tag on To', () => {
  const reply = SipResponse.reply(
    request(wire(requestLines('INVITE sip:bob@example.com SIP/2.0', 'CSeq: 1 INVITE', ...DIALOG))),
    486,
    undefined,
    'mytag',
  );
  expect(reply.toString().split('\r\n')).toEqual([
    'SIP/2.0 486 Busy Here',
    'Via: SIP/2.0/UDP 192.0.2.50:5060;branch=z9hG4bK776asdhds',
    'From: "Alice" <sip:alice@example.com>;tag=1928301774;epid=a1b2c3d4e5',
    'To: <sip:bob@example.com>;tag=mytag',
    'Call-ID: a84b4c76e66710@192.0.2.50',
    'CSeq: 1 INVITE',
    'v: SIP/2.0/UDP 192.0.2.60;branch=z9hG4bK2',
    'Content-Length: 0',
    '',
    '',
  ]);
});

test.each([
  [100, false, true],
  [101, true, false],
  [183, true, false],
  [200, true, false],
  [299, true, false],
  [302, false, false],
])('RFC 3261 12.1.1 and 8.2.6.1: %i carries Record-Route: %s, Timestamp: %s', (status, recordRoute, timestamp) => {
  const reply = SipResponse.reply(request(wire(optionsLines(...DIALOG))), status);
  expect([reply.has('Record-Route'), reply.has('Timestamp'), reply.has('Subject')]).toEqual([recordRoute, timestamp, false]);
  expect(reply.to.tag === undefined).toBe(status === 100);
});

test('a tag that To has is kept', () => {
  const message = request(wire(optionsLines('To: sip:bob@example.com;tag=theirs')));
  expect(SipResponse.reply(message, 200, 'Fine').toString()).toMatch(/^SIP\/2.0 200 Fine\r\n[\s\S]*To: sip:bob@example.com;tag=theirs\r\n/);
});

test('every reply gets a tag of its own when none is given', () => {
  const message = request(wire(optionsLines()));
  expect(SipResponse.reply(message, 200).to.tag).not.toBe(SipResponse.reply(message, 200).to.tag);
});

test('a broken request is answered with what it has, and told what is wrong', () => {
  const result = parse(wire(optionsLines('To: "Bob <sip:bob@example.com>', 'Content-Length: 99')));
  if (result.ok || result.request === undefined) throw new Error('it is not refused, or cannot be answered');
  const reply = SipResponse.refuse(result.request, result.error, 'x');
  expect(reply.status).toBe(400);
  expect(reply.reason).toBe('Bad Request - Content-Length is 99, but only 0 bytes of body came');
  expect(reply.toString()).toContain('To: "Bob <sip:bob@example.com>;tag=x\r\n');
});

test('an error without a status is answered with 400, and its text cannot break the line', () => {
  const reply = SipResponse.refuse(request(wire(optionsLines())), SipErrors.SIP_NOT_TOKEN({ found: 'x\r\n\u2713' }));
  expect(reply).toMatchObject({ status: 400, reason: 'Bad Request - not a token: x \xe2\x9c\x93' });
  expect(() => SipResponse.reply(request(wire(optionsLines())), 200, 'a\r\nX-Evil: 1')).toThrow(/line break/);
});

test('a response knows whether this server made it, its copies too', () => {
  const reply = SipResponse.reply(request(wire(optionsLines())), 404);
  const result = parse(reply.serialize());
  if (!result.ok || result.message.isRequest) expect.fail('no response');
  const received = result.message;
  expect([reply.local, reply.clone().local, received.local, received.clone().local]).toEqual([true, true, false, false]);
});
