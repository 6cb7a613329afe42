/** Under which addresses others reach the server, as its listeners are bound. */
import { BlockList, isIP } from 'node:net';

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

/**
 * The addresses to publish, each once; none when only programs of this machine reach the listeners.
 * @param hosts what the listeners are bound to
 * @param own the addresses of this machine that others may reach
 */
export function publishedAddresses(hosts: readonly string[], own: readonly string[]): string[] {
  const reached = hosts.filter((host) => !isLoopback(host)).flatMap((host) => behind(host, own));
  return [...new Set(reached)];
}

/** There are listeners, and no other machine reaches any of them. */
export function isLoopbackOnly(hosts: readonly string[]): boolean {
  return hosts.length > 0 && hosts.every(isLoopback);
}

function behind(host: string, own: readonly string[]): readonly string[] {
  // A socket bound to :: takes IPv4 too.
  if (host === '::') return own;
  return host === '0.0.0.0' ? own.filter((address) => isIP(address) === 4) : [host];
}

function isLoopback(host: string): boolean {
  return loopback.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
