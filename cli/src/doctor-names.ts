/** Is in the DNS what clients look for? [MS-CONMGMT] section 3.1, RFC 3263. */
import { Resolver } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { zoneRecords } from './dns-zone.ts';
import type { ZoneInput, ZoneRecord } from './dns-zone.ts';
import type { Finding } from './finding.ts';

const DNS_TIMEOUT_MS = 2_000;

/** What of the DNS is asked. */
export type NameLookup = Pick<Resolver, 'resolve4' | 'resolve6' | 'resolveSrv'>;

/** Asks the machine's name servers, or those given (IP addresses, with a port behind a colon if need be). */
export function nameLookup(servers: readonly string[] | undefined): NameLookup {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
  if (servers !== undefined) resolver.setServers(servers);
  return resolver;
}

/** The addresses of this machine that others may reach. */
export function ownAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((one) => !one.internal && !one.address.startsWith('fe80'))
    .map((one) => one.address);
}

/** One finding a name; a single one where the domains are for this machine alone. */
export async function checkNames(zone: Omit<ZoneInput, 'addresses'>, resolver: NameLookup): Promise<Finding[]> {
  const local = zone.domains.every((domain) => domain === 'localhost' || domain.endsWith('.localhost'));
  if (local) return [{ check: 'DNS', state: 'ok', found: `${zone.domains.join(', ')} is for this machine alone: nothing to publish` }];
  // One address stands for all: only the names matter here.
  const records = zoneRecords({ ...zone, addresses: ['0.0.0.0'] });
  const checks = records.flatMap((record) => {
    if (record.type === 'SRV') return [checkSrv(record, resolver)];
    return record.type === 'A' ? [checkAddress(record, resolver, record.name === zone.fqdn)] : [];
  });
  return Promise.all(checks);
}

/** @param needed nothing works without it */
async function checkAddress(record: ZoneRecord, resolver: NameLookup, needed: boolean): Promise<Finding> {
  const check = `DNS A ${record.name}`;
  const addresses = [...(await resolver.resolve4(record.name).catch(() => [])), ...(await resolver.resolve6(record.name).catch(() => []))];
  if (addresses.length === 0) {
    return {
      check,
      state: needed ? 'fail' : 'warn',
      found: 'no address',
      fix: `Publish it (${record.purpose}); parley dns prints the zone.`,
    };
  }
  const own = ownAddresses();
  if (addresses.some((address) => own.includes(address))) return { check, state: 'ok', found: addresses.join(', ') };
  return {
    check,
    state: 'warn',
    found: `${addresses.join(', ')}: not of this machine`,
    fix: 'Right behind a router or balancer; else mend the record.',
  };
}

async function checkSrv(record: ZoneRecord, resolver: NameLookup): Promise<Finding> {
  const check = `DNS SRV ${record.name}`;
  try {
    const found = await resolver.resolveSrv(record.name);
    const [, , wantedPort, target] = record.value.split(' ');
    const match = found.some((srv) => `${srv.name}.`.toLowerCase() === target && String(srv.port) === wantedPort);
    const text = found.map((srv) => `${srv.name}:${srv.port}`).join(', ');
    if (match) return { check, state: 'ok', found: text };
    return { check, state: 'warn', found: text, fix: `It should lead to ${target ?? ''} port ${wantedPort ?? ''}.` };
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return { check, state: 'warn', found: code, fix: `Publish it (${record.purpose}); parley dns prints the zone.` };
  }
}
