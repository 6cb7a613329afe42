import { expect, test } from 'vitest';
import { SipUri } from '../../src/sip/index.ts';
import { optionsLines, request, requestLines, verdict, wire } from './samples.ts';

/** RFC 5118's rules on messages of our own. */
const VIA = 'Via: SIP/2.0/UDP [2001:db8::9:1];branch=z9hG4bKas3-111';

test('RFC 5118 4.1: IPv6 references stand in Request-URI, Via and Contact', () => {
  const message = request(
    wire(requestLines('OPTIONS sip:[2001:db8::10] SIP/2.0', VIA, 'Contact: "Caller" <sip:caller@[2001:db8::1]>;expires=3600')),
  );
  expect(message.requestUri).toMatchObject({ host: '[2001:db8::10]', port: undefined, user: undefined });
  expect(message.topVia).toMatchObject({ host: '[2001:db8::9:1]', port: undefined });
  expect(verdict(message.serialize())).toBe('sound');
});

test('RFC 5118 4.2: an IPv6 address without brackets is 400', () => {
  expect(verdict(wire(requestLines('OPTIONS sip:2001:db8::10 SIP/2.0', VIA)))).toMatchObject({ status: 400 });
});

test('RFC 5118 4.3: all that is in the brackets is address', () => {
  expect(SipUri.parse('sip:[2001:db8::10:5070]')).toMatchObject({ host: '[2001:db8::10:5070]', port: undefined });
  expect(verdict(wire(requestLines('OPTIONS sip:[2001:db8::10:5070] SIP/2.0', VIA)))).toBe('sound');
});

test('RFC 5118 4.4: what follows the brackets is port', () => {
  expect(SipUri.parse('sip:[2001:db8::10]:5070')).toMatchObject({ host: '[2001:db8::10]', port: 5070 });
});

test('RFC 5118 4.5: both ways of writing received are sound', () => {
  for (const received of ['[2001:db8::9:255]', '2001:db8::9:255']) {
    const bytes = wire(optionsLines(`Via: SIP/2.0/UDP [2001:db8::9:1];received=${received};branch=z9hG4bKas3-111`));
    expect(verdict(bytes)).toBe('sound');
    expect(request(bytes).topVia.received).toBe('2001:db8::9:255');
  }
});

test('RFC 5118 4.7: IPv4 and IPv6 stand beside each other', () => {
  const message = request(
    wire(optionsLines(`${VIA}, SIP/2.0/UDP 192.0.2.1;branch=z9hG4bKjhja8781hjuaij65144`, 'Contact: <sip:caller@[2001:db8::9:1]>')),
  );
  expect(message.list('Via')).toHaveLength(2);
  expect(message.topVia.host).toBe('[2001:db8::9:1]');
});

test('RFC 5118 4.9: IPv4 mapped into IPv6', () => {
  const bytes = wire(
    optionsLines('Via: SIP/2.0/UDP [::ffff:192.0.2.10]:19823;branch=z9hG4bKbh19', 'Contact: "T. desk phone" <sip:ted@[::ffff:192.0.2.2]>'),
  );
  expect(verdict(bytes)).toBe('sound');
  expect(request(bytes).topVia).toMatchObject({ host: '[::ffff:192.0.2.10]', port: 19823 });
});

test('RFC 5118 4.10: three colons before an IPv4 address are read as two, written as they came, and wrong anywhere else', () => {
  const message = request(wire(requestLines('OPTIONS sip:user@[2001:db8:::192.0.2.1] SIP/2.0')));
  expect(verdict(message.serialize())).toBe('sound');
  expect(message.requestUri.host).toBe('[2001:db8::192.0.2.1]');
  expect(message.toString()).toContain('sip:user@[2001:db8:::192.0.2.1] ');
  expect(message.requestUri.equals(SipUri.parse('sip:user@[2001:db8::192.0.2.1]'))).toBe(true);
  for (const host of ['[2001:db8:::10]', '[2001:db8::::192.0.2.1]', '[2001:db8::1:::192.0.2.1]'])
    expect(() => SipUri.parse(`sip:${host}`)).toThrow(/no valid host/);
});
