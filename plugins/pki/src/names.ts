/** The names that a server certificate must carry so that every client that finds the server by DNS accepts it. */
import { isIP } from 'node:net';

/** What clients of the Communicator family look up in each domain ([MS-CONMGMT] section 3.1.1, autodiscover of [MS-OCDISCWS]). */
const HOSTS = ['sip', 'sipinternal', 'sipexternal', 'lyncdiscover', 'lyncdiscoverinternal'];
const LOOPBACK = ['localhost', '127.0.0.1', '::1'];

/** What the names are made of. */
export interface NameSource {
  readonly fqdn: string;
  readonly domains: readonly string[];
  /** More names and addresses, from the configuration. */
  readonly extra: readonly string[];
}

/** All names and addresses for a certificate of our own, each once, the server's first. */
export function certificateNames({ fqdn, domains, extra }: NameSource): string[] {
  const hosts = domains.filter((domain) => isIP(domain) === 0).flatMap((domain) => HOSTS.map((host) => `${host}.${domain}`));
  return [...new Set([fqdn, ...domains, ...hosts, ...extra, ...LOOPBACK].map((name) => name.toLowerCase()))];
}

/** The names that a certificate from elsewhere must have: the server's and its domains' (RFC 5922 section 7.1). */
export function requiredNames({ fqdn, domains }: Pick<NameSource, 'fqdn' | 'domains'>): string[] {
  return [...new Set([fqdn, ...domains].map((name) => name.toLowerCase()))];
}
