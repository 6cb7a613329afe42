import { expect, test } from 'vitest';
import { zoneRecords, zoneText } from '../src/dns-zone.ts';

const INPUT = {
  domains: ['example.com'],
  fqdn: 'uc.example.com',
  listeners: [
    { transport: 'udp', port: 5060 },
    { transport: 'tcp', port: 5060 },
    { transport: 'tls', port: 5061 },
  ],
  web: { hosts: ['uc.example.com', 'ucext.example.com'], autodiscover: true },
  addresses: ['192.0.2.10', '2001:db8::10'],
} as const;

test('MS-CONMGMT 3.1: every name that a Communicator or Lync client asks for is in the zone', () => {
  const names = zoneRecords(INPUT).map((record) => `${record.type} ${record.name}`);
  for (const name of ['_sipinternaltls._tcp', '_sipinternal._tcp', '_sip._tls', '_sip._tcp'])
    expect(names).toContain(`SRV ${name}.example.com`);
  for (const name of ['sipinternal', 'sip', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'])
    expect(names).toContain(`A ${name}.example.com`);
});

test('a domain that the server is not named in gets a target of its own, which strict clients take', () => {
  const records = zoneRecords({ ...INPUT, domains: ['example.com', 'example.net'] });
  const value = (name: string): string | undefined => records.find((record) => record.name === name)?.value;
  expect(value('_sipinternaltls._tcp.example.com')).toBe('0 0 5061 uc.example.com.');
  expect(value('_sipinternaltls._tcp.example.net')).toBe('0 0 5061 sip.example.net.');
  expect(value('_sip._tls.example.net')).toBe('0 0 5061 sip.example.net.');
  // Other SIP software has no such rule.
  expect(value('_sips._tcp.example.net')).toBe('0 0 5061 uc.example.com.');
});

test('MS-OCDISCWS 2: names of web services are published where there are such services', () => {
  const names = (web: Parameters<typeof zoneRecords>[0]['web']): string[] =>
    zoneRecords({ ...INPUT, web }).flatMap(({ type, name }) => (type === 'A' ? [name] : []));
  expect(names(INPUT.web)).toEqual(expect.arrayContaining(['ucext.example.com', 'lyncdiscover.example.com']));
  expect(names({ hosts: ['192.0.2.10', '[2001:db8::10]'], autodiscover: false })).toEqual(names(undefined));
  expect(names(undefined).filter((name) => name.startsWith('lync'))).toEqual([]);
});

test('RFC 3263: NAPTR prefers TLS to TCP to UDP, and each has its SRV record', () => {
  const records = zoneRecords(INPUT);
  expect(records.filter((record) => record.type === 'NAPTR').map((record) => record.value)).toEqual([
    '10 50 "s" "SIPS+D2T" "" _sips._tcp.example.com.',
    '20 50 "s" "SIP+D2T" "" _sip._tcp.example.com.',
    '30 50 "s" "SIP+D2U" "" _sip._udp.example.com.',
  ]);
  expect(records.find((record) => record.name === '_sips._tcp.example.com')?.value).toBe('0 0 5061 uc.example.com.');
});

test('a server without a TLS listener publishes no TLS records', () => {
  const records = zoneRecords({ ...INPUT, listeners: [{ transport: 'udp', port: 5060 }] });
  expect(records.some((record) => record.name.includes('tls'))).toBe(false);
});

test('the zone fragment is lines that a name server reads', () => {
  expect(zoneText(zoneRecords(INPUT)).filter((line) => !line.startsWith(';'))).toSatisfy((lines: string[]) =>
    lines.every((line) => /^[a-z0-9._-]+\. +3600 IN (NAPTR|SRV|A|AAAA) +\S/.test(line)),
  );
});
