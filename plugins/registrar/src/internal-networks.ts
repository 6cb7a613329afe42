/** Which clients are inside the organisation: others are given external addresses of services. [MS-SIPRE] R17 */
import { BlockList, isIP } from 'node:net';

const PREFIX_BITS = { 4: 32, 6: 128 } as const;

/** True for `192.0.2.7`, `192.0.2.0/24` and their IPv6 kind. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address) as 0 | 4 | 6;
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= PREFIX_BITS[version]);
}

/** Tells of an IP literal whether it is inside; without networks everybody is. Texts are checked by the configuration's schema. */
export function insideTest(networks: readonly string[]): (host: string) => boolean {
  if (networks.length === 0) return () => true;
  const list = new BlockList();
  for (const text of networks) {
    const [address = '', bits] = text.split('/');
    const version = isIP(address) as 4 | 6;
    list.addSubnet(address, bits === undefined ? PREFIX_BITS[version] : Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return (host) => list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
