import { expect, test } from 'vitest';
import { H, headerId, headerName } from '../../src/sip/index.ts';
import { headerIdOf } from '../../src/sip/header-lookup.ts';

test('every header is found by its usual spelling in any case, from text and from bytes', () => {
  for (const id of Object.values(H)) {
    const name = headerName(id);
    expect(name).not.toBe('');
    for (const spelling of [name, name.toLowerCase(), name.toUpperCase()]) {
      const bytes = Buffer.from(`${spelling}:`);
      expect([spelling, headerId(spelling), headerIdOf(bytes, 0, spelling.length)]).toEqual([spelling, id, id]);
    }
  }
});

test('numbers and spellings are unique', () => {
  expect(new Set(Object.values(H)).size).toBe(Object.keys(H).length);
  expect(new Set(Object.values(H).map((id) => headerName(id).toLowerCase())).size).toBe(Object.keys(H).length);
});

test.each([
  ['v', 'Via'],
  ['f', 'From'],
  ['t', 'To'],
  ['i', 'Call-ID'],
  ['m', 'Contact'],
  ['l', 'Content-Length'],
  ['c', 'Content-Type'],
  ['e', 'Content-Encoding'],
  ['s', 'Subject'],
  ['k', 'Supported'],
  ['o', 'Event'],
  ['u', 'Allow-Events'],
  ['r', 'Refer-To'],
  ['b', 'Referred-By'],
  ['x', 'Session-Expires'],
  ['a', 'Accept-Contact'],
  ['j', 'Reject-Contact'],
  ['d', 'Request-Disposition'],
  ['y', 'Identity'],
  ['n', 'Identity-Info'],
])('the compact form %s is %s', (letter, name) => {
  expect(headerName(headerId(letter))).toBe(name);
  expect(headerId(letter.toUpperCase())).toBe(headerId(name));
  expect(headerIdOf(Buffer.from(letter.toUpperCase()), 0, 1)).toBe(headerId(name));
});

test.each(['X-Unknown', 'Vi', 'Viaa', 'z', 'Call_ID', 'C%6Fntact', ''])('%j is none of ours', (name) => {
  expect(headerId(name)).toBe(0);
  if (name !== '') expect(headerIdOf(Buffer.from(name), 0, name.length)).toBe(0);
});

test.each([
  ['CallId', 'Call-ID'],
  ['WWWAuthenticate', 'WWW-Authenticate'],
  ['PAssertedIdentity', 'P-Asserted-Identity'],
  ['SipIfMatch', 'SIP-If-Match'],
  ['MinSE', 'Min-SE'],
  ['MSDiagnostics', 'ms-diagnostics'],
  ['MSSender', 'Ms-Sender'],
  ['MSTargetClass', 'ms-target-class'],
] as const)('%s is spelled %s', (key, name) => {
  expect(headerName(H[key])).toBe(name);
});
