import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { NameAddr, Params, SipUri, type Contacts } from '../../src/sip/index.ts';
import { optionsLines, request, wire } from './samples.ts';

test('an address comes apart into name, URI and parameters', () => {
  const address = NameAddr.parseStrict('"Alice \\"Al\\" Liddell" <sip:alice@example.com;user=phone>;tag=1928;epid=a1b2', 'From');
  expect(address.displayName).toBe('Alice "Al" Liddell');
  expect(address.uri.raw).toBe('sip:alice@example.com;user=phone');
  expect(address).toMatchObject({ tag: '1928', epid: 'a1b2' });
  expect(address.toString()).toBe('"Alice \\"Al\\" Liddell" <sip:alice@example.com;user=phone>;tag=1928;epid=a1b2');
});

test.each([
  ['<sip:a@b.example>', undefined, 'sip:a@b.example', ''],
  ['sip:a@b.example', undefined, 'sip:a@b.example', ''],
  ['A. G. Bell <sip:a@b.example>;tag=x', 'A. G. Bell', 'sip:a@b.example', ';tag=x'],
  ['caller<sip:a@b.example>', 'caller', 'sip:a@b.example', ''],
  ['""<sip:a@b.example>', '', 'sip:a@b.example', ''],
  ['"<sip:x@y.example>" <sip:a@b.example>', '<sip:x@y.example>', 'sip:a@b.example', ''],
  ["token1~` token2'+_ token3*%!.- <sip:a@b.example>", "token1~` token2'+_ token3*%!.-", 'sip:a@b.example', ''],
  ['J\xc3\xbcrgen <sip:a@b.example>', 'J\xc3\xbcrgen', 'sip:a@b.example', ''],
  ['sip:a@b.example;tag=1', undefined, 'sip:a@b.example', ';tag=1'],
  ['sip:a@b.example ;   tag    = 1', undefined, 'sip:a@b.example', ';tag=1'],
  ['<tel:+1201>;x="a;b,c"', undefined, 'tel:+1201', ';x="a;b,c"'],
  ['<http://www.example.com>;tag=3', undefined, 'http://www.example.com', ';tag=3'],
  ['sip:a@b.example;+sip.instance="<urn:uuid:0>"', undefined, 'sip:a@b.example', ';+sip.instance="<urn:uuid:0>"'],
  ['<sip:a@b.example?Replaces=x%40y>', undefined, 'sip:a@b.example?Replaces=x%40y', ''],
])('%s is read by the grammar', (text, name, uri, params) => {
  const address = NameAddr.parseStrict(text, 'To');
  expect(address.displayName).toBe(name);
  expect(address.uri.raw).toBe(uri);
  expect(address.params.toString()).toBe(params);
});

test.each([
  ['a quote that is never closed', '"Mr. J. User <sip:j.user@example.com>'],
  ['no < after the quoted name', '"Alice" sip:alice@example.com'],
  ['a name that needs quotes', 'Bell, Alexander <sip:a.g.bell@example.com>;tag=43'],
  ['no > after the URI', '<sip:alice@example.com'],
  ['no scheme', '< sip:t.watson@example.org >'],
  ['an empty or broken parameter', '"Joe" <sip:joe@example.org>;;;;'],
  ['an empty or broken parameter', '<sip:joe@example.org> x'],
  ['an empty or broken parameter', '<sip:joe@example.org>;a="x'],
  ['an empty or broken parameter', '<sip:joe@example.org>;a=x y'],
  ['a URI that needs angle brackets', 'sip:user@example.com?Route=%3Csip:sip.example.com%3E'],
  ['a URI that needs angle brackets', 'sip:a,b@example.com'],
  ['no scheme', ''],
  ['no scheme', '<>'],
  ['no scheme', '"A" <alice@example.com>'],
  ['no valid port', '<sip:a@b:c>'],
])('the grammar refuses %s: %s', (problem, text) => {
  try {
    NameAddr.parseStrict(text, 'To');
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({ code: 'SIP_HEADER_MALFORMED', status: 400, place: 'To' });
    expect((error as Error).message).toMatch(/^To is malformed: /);
    expect((error as Error).message).toContain(problem);
  }
});

