/** When two URIs are the same. RFC 3261 section 19.1.4, RFC 3966 section 5. */
import type { Params, ParamValue } from './params.ts';
import { withoutSeparators, type SipUri } from './uri.ts';

/** In only one of two URIs, these make them different; `transport` is in the RFC's examples, not in its text. */
const NEVER_IGNORED = ['user', 'ttl', 'method', 'maddr', 'transport'];

/** Characters that are not the same as their `%HH` form. */
const RESERVED = ';/?:@&=+$,';

/** True when the two are equivalent; not transitive, as the RFC says itself. */
export function sameUri(a: SipUri, b: SipUri): boolean {
  if (a === b || a.raw === b.raw) return true;
  if (a.scheme !== b.scheme) return false;
  if (a.scheme === 'tel') return sameTel(a, b);
  if (!a.isSip) return a.user === b.user;
  return (
    same(a.user, b.user) &&
    same(a.password, b.password) &&
    sameHost(a.host, b.host) &&
    a.port === b.port &&
    sameParams(a.params, b.params) &&
    sameHeaders(a.headers, b.headers)
  );
}

function same(a: string | undefined, b: string | undefined): boolean {
  return a === b || (a !== undefined && b !== undefined && normalise(a) === normalise(b));
}

/** Escapes of unreserved characters resolved, the others in upper case. */
function normalise(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([0-9A-Fa-f]{2})/g, (escape, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return RESERVED.includes(character) || character === '%' ? escape.toUpperCase() : character;
  });
}

function fold(text: ParamValue): string {
  return text === true ? '' : normalise(text).toLowerCase();
}

/** Two spellings of one IPv6 address are one host. */
function sameHost(a: string, b: string): boolean {
  if (a === b) return true;
  return a.startsWith('[') && b.startsWith('[') && canonicalIpv6(a) === canonicalIpv6(b);
}

function canonicalIpv6(reference: string): string {
  return URL.parse(`http://${reference}/`)?.hostname ?? reference;
}

function sameParams(a: Params, b: Params): boolean {
  for (const [name, value] of a.entries()) {
    const other = b.get(name);
    if (other === undefined ? NEVER_IGNORED.includes(fold(name)) : fold(value) !== fold(other)) return false;
  }
  return NEVER_IGNORED.every((name) => !b.has(name) || a.has(name));
}

function sameHeaders(a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  const sorted = (headers: string): string => headers.split('&').map(fold).sort().join('&');
  return sorted(a) === sorted(b);
}

function sameTel(a: SipUri, b: SipUri): boolean {
  if (a.userAtHost.toLowerCase() !== b.userAtHost.toLowerCase() || a.params.size !== b.params.size) return false;
  for (const [name, value] of a.params.entries()) {
    const other = b.params.get(name);
    if (other === undefined) return false;
    // Visual separators count in no number that a parameter carries either.
    if (withoutSeparators(fold(value)) !== withoutSeparators(fold(other))) return false;
  }
  return true;
}
