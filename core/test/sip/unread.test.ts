import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, answerUnread, parseMessage } from '../../src/sip/index.ts';

const ANSWER = { statusLine: 'SIP/2.0 503 Service Unavailable', headers: 'Retry-After: 10\r\n', toTag: 'ours' };
const SOURCE = { host: '192.0.2.1', viaStamp: ';ms-received-port=50000;ms-received-cid=1' };

function request(...changes: (readonly [RegExp, string])[]): Buffer {
  const text =
    'MESSAGE sip:bob@example.com SIP/2.0\r\nVia: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1\r\nv: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK0\r\nMax-Forwards: 70\r\n' +
    'f: "Alice" <sip:alice@example.com>;tag=a\r\nTo: <sip:bob@example.com>\r\ni: call-1\r\nCSeq: 1 MESSAGE\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi';
  return Buffer.from(
    changes.reduce((all, [from, to]) => all.replace(from, to), text),
    'latin1',
  );
}

test('RFC 3261 8.2.6: the answer to an unread request copies Via, From, To, Call-ID and CSeq, and reads as a response', () => {
  const text = answerUnread(request(), ANSWER, SOURCE) ?? '';
  expect(text.split('\r\n')).toEqual([
    'SIP/2.0 503 Service Unavailable',
    'Via: SIP/2.0/TCP 192.0.2.1:5060;branch=z9hG4bK1;ms-received-port=50000;ms-received-cid=1',
    'v: SIP/2.0/TCP 192.0.2.9;branch=z9hG4bK0',
    'f: "Alice" <sip:alice@example.com>;tag=a',
    'To: <sip:bob@example.com>;tag=ours',
    'i: call-1',
    'CSeq: 1 MESSAGE',
    'Retry-After: 10',
    'Content-Length: 0',
    '',
    '',
  ]);
  expect(parseMessage(Buffer.from(text, 'latin1'), DEFAULT_LIMITS).ok).toBe(true);
});

test('RFC 3261 18.2.1: a Via that does not name where the request came from is told', () => {
  const text = answerUnread(request([/192\.0\.2\.1:5060/, 'phone.example.com']), ANSWER, SOURCE);
  expect(text).toContain('Via: SIP/2.0/TCP phone.example.com;branch=z9hG4bK1;received=192.0.2.1;ms-received-port');
});

test.each([
  ['an ACK', [/^MESSAGE/, 'ACK']],
  ['a CANCEL', [/^MESSAGE/, 'CANCEL']],
  ['a response', [/^MESSAGE.* SIP\/2.0/, 'SIP/2.0 200 OK']],
  ['a request inside a dialog', [/To: <sip:bob@example.com>/, 'To: <sip:bob@example.com>; TAG = b']],
  ['a folded header', [/Max-Forwards: 70/, 'Subject: a\r\n b']],
  ['a Via that asks for its port', [/branch=z9hG4bK1/, 'rport;branch=z9hG4bK1']],
  ['a Via with two values', [/branch=z9hG4bK1/, 'branch=z9hG4bK1, SIP/2.0/TCP 192.0.2.7']],
  ['a request without Call-ID', [/i: call-1\r\n/, '']],
  ['a request with two CSeqs', [/CSeq: 1 MESSAGE\r\n/, 'CSeq: 1 MESSAGE\r\nCSeq: 2 MESSAGE\r\n']],
  ['another version', [/SIP\/2\.0\r/, 'SIP/3.0\r']],
] as const)('%s has to be read', (_what, change) => {
  expect(answerUnread(request(change), ANSWER, SOURCE)).toBeUndefined();
});
