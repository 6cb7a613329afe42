/** Hosts in URIs and Via: names, IPv4 addresses, IPv6 references in brackets. RFC 3261 section 25.1, RFC 5118. */
import { isIPv6 } from 'node:net';
import { HOST, isAt, lowerCase, parseDigits, skipClass } from './characters.ts';

const MAX_PORT = 65_535;

/** Implementations of RFC 3261's own grammar write three colons before an embedded IPv4 address. RFC 5118 section 4.10: read it as two. */
const THREE_COLONS = /:::(?=\d+\.\d+\.\d+\.\d+\]$)/;

/** The position after the host that begins at `start`, or -1. What stands in brackets is an IPv6 address and nothing else. */
export function skipHost(text: string, start: number, end: number): number {
  if (isAt(0x5b, text, start, end)) {
    const close = text.indexOf(']', start);
    return close > 0 && close < end && isAddress(hostText(text, start, close + 1).slice(1, -1)) ? close + 1 : -1;
  }
  const at = skipClass(HOST, text, start, end);
  return at > start ? at : -1;
}

/** An interface (`%eth0`) means nothing to anybody but the host that it is on. */
function isAddress(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

/** A host as we keep it: lower case, IPv6 in its brackets. */
export function hostText(text: string, start: number, end: number): string {
  const host = lowerCase(text, start, end);
  return isAt(0x5b, text, start, end) ? host.replace(THREE_COLONS, '::') : host;
}

/** The port that the digits write, or -1. */
export function parsePort(text: string, start: number, end: number): number {
  const port = parseDigits(text, start, end);
  return port <= MAX_PORT ? port : -1;
}
