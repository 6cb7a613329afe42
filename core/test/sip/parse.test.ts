import { expect, test } from 'vitest';
import { SipErrors, SipResponse } from '../../src/sip/index.ts';
import { declaredErrors } from '../../src/errors/index.ts';
import { optionsLines, parse, request, requestLines, responseLines, wire } from './samples.ts';

function failure(bytes: Buffer, limits = {}): { code: string; status: number | undefined; answerable: boolean; message: string } {
  const result = parse(bytes, limits);
  if (result.ok) throw new Error('the message was read');
  return {
    code: result.error.code,
    status: result.error.status,
    answerable: result.request?.has('Via') === true,
    message: result.error.message,
  };
}

test.each([
  ['SIP_MESSAGE_TOO_LARGE', 513, { maxMessageBytes: 300 }, wire(optionsLines())],
  ['SIP_HEAD_TOO_LARGE', 513, { maxHeadBytes: 300 }, wire(optionsLines())],
  ['SIP_TOO_MANY_HEADERS', 513, { maxHeaders: 7 }, wire(optionsLines())],
  ['SIP_LINE_TOO_LONG', 400, { maxLineBytes: 200 }, wire(optionsLines(`Subject: ${'x'.repeat(200)}`))],
  ['SIP_LINE_TOO_LONG', 400, { maxLineBytes: 200 }, wire(optionsLines(`Subject: x\r\n ${'x'.repeat(200)}`))],
  ['SIP_BODY_TOO_LARGE', 413, { maxBodyBytes: 3 }, wire(optionsLines('Content-Length: 4'), 'four')],
  ['SIP_BODY_TOO_LARGE', 413, {}, wire(optionsLines('Content-Length: 99999999999999999999'), 'four')],
  ['SIP_TOO_MANY_VIAS', 483, { maxVias: 3 }, wire(optionsLines('Via: SIP/2.0/UDP a, SIP/2.0/UDP b', 'v: SIP/2.0/UDP c, SIP/2.0/UDP d'))],
  ['SIP_TOO_MANY_ROUTES', 400, { maxRoutes: 2 }, wire(optionsLines('Route: <sip:a>,<sip:b>,<sip:c>'))],
])('%s answers %i', (code, status, limits, bytes) => {
  expect(failure(bytes, limits)).toMatchObject({ code, status, answerable: true });
});

test('a request line that is too long answers 414', () => {
  const bytes = wire(requestLines(`OPTIONS sip:${'x'.repeat(300)} SIP/2.0`));
  expect(failure(bytes, { maxLineBytes: 200 })).toMatchObject({ code: 'SIP_URI_TOO_LONG', status: 414, answerable: true });
});

test('a faulty line takes nothing from the lines around it: the request can be answered wherever it stands', () => {
  const lines = optionsLines();
  for (let i = 1; i <= lines.length; i++) {
    for (const faulty of ['no colon', 'X: a\nb', 'X: a\rb\r', `X: ${'x'.repeat(300)}`, 'bad\n']) {
      const result = parse(wire([...lines.slice(0, i), faulty, ...lines.slice(i)]), { maxLineBytes: 250 });
      expect(result).toMatchObject({
        ok: false,
        error: { status: 400 },
        request: { method: 'OPTIONS', cseq: { number: 63104 }, topVia: { host: '192.0.2.50' } },
      });
      if (!result.ok && result.request !== undefined)
        expect(SipResponse.refuse(result.request, result.error).toString()).toContain('To: <sip:bob@example.com>;tag=');
    }
  }
});

test('what is exactly at a limit passes', () => {
  const lines = optionsLines('Content-Length: 4', `Subject: ${'x'.repeat(191)}`);
  const bytes = wire(lines, 'four');
  const limits = {
    maxMessageBytes: bytes.length,
    maxHeadBytes: bytes.length - 4,
    maxHeaders: lines.length - 1,
    maxLineBytes: 200,
    maxBodyBytes: 4,
    maxVias: 1,
    maxRoutes: 0,
  };
  expect(parse(bytes, limits).ok).toBe(true);
});

