import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { Params, SipUri } from '../../src/sip/index.ts';

test('a sip URI comes apart into its parts', () => {
  const uri = SipUri.parse('sip:alice:secret@Example.COM:5062;transport=tcp;lr?Subject=hi&Priority=urgent');
  expect(uri).toMatchObject({
    scheme: 'sip',
    user: 'alice',
    password: 'secret',
    host: 'example.com',
    port: 5062,
    headers: 'Subject=hi&Priority=urgent',
  });
  expect([...uri.params.entries()]).toEqual([
    ['transport', 'tcp'],
    ['lr', true],
  ]);
  expect(uri.userAtHost).toBe('alice@example.com');
  expect(uri.isSip).toBe(true);
});

test('a URI is written as it was read, whatever its case and escapes', () => {
  const text = 'SIPS:%61lice@EXAMPLE.com;Transport=TCP;%6C%72';
  expect(SipUri.parse(text).toString()).toBe(text);
  expect(SipUri.parse(`  ${text} `).raw).toBe(text);
});

test.each([
  ['sip:example.com', undefined, 'example.com', undefined],
  ['sips:bob@[2001:db8::10]:5061', 'bob', '[2001:db8::10]', 5061],
  ['sip:+1-212-555-1212:1234@gateway.com;user=phone', '+1-212-555-1212', 'gateway.com', undefined],
  ['sip:atlanta.com;method=REGISTER?to=alice%40atlanta.com', undefined, 'atlanta.com', undefined],
  ['sip:alice;day=tuesday@atlanta.com', 'alice;day=tuesday', 'atlanta.com', undefined],
  ['sip:sips%3Auser%40example.com@example.net', 'sips%3Auser%40example.com', 'example.net', undefined],
  ["sip:1_odd.URI~(to-be!sure)&isn't+it$/so?,/;;*@example.com", "1_odd.URI~(to-be!sure)&isn't+it$/so?,/;;*", 'example.com', undefined],
  ['sip:host_name.example', undefined, 'host_name.example', undefined],
])('RFC 3261 19.1: %s is taken apart at the right places', (text, user, host, port) => {
  expect(SipUri.parse(text)).toMatchObject({ user, host, port });
});

test.each([
  ['no scheme', 'alice@example.com'],
  ['no scheme', '<sip:alice@example.com>'],
  ['no scheme', ''],
  ['no scheme', ':5060'],
  ['no valid user', 'sip:@example.com'],
  ['no valid user', 'sip:a b@example.com'],
  ['no valid host', 'sip:'],
  ['no valid host', 'sip:alice@'],
  ['no valid host', 'sip:alice@bob@example.com'],
  ['no valid host', 'sip:alice@exa mple.com'],
  ['no valid host', 'sip:alice@[2001:db8::10'],
  ['no valid host', 'sip:alice@[fe80::1%eth0]'],
  ['no valid host', 'sip:alice@[example.com]'],
  ['no valid host', 'sip:[]'],
  ['no valid port', 'sip:alice@example.com:'],
  ['no valid port', 'sip:alice@example.com:65536'],
  ['no valid port', 'sip:alice@example.com:50x'],
  ['no valid port', 'sip:2001:db8::10'],
  ['empty or broken parameter', 'sip:alice@example.com;;lr'],
  ['empty or broken parameter', 'sip:alice@example.com;a=b c'],
  ['no telephone number', 'tel:alice'],
  ['no telephone number', 'tel:'],
  ['after the scheme', 'im:'],
  ['after the scheme', 'urn:a b'],
])('a URI with %s is refused, and the error shows it: %j', (problem, text) => {
  try {
    SipUri.parse(text);
    expect.unreachable();
  } catch (error) {
    expect(error).toBeInstanceOf(ParleyError);
    expect(error).toMatchObject({ code: 'SIP_URI_MALFORMED', status: 400 });
    expect((error as Error).message).toContain(problem);
    if (text !== '') expect((error as Error).message).toContain(text);
  }
});

test('RFC 3966: a tel URI has a number and parameters, and is keyed by its digits', () => {
  const uri = SipUri.parse('tel:+1-201-555-(01).23;ext=77;phone-context=example.com');
  expect(uri).toMatchObject({ scheme: 'tel', user: '+1-201-555-(01).23', host: '', isSip: false, userAtHost: '+12015550123' });
  expect(uri.params.get('EXT')).toBe('77');
});

test.each([
  'soap.beep://192.0.2.103:3002',
  'isbn:2983792873',
  'urn:service:sos',
  'http://www.example.com/a;b?c',
  'nobodyKnows:opaque@content;x',
])('a scheme that is not ours is kept opaque: %s', (text) => {
  const uri = SipUri.parse(text);
  expect(uri).toMatchObject({ scheme: text.slice(0, text.indexOf(':')).toLowerCase(), host: '', raw: text, isSip: false });
  expect(uri.user).toBe(text.slice(text.indexOf(':') + 1));
  expect(uri.params.size).toBe(0);
});

test('userAtHost resolves escapes, keeps the case of the user and leaves password and port out', () => {
  expect(SipUri.parse('sip:%61%6cICE:pw@Example.com:5099;x=y').userAtHost).toBe('alICE@example.com');
  expect(SipUri.parse('sip:null-%00-null@example.com').userAtHost).toBe('null-\0-null@example.com');
  expect(SipUri.parse('sip:j%C3%BCrgen@example.com').unescapedUser).toBe('j\xc3\xbcrgen');
  expect(SipUri.parse('sip:Example.COM').userAtHost).toBe('example.com');
  expect(SipUri.parse('im:alice%40example.com').userAtHost).toBe('alice@example.com');
});

test('RFC 4475 3.1.1.3: an escaped parameter name is the parameter it spells', () => {
  const uri = SipUri.parse('sip:host5.example.net;%6C%72;n%61me=v%61lue%25%34%31');
  expect(uri.params.has('lr')).toBe(true);
  expect(uri.params.get('name')).toBe('v%61lue%25%34%31');
});

test('with() changes parts and leaves the others', () => {
  const uri = SipUri.parse('sip:alice@example.com:5060;transport=tcp?x=y');
  expect(uri.with({ port: undefined, headers: undefined }).raw).toBe('sip:alice@example.com;transport=tcp');
  expect(uri.with({ scheme: 'sips', user: 'bob' }).raw).toBe('sips:bob@example.com:5060;transport=tcp?x=y');
  expect(uri.with({ params: uri.params.without('transport').with('lr', true) }).raw).toBe('sip:alice@example.com:5060;lr?x=y');
  expect(uri.with({ user: undefined, host: '[2001:db8::1]' }).raw).toBe('sip:[2001:db8::1]:5060;transport=tcp?x=y');
  expect(SipUri.parse('tel:+1201').with({ user: '+1202', params: Params.of([['ext', '5']]) }).raw).toBe('tel:+1202;ext=5');
  expect(() => uri.with({ host: 'not a host' })).toThrow(ParleyError);
});
