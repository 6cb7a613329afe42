import { expect, test } from 'vitest';
import { Via } from '../../src/sip/index.ts';

test('a Via comes apart, and rport is asked for until somebody fills it in', () => {
  const via = Via.parse('SIP/2.0/udp Pc33.Atlanta.com:5066;branch=z9hG4bK776;rport;ms-received-cid=2600');
  expect(via).toMatchObject({
    protocol: 'SIP/2.0',
    transport: 'UDP',
    host: 'pc33.atlanta.com',
    port: 5066,
    branch: 'z9hG4bK776',
    rport: 'asked',
  });
  expect(via.params.get('ms-received-cid')).toBe('2600');
  expect(via.withParam('rport', '4711').rport).toBe(4711);
  expect(via.withParam('rport', '4711').toString()).toBe(
    'SIP/2.0/UDP pc33.atlanta.com:5066;branch=z9hG4bK776;rport=4711;ms-received-cid=2600',
  );
});

test.each([
  ['SIP  /   2.0  /UDP     192.0.2.2;branch=390skdjuw', 'SIP/2.0', 'UDP', '192.0.2.2', undefined, '390skdjuw'],
  [
    'SIP / 2.0 / TCP     spindle.example.com   ;  branch  =   z9hG4bK9ikj8',
    'SIP/2.0',
    'TCP',
    'spindle.example.com',
    undefined,
    'z9hG4bK9ikj8',
  ],
  ['SIP/2.0/UNKNOWN t4.example.com : 5070 ;branch=z9hG4bKasd', 'SIP/2.0', 'UNKNOWN', 't4.example.com', 5070, 'z9hG4bKasd'],
  ['SIP/7.0/UDP c.example.com', 'SIP/7.0', 'UDP', 'c.example.com', undefined, undefined],
  ["SIP/2.0/TCP host1.example.com;branch=z9hG4bK-.!%66*_+`'~", 'SIP/2.0', 'TCP', 'host1.example.com', undefined, "z9hG4bK-.!%66*_+`'~"],
])('the grammar of Via: %s', (text, protocol, transport, host, port, branch) => {
  expect(Via.parse(text)).toMatchObject({ protocol, transport, host, port, branch });
});

test.each([
  ['no protocol', 'SIP/2.0'],
  ['no protocol', '/2.0/UDP host'],
  ['no protocol', ''],
  ['no transport', 'SIP/2.0/UDP'],
  ['no transport', 'SIP/2.0/ host'],
  ['no valid sent-by host', 'SIP/2.0/UDP ;branch=x'],
  ['no valid sent-by host', 'SIP/2.0/UDP [2001:db8::9:1'],
  ['no valid sent-by port', 'SIP/2.0/UDP host:;branch=x'],
  ['no valid sent-by port', 'SIP/2.0/UDP host:123456'],
  ['no valid sent-by port', 'SIP/2.0/UDP 2001:db8::1'],
  ['empty or broken parameter', 'SIP/2.0/UDP 192.0.2.15;;'],
  ['empty or broken parameter', 'SIP/2.0/UDP 192.0.2.15 branch=x'],
])('a Via with %s is refused: %j', (problem, text) => {
  expect(() => Via.parse(text)).toThrow(problem);
  expect(() => Via.parse(text)).toThrow(/^Via is malformed/);
});

test('RFC 5118 4.5: received is an address, in brackets or not', () => {
  expect(Via.parse('SIP/2.0/UDP [2001:db8::9:1];received=[2001:db8::9:255];branch=x').received).toBe('2001:db8::9:255');
  expect(Via.parse('SIP/2.0/UDP [2001:db8::9:1];received=2001:db8::9:255;branch=x').received).toBe('2001:db8::9:255');
  expect(Via.parse('SIP/2.0/UDP [2001:db8::9:1]').received).toBeUndefined();
});
