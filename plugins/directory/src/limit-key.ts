/** Addresses as limits count them. */
import { isIP } from 'node:net';

/** An IPv6 customer has a /64 at least: its lower half is free to choose for whoever tries passwords. */
const IPV6_NETWORK_GROUPS = 4;

/** The key that attempts from an address are counted under: itself, or the /64 of an IPv6 address. */
export function limitKey(host: string): string {
  if (isIP(host) !== 6) return host;
  const [head = '', tail] = host.replace(/%.*$/, '').split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? 0 : 8 - front.length - back.length;
  return [...front, ...Array.from({ length: zeros }, () => '0'), ...back].slice(0, IPV6_NETWORK_GROUPS).join(':');
}
