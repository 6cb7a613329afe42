import { expect, test } from 'vitest';
import { DEFAULT_LIMITS, answerUnread, parseMessage, transactionUnread } from '../../src/sip/index.ts';

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
  ['a Via that asks for its port behind a tab', [/branch=z9hG4bK1/, 'branch=z9hG4bK1;\trport']],
  ['a Via that names an alias', [/branch=z9hG4bK1/, 'branch=z9hG4bK1;Alias']],
  ['a Via that says where it came from already', [/branch=z9hG4bK1/, 'branch=z9hG4bK1;received=192.0.2.1']],
  ['a Via with two values', [/branch=z9hG4bK1/, 'branch=z9hG4bK1, SIP/2.0/TCP 192.0.2.7']],
  ['a request without Call-ID', [/i: call-1\r\n/, '']],
  ['a request with two CSeqs', [/CSeq: 1 MESSAGE\r\n/, 'CSeq: 1 MESSAGE\r\nCSeq: 2 MESSAGE\r\n']],
  ['another version', [/SIP\/2\.0\r/, 'SIP/3.0\r']],
] as const)('%s has to be read', (_what, change) => {
  expect(answerUnread(request(change), ANSWER, SOURCE)).toBeUndefined();
});

test('RFC 3261 18.2.1: a name that only begins like the address is told where the request came from', () => {
  const text = answerUnread(request([/192\.0\.2\.1:5060/, '192.0.2.10:5060']), ANSWER, SOURCE);
  expect(text).toContain('Via: SIP/2.0/TCP 192.0.2.10:5060;branch=z9hG4bK1;received=192.0.2.1;');
});

const DATAGRAM = { host: '192.0.2.1', port: 5062, viaStamp: '' };

test('RFC 3581 section 4: a datagram that asks for its port is told it', () => {
  const text = answerUnread(request([/;branch=z9hG4bK1/, ';rport;branch=z9hG4bK1']), ANSWER, DATAGRAM);
  expect(text).toContain('Via: SIP/2.0/TCP 192.0.2.1:5060;rport=5062;branch=z9hG4bK1;received=192.0.2.1\r\n');
});

test.each([
  ['is to be answered at another port than it came from', [/:5060/, ':5061']],
  ['is to be answered at the usual port, which it did not come from', [/:5060/, '']],
  ['asks for its port twice', [/;branch=z9hG4bK1/, ';rport;branch=z9hG4bK1;rport']],
  ['names a port as its own that only the server knows', [/;branch=z9hG4bK1/, ';rport=5062;branch=z9hG4bK1']],
] as const)('a datagram that %s has to be read', (_what, change) => {
  expect(answerUnread(request(change), ANSWER, DATAGRAM)).toBeUndefined();
});

test('a datagram that came from the port of its Via is answered', () => {
  expect(answerUnread(request([/:5060/, ':5062']), ANSWER, DATAGRAM)).toContain('Via: SIP/2.0/TCP 192.0.2.1:5062;branch=z9hG4bK1\r\n');
});

test('RFC 3261 17.2.3: what tells a transaction is seen in the first two lines', () => {
  expect(transactionUnread(request([/;branch/, ';rport;branch']))).toEqual({
    method: 'MESSAGE',
    branch: 'z9hG4bK1',
    host: '192.0.2.1',
    port: '5060',
  });
});

test.each([
  ['a response', [/^MESSAGE.* SIP\/2.0/, 'SIP/2.0 200 OK']],
  ['a branch of RFC 2543', [/branch=z9hG4bK1/, 'branch=1']],
  ['no branch', [/;branch=z9hG4bK1/, '']],
  ['two branches, the first written otherwise', [/;branch=/, ';Branch=z9hG4bK2;branch=']],
  ['a sent-by in upper case', [/192\.0\.2\.1/, 'Phone.example.com']],
  ['a port with a zero in front', [/:5060/, ':05060']],
  ['two Vias on one line', [/branch=z9hG4bK1/, 'branch=z9hG4bK1, SIP/2.0/TCP 192.0.2.7']],
  ['a Via that is not the first header', [/\r\nVia/, '\r\nMax-Forwards: 70\r\nVia']],
] as const)('a message with %s has to be read to know its transaction', (_what, change) => {
  expect(transactionUnread(request(change))).toBeUndefined();
});
