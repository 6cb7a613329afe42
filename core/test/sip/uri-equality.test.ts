import { expect, test } from 'vitest';
import { SipUri } from '../../src/sip/index.ts';

function equal(a: string, b: string): boolean {
  const [first, second] = [SipUri.parse(a), SipUri.parse(b)];
  const result = first.equals(second);
  expect(second.equals(first)).toBe(result);
  return result;
}

test.each([
  ['sip:%61lice@atlanta.com;transport=TCP', 'sip:alice@AtlanTa.CoM;Transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;newparam=5'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com;security=on'],
  ['sip:carol@chicago.com;newparam=5', 'sip:carol@chicago.com;security=on'],
  [
    'sip:biloxi.com;transport=tcp;method=REGISTER?to=sip:bob%40biloxi.com',
    'sip:biloxi.com;method=REGISTER;transport=tcp?to=sip:bob%40biloxi.com',
  ],
  ['sip:alice@atlanta.com?subject=project%20x&priority=urgent', 'sip:alice@atlanta.com?priority=urgent&subject=project%20x'],
])('RFC 3261 19.1.4: %s is the same as %s', (a, b) => {
  expect(equal(a, b)).toBe(true);
});

test.each([
  ['SIP:ALICE@AtlanTa.CoM;Transport=udp', 'sip:alice@AtlanTa.CoM;Transport=UDP'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:5060'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com;transport=udp'],
  ['sip:bob@biloxi.com', 'sip:bob@biloxi.com:6000;transport=tcp'],
  ['sip:carol@chicago.com', 'sip:carol@chicago.com?Subject=next%20meeting'],
  ['sip:bob@phone21.boxesbybob.com', 'sip:bob@192.0.2.4'],
])('RFC 3261 19.1.4: %s is not the same as %s', (a, b) => {
  expect(equal(a, b)).toBe(false);
});

test('RFC 3261 19.1.4: equality is not transitive', () => {
  expect(equal('sip:carol@chicago.com', 'sip:carol@chicago.com;security=on')).toBe(true);
  expect(equal('sip:carol@chicago.com', 'sip:carol@chicago.com;security=off')).toBe(true);
  expect(equal('sip:carol@chicago.com;security=on', 'sip:carol@chicago.com;security=off')).toBe(false);
});

test.each(['user=phone', 'ttl=1', 'method=INVITE', 'maddr=192.0.2.1'])(
  'RFC 3261 19.1.4: %s in only one of two URIs makes them different',
  (param) => {
    expect(equal('sip:bob@biloxi.com', `sip:bob@biloxi.com;${param}`)).toBe(false);
    expect(equal(`sip:bob@biloxi.com;${param}`, `sip:bob@biloxi.com;${param.toUpperCase()}`)).toBe(true);
  },
);

test.each([
  ['sip:bob@biloxi.com', 'sips:bob@biloxi.com'],
  ['sip:bob@biloxi.com', 'sip:biloxi.com'],
  ['sip:bob:a@biloxi.com', 'sip:bob:b@biloxi.com'],
  ['sip:bob@biloxi.com', 'sip:bob:@biloxi.com'],
  ['sip:a;b@biloxi.com', 'sip:a%3Bb@biloxi.com'],
  ['sip:a%2525@biloxi.com', 'sip:a%25@biloxi.com'],
])('what is reserved is not the same as its escape: %s and %s', (a, b) => {
  expect(equal(a, b)).toBe(false);
});

test('escapes are equal whatever their case', () => {
  expect(equal('sip:j%c3%bc@biloxi.com', 'sip:j%C3%BC@biloxi.com')).toBe(true);
  expect(equal('sip:a%3bb@biloxi.com', 'sip:a%3Bb@biloxi.com')).toBe(true);
});

test('RFC 5954: one IPv6 address in two spellings is one host', () => {
  expect(equal('sip:bob@[2001:db8::9:1]', 'sip:bob@[2001:db8::9:01]')).toBe(true);
  expect(equal('sip:bob@[2001:DB8:0:0:0:0:9:1]', 'sip:bob@[2001:db8::9:1]')).toBe(true);
  expect(equal('sip:bob@[2001:db8::9:1]', 'sip:bob@[2001:db8::9:2]')).toBe(false);
  expect(equal('sip:bob@[::ffff:192.0.2.1]', 'sip:bob@[::ffff:c000:201]')).toBe(true);
});

test.each([
  ['tel:+1-201-555-0123', 'tel:+12015550123', true],
  ['tel:+1-201-555-0123', 'tel:+12015550124', false],
  ['tel:7042;phone-context=example.com', 'TEL:7042;Phone-Context=EXAMPLE.com', true],
  ['tel:7042;phone-context=+1-201', 'tel:7042;phone-context=+1201', true],
  ['tel:7042;phone-context=example.com', 'tel:7042;phone-context=example.net', false],
  ['tel:+1201;ext=5', 'tel:+1201', false],
  ['tel:+1201;a=1;b=2', 'tel:+1201;b=2;a=1', true],
  ['tel:+1201', 'sip:+1201@example.com', false],
])('RFC 3966 5: %s and %s: %s', (a, b, same) => {
  expect(equal(a, b)).toBe(same);
});

test('an unknown scheme is compared byte for byte after the scheme', () => {
  expect(equal('URN:service:sos', 'urn:service:sos')).toBe(true);
  expect(equal('urn:service:sos', 'urn:service:SOS')).toBe(false);
});