test.each([
  ['SIP_EMPTY_MESSAGE', ''],
  ['SIP_EMPTY_MESSAGE', '\r\n\r\n'],
  ['SIP_NOT_SIP', '\0\x01\0\x08binary\r\n\r\n'],
  ['SIP_NOT_SIP', 'GET / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['SIP_NOT_SIP', 'OPTIONS\r\n\r\n'],
  ['SIP_NOT_SIP', 'OPTIONS sip:x\r\n\r\n'],
  ['SIP_NOT_SIP', ' OPTIONS sip:x SIP/2.0\r\n\r\n'],
  ['SIP_STATUS_LINE', 'SIP/2.0\r\n\r\n'],
  ['SIP_STATUS_LINE', 'SIP/2.0 2x0 OK\r\n\r\n'],
  ['SIP_STATUS_LINE', 'SIP/2.0 200OK\r\n\r\n'],
])('%s cannot be answered: %j', (code, text) => {
  expect(failure(Buffer.from(text, 'latin1'))).toMatchObject({ code, answerable: false });
});

test.each([
  ['SIP_HEADER_LINE', 'no colon here', "line 3 is not a header field: 'no colon here'"],
  ['SIP_HEADER_LINE', ': no name', 'line 3'],
  ['SIP_HEADER_LINE', 'two words: x', 'line 3'],
  ['SIP_HEADER_LINE', 'n\xe4me: x', 'line 3'],
  ['SIP_LINE_END', 'X: a\nY: b', 'line 3'],
  ['SIP_LINE_END', 'X: a\rY: b', 'line 3'],
  ['SIP_LINE_END', 'X: a\r\r\nY: b', 'line 3'],
])('%s: %j', (code, line, message) => {
  const lines = optionsLines();
  const found = failure(wire([...lines.slice(0, 2), line, ...lines.slice(2)]));
  expect(found).toMatchObject({ code, status: 400, answerable: true });
  expect(found.message).toContain(message);
});

test('a head that breaks off is told from one that is whole, wherever it breaks', () => {
  const bytes = wire(optionsLines());
  for (let length = 1; length < bytes.length; length++) {
    const result = parse(bytes.subarray(0, length));
    expect(result.ok).toBe(false);
    if (!result.ok) expect(['SIP_NOT_SIP', 'SIP_HEAD_UNTERMINATED']).toContain(result.error.code);
  }
  expect(parse(bytes).ok).toBe(true);
});

test('line breaks in front of a message are skipped', () => {
  expect(request(Buffer.concat([Buffer.from('\r\n\r\n\r\n'), wire(optionsLines('Content-Length: 2'), 'hi')])).body.toString()).toBe('hi');
});

test('a body is cut out of memory that is much larger, and is a view of memory that is not', () => {
  const bytes = wire(optionsLines('Content-Length: 4'), 'four');
  const slab = Buffer.allocUnsafeSlow(65_536);
  bytes.copy(slab, 1_000);
  const small = request(slab.subarray(1_000, 1_000 + bytes.length));
  expect(small.body.toString()).toBe('four');
  expect(small.body.buffer).not.toBe(slab.buffer);
  const own = Buffer.allocUnsafeSlow(bytes.length);
  bytes.copy(own);
  expect(request(own).body.buffer).toBe(own.buffer);
});

test('a response is read with its phrase', () => {
  const result = parse(wire(responseLines('SIP/2.0 183 Session  Progress ')));
  expect(result).toMatchObject({ ok: true, message: { status: 183, reason: 'Session  Progress ', isRequest: false } });
});

test('every error of this room has a code that says so, and a way out', () => {
  for (const code of Object.keys(SipErrors)) {
    expect(code).toMatch(/^SIP_[A-Z_]+$/);
    expect(declaredErrors().get(code)?.fix).toMatch(/\.$/);
  }
});
