/** IP addresses and networks, as configured and as sockets report them. */
import { BlockList, isIP } from 'node:net';

const PREFIX_BITS = { 4: 32, 6: 128 } as const;
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/** True for `192.0.2.7`, `192.0.2.0/24` and their IPv6 kind. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address) as 0 | 4 | 6;
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= PREFIX_BITS[version]);
}

/** A list that addresses can be looked up in. @param texts for which {@link isNetwork} holds */
export function networkList(texts: readonly string[]): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    const [address = '', bits] = text.split('/');
    const version = isIP(address) as 4 | 6;
    list.addSubnet(address, bits === undefined ? PREFIX_BITS[version] : Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Whether an IP literal is in the list; nothing else is. */
export function contains(list: BlockList, host: string): boolean {
  return isIP(host) !== 0 && list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}

/** An IPv4 address that a dual-stack socket reports as IPv6, as IPv4. */
export function plainAddress(address: string | undefined): string {
  return MAPPED.exec(address ?? '')?.[1] ?? address ?? '';
}
