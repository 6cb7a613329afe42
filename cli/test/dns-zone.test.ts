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
  addresses: ['192.0.2.10', '2001:db8::10'],
} as const;

test('MS-CONMGMT 3.1: every name that a Communicator or Lync client asks for is in the zone', () => {
  const names = zoneRecords(INPUT).map((record) => `${record.type} ${record.name}`);
  for (const name of ['_sipinternaltls._tcp', '_sipinternal._tcp', '_sip._tls', '_sip._tcp'])
    expect(names).toContain(`SRV ${name}.example.com`);
  for (const name of ['sipinternal', 'sip', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'])
    expect(names).toContain(`A ${name}.example.com`);
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
