/** IP addresses and `host:port` texts. */
import { isIP, isIPv4 } from 'node:net';
import { networkInterfaces } from 'node:os';
import { TransportErrors } from './errors.ts';
import type { Address, TransportName } from './flow.ts';

/** Default ports: RFC 3261 section 19.1.2, RFC 7118 section 5.2.1. */
export const DEFAULT_PORTS: Readonly<Record<TransportName, number>> = { UDP: 5060, TCP: 5060, TLS: 5061, WS: 80, WSS: 443 };

const MAPPED = '::ffff:';

/** An IPv4 address that a dual-stack socket shows as IPv6 (`::ffff:192.0.2.1`) as IPv4; all else as it is, without a zone. */
export function plainAddress(host: string): string {
  if (host.startsWith(MAPPED) && isIPv4(host.slice(MAPPED.length))) return host.slice(MAPPED.length);
  const zone = host.indexOf('%');
  return zone < 0 ? host : host.slice(0, zone);
}

/** `192.0.2.1:5060`, `[2001:db8::1]:5060`. */
export function hostPort(host: string, port: number): string {
  return `${bracketed(host)}:${port}`;
}

/** An IPv6 literal in brackets, as URIs and Via want it. */
export function bracketed(host: string): string {
  return host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
}

export function withoutBrackets(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host;
}

export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Addresses of this machine that a socket bound to `host` answers on. */
export function boundAddresses(host: string): string[] {
  if (!isWildcard(host)) return [plainAddress(host)];
  const all = Object.values(networkInterfaces()).flatMap((i) => i ?? []);
  // A socket bound to :: takes IPv4 too.
  return all.filter((i) => host === '::' || i.family === 'IPv4').map((i) => plainAddress(i.address));
}

/** The address to tell peers when none is configured: of a wildcard the first that is neither loopback nor link-local. */
export function outsideAddress(host: string): string {
  const addresses = boundAddresses(host);
  return addresses.find((a) => !a.startsWith('127.') && a !== '::1' && !a.startsWith('fe80:')) ?? addresses[0] ?? host;
}

const ADVERTISED = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::(\d{1,5}))?$/;

/**
 * Reads `advertise`.
 * @returns host without brackets, and the port when there is one
 * @throws TRANSPORT_ADVERTISE
 */
export function readAdvertise(advertise: string): { host: string; port: number | undefined } {
  if (isIP(advertise) !== 0) return { host: advertise.toLowerCase(), port: undefined };
  const match = ADVERTISED.exec(advertise);
  const port = match?.[2] === undefined ? undefined : Number(match[2]);
  if (match === null || (port !== undefined && (port < 1 || port > 65_535))) throw TransportErrors.TRANSPORT_ADVERTISE({ advertise });
  return { host: withoutBrackets(match[1] as string).toLowerCase(), port };
}

/** What a listener is known by to peers. */
export function advertisedAddress(advertise: string | undefined, bound: Address): Address {
  if (advertise === undefined) return { host: bracketed(outsideAddress(bound.host)), port: bound.port };
  const { host, port } = readAdvertise(advertise);
  return { host: bracketed(host), port: port ?? bound.port };
}
