/** IP addresses and networks as configured. */
import { BlockList, isIP } from 'node:net';
import { DigestErrors } from './errors.ts';

const PREFIX_BITS = { 4: 32, 6: 128 } as const;

/** True for `192.0.2.7`, `192.0.2.0/24` and their IPv6 kind. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address) as 0 | 4 | 6;
  if (version === 0 || rest.length > 0) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= PREFIX_BITS[version]);
}

/**
 * A list that addresses can be looked up in.
 * @param path where the texts stand in the configuration, for DIGEST_NETWORK_MALFORMED
 */
export function networkList(texts: readonly string[], path: string): BlockList {
  const list = new BlockList();
  for (const text of texts) {
    if (!isNetwork(text)) throw DigestErrors.DIGEST_NETWORK_MALFORMED({ found: text, path });
    const [address = '', bits] = text.split('/');
    const version = isIP(address) as 4 | 6;
    list.addSubnet(address, bits === undefined ? PREFIX_BITS[version] : Number(bits), version === 4 ? 'ipv4' : 'ipv6');
  }
  return list;
}

/** Whether an IP literal is in the list. */
export function contains(list: BlockList, host: string): boolean {
  return list.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