test.each([
  ['Bell, Alexander <sip:a@b.example>;tag=43', 'Bell, Alexander', 'sip:a@b.example', ';tag=43'],
  ['  "Bob" < sip:bob@b.example > ;; tag = 1 ; ', 'Bob', 'sip:bob@b.example', ';tag=1'],
  ['sip:bob@b.example?x=y', undefined, 'sip:bob@b.example?x=y', ''],
  ['<sip:joe@b.example>;;;;', undefined, 'sip:joe@b.example', ''],
])('NameAddr.parse takes what people write: %s', (text, name, uri, params) => {
  const address = NameAddr.parse(text);
  expect(address.displayName).toBe(name);
  expect(address.uri.raw).toBe(uri);
  expect(address.params.toString()).toBe(params);
});

test.each(['', 'alice', '<sip:alice', '"Alice <sip:a@b.example>', 'sip:'])(
  'NameAddr.parse refuses with our error what is no address: %j',
  (text) => {
    expect(() => NameAddr.parse(text)).toThrow(ParleyError);
  },
);

test('an address can be made and changed without touching the old one', () => {
  const uri = SipUri.parse('sip:bob@example.com');
  const address = NameAddr.of(uri, 'Bob "B" \\ Co', Params.of([['tag', 'x']]));
  expect(address.toString()).toBe('"Bob \\"B\\" \\\\ Co" <sip:bob@example.com>;tag=x');
  expect(NameAddr.parseStrict(address.toString(), 'To').displayName).toBe('Bob "B" \\ Co');
  expect(address.withParam('epid', '0a').withParam('tag', undefined).toString()).toBe(
    '"Bob \\"B\\" \\\\ Co" <sip:bob@example.com>;epid=0a',
  );
  expect(address.withUri(SipUri.parse('sip:c@example.com')).toString()).toContain('<sip:c@example.com>;tag=x');
  expect(address.tag).toBe('x');
});

test.each([
  ['<sip:a@b.example>;q=0.7;expires=3600', 0.7, 3600],
  ['<sip:a@b.example>;q=1.000', 1, undefined],
  ['<sip:a@b.example>;q=1.1;expires=-1', undefined, undefined],
  ['<sip:a@b.example>;q=0.1234;expires=soon', undefined, undefined],
  ['<sip:a@b.example>;expires=280297596632815', undefined, undefined],
  ['<sip:a@b.example>;q;expires', undefined, undefined],
  ['<sip:a@b.example>;expires=4294967295', undefined, 4_294_967_295],
])('RFC 3261 10.2.1.1: q and expires of %s', (text, q, expires) => {
  const address = NameAddr.parseStrict(text, 'Contact');
  expect([address.q, address.expires]).toEqual([q, expires]);
});

test('contacts are a list over all fields, or a star', () => {
  const contacts = (...lines: string[]): Contacts =>
    request(wire([...optionsLines('Contact:'), ...lines.map((line) => `m: ${line}`)])).contacts;
  const list = contacts('"A, B" <sip:a@b.example>;q=0.5, sip:c@d.example', '<sip:e,f@g.example>');
  expect('list' in list && list.list.map(String)).toEqual(['"A, B" <sip:a@b.example>;q=0.5', '<sip:c@d.example>', '<sip:e,f@g.example>']);
  expect(contacts('*')).toEqual({ star: true });
  expect(contacts()).toEqual({ star: false, list: [] });
  expect(contacts('')).toEqual({ star: false, list: [] });
  expect(() => contacts('*', '<sip:a@b.example>')).toThrow(/\* beside other values/);
  expect(() => contacts('<sip:a@b.example>', '*')).toThrow(/\* beside other values/);
  expect(() => contacts('*, <sip:a@b.example>')).toThrow(/Contact is malformed/);
  expect(() => contacts('<sip:a@b.example>, nonsense')).toThrow(/Contact is malformed/);
});
