import { expect, test } from 'vitest';
import { answerUpgrade } from '../../src/transport/websocket-upgrade.ts';

/** The request of RFC 6455 section 1.2, for SIP. */
const REQUEST = {
  Host: 'server.example.com',
  Upgrade: 'websocket',
  Connection: 'keep-alive, Upgrade',
  'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
  Origin: 'http://example.com',
  'Sec-WebSocket-Protocol': 'chat, sip',
  'Sec-WebSocket-Version': '13',
};

function head(changes: Readonly<Record<string, string | undefined>> = {}, start = 'GET /sip HTTP/1.1'): string {
  const headers = Object.entries({ ...REQUEST, ...changes }).filter(([, value]) => value !== undefined);
  return [start, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n');
}

test('RFC 6455 4.2.2, RFC 7118 4: a right request is welcomed with its key and the subprotocol sip', () => {
  const { accepted, response } = answerUpgrade(head(), undefined);
  expect(accepted).toBe(true);
  expect(response).toBe(
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n' +
      'Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\nSec-WebSocket-Protocol: sip\r\n\r\n',
  );
});

test.each([
  ['no GET', head({}, 'POST /sip HTTP/1.1'), 400],
  ['HTTP/1.0', head({}, 'GET / HTTP/1.0'), 400],
  ['no Host', head({ Host: undefined }), 400],
  ['a line without a colon', `${head()}\r\nnonsense`, 400],
  ['a plain web browser', head({ Upgrade: undefined, Connection: undefined }), 426],
  ['another version', head({ 'Sec-WebSocket-Version': '8' }), 426],
  ['a short key', head({ 'Sec-WebSocket-Key': 'abc=' }), 400],
  ['no subprotocol', head({ 'Sec-WebSocket-Protocol': undefined }), 400],
  ['another subprotocol', head({ 'Sec-WebSocket-Protocol': 'xmpp' }), 400],
])('%s is refused, and the connection closes', (_what, request, status) => {
  const { accepted, response } = answerUpgrade(request, undefined);
  expect(accepted).toBe(false);
  expect(response).toMatch(new RegExp(`^HTTP/1.1 ${status} .*\r\n`));
  expect(response).toContain('Connection: close\r\n');
});

test('RFC 6455 4.4: a refused version is told which one is spoken', () => {
  expect(answerUpgrade(head({ 'Sec-WebSocket-Version': '8' }), undefined).response).toContain('Sec-WebSocket-Version: 13\r\n');
});

test('only configured origins may connect; clients that are no browsers name none', () => {
  const origins = ['https://phone.example.com'];
  expect(answerUpgrade(head(), origins).response).toMatch(/^HTTP\/1.1 403 /);
  expect(answerUpgrade(head({ Origin: 'https://phone.example.com' }), origins).accepted).toBe(true);
  expect(answerUpgrade(head({ Origin: undefined }), origins).accepted).toBe(true);
});
