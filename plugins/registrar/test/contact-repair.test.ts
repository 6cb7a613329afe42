import { expect, test } from 'vitest';
import { H, Inbound, NameAddr, PASS, ParleyError } from '@parley/sdk';
import type { SipRequest, SipResponse } from '@parley/sdk';
import { testFlow, testRequest, testResponse } from '@parley/sdk/testkit';
import { contactRepair, repairContact } from '../src/contact-repair.ts';

const SEEN = { transport: 'TLS', host: '192.0.2.50', port: 50123, id: 0x2600 };

function repaired(contact: string, seen = SEEN, firstHop = true): string {
  const result = repairContact(NameAddr.parse(contact), seen, firstHop);
  return result instanceof ParleyError ? `${result.status}` : result.toString();
}

test('MS-SIPRE R5: proxy=replace gives the address that the client is seen at', () => {
  expect(repaired('<sip:10.0.0.5:4000;transport=tls;ms-opaque=fad3dfab32>;proxy=replace;+sip.instance="<urn:uuid:x>"')).toBe(
    '<sip:192.0.2.50:50123;transport=tls;ms-opaque=fad3dfab32;ms-received-cid=2600>;+sip.instance="<urn:uuid:x>"',
  );
  expect(repaired('<sip:alice@10.0.0.5>;Proxy=REPLACE')).toBe('<sip:alice@192.0.2.50:50123;ms-received-cid=2600>');
});

test('MS-SIPRE R5: with maddr that is what is replaced', () => {
  expect(repaired('<sip:alice@example.com:5061;maddr=10.0.0.5;transport=tls>;proxy=replace')).toBe(
    '<sip:alice@example.com:50123;maddr=192.0.2.50;transport=tls;ms-received-cid=2600>',
  );
});

test('an IPv6 address gets its brackets, and a datagram no connection id', () => {
  expect(repaired('<sip:alice@10.0.0.5>;proxy=replace', { transport: 'UDP', host: '2001:db8::5', port: 5060, id: 0 })).toBe(
    '<sip:alice@[2001:db8::5]:5060>',
  );
});

test('MS-SIPRE R5: not the first hop, another value, another transport: 400', () => {
  expect(repaired('<sip:10.0.0.5>;proxy=replace', SEEN, false)).toBe('400');
  expect(repaired('<sip:10.0.0.5>;proxy=other')).toBe('400');
  expect(repaired('<sip:10.0.0.5>;proxy')).toBe('400');
  expect(repaired('<sip:10.0.0.5;transport=tcp>;proxy=replace')).toBe('400');
  expect(repaired('<tel:+1425>;proxy=replace')).toBe('400');
});

test('a Contact that does not ask is left as it is', () => {
  expect(repaired('"A" <sip:alice@10.0.0.5;transport=tcp>;q=0.5')).toBe('"A" <sip:alice@10.0.0.5;transport=tcp>;q=0.5');
});

function check(message: SipRequest | SipResponse, trusted = false): unknown {
  return contactRepair.check(new Inbound(message as SipRequest, testFlow({ ...SEEN, transport: 'TLS', remote: SEEN, trusted })));
}

const aRegister = (...lines: readonly string[]): SipRequest => testRequest(['REGISTER sip:example.com SIP/2.0', ...lines]);

test('the gate repairs a request in place and touches no other', () => {
  const request = aRegister('Contact: <sip:10.0.0.5:4000;transport=tls>;proxy=replace, <sip:bob@10.0.0.6>');
  expect(check(request)).toBe(PASS);
  expect(request.first(H.Contact)).toBe('<sip:192.0.2.50:50123;transport=tls;ms-received-cid=2600>, <sip:bob@10.0.0.6>');
  const other = aRegister('Contact:  <sip:proxy@10.0.0.5;proxy-x=1>');
  const bytes = other.toString();
  expect(check(other)).toBe(PASS);
  expect(other.toString()).toBe(bytes);
  expect(check(aRegister('Contact: *'))).toBe(PASS);
  expect(check(aRegister())).toBe(PASS);
});

test('RFC 4475 3.1.1.4: an escaped NUL in a Contact that is repaired stays', () => {
  const request = aRegister('Contact: "NUL:\\\0" <sip:10.0.0.5:4000;transport=tls>;proxy=replace');
  expect(check(request)).toBe(PASS);
  expect(request.first(H.Contact)).toBe('"NUL:\\\0" <sip:192.0.2.50:50123;transport=tls;ms-received-cid=2600>');
});

test('the gate answers a bad request 400 and drops a bad response', () => {
  const two = 'Via: SIP/2.0/TLS edge;branch=z9hG4bK1, SIP/2.0/TLS 192.0.2.50;branch=z9hG4bK2';
  expect(check(aRegister(two, 'Contact: <sip:10.0.0.5>;proxy=replace'))).toMatchObject({ respond: 400 });
  const response = (proxy: string): SipResponse => testResponse(['SIP/2.0 200 OK', two, `Contact: <sip:10.0.0.5>;proxy=${proxy}`]);
  expect(check(response('other'))).toHaveProperty('drop');
  const good = response('replace');
  expect(check(good)).toBe(PASS);
  expect(good.first(H.Contact)).toBe('<sip:192.0.2.50:50123;ms-received-cid=2600>');
  expect(check(response('replace'), true)).toHaveProperty('drop');
});
