/** The DNS records that clients and other servers look for. RFC 3263, [MS-CONMGMT] section 3.1, [MS-OCDISCWS] section 2. */

/** A listener as far as the DNS is concerned. */
export interface PublishedListener {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  readonly port: number;
}

export interface ZoneRecord {
  /** Fully qualified, without the last dot. */
  readonly name: string;
  readonly type: 'NAPTR' | 'SRV' | 'A' | 'AAAA';
  readonly value: string;
  /** Who asks for it. */
  readonly purpose: string;
}

/** The HTTPS host as far as the DNS is concerned. */
export interface PublishedWeb {
  /** Host names of its URLs, for clients inside and outside. */
  readonly hosts: readonly string[];
  /** Clients may ask it where their server is. */
  readonly autodiscover: boolean;
}

export interface ZoneInput {
  readonly domains: readonly string[];
  readonly fqdn: string;
  readonly listeners: readonly PublishedListener[];
  /** Undefined without web services. */
  readonly web?: PublishedWeb | undefined;
  /** Addresses under which this server is reached; a placeholder when the administrator gave none. */
  readonly addresses: readonly string[];
}

const TTL = 3600;
/** SRV service, NAPTR service and order (RFC 3263 4.1: what is safer comes first). */
const SERVICES = {
  tls: { srv: '_sips._tcp', naptr: 'SIPS+D2T', order: 10 },
  tcp: { srv: '_sip._tcp', naptr: 'SIP+D2T', order: 20 },
  udp: { srv: '_sip._udp', naptr: 'SIP+D2U', order: 30 },
} as const;

/** Every record to publish, domain by domain. */
export function zoneRecords(input: ZoneInput): ZoneRecord[] {
  return [...input.domains.flatMap((domain) => domainRecords(domain, input)), ...addressRecords(input)];
}

function domainRecords(domain: string, { fqdn, listeners }: ZoneInput): ZoneRecord[] {
  const records: ZoneRecord[] = [];
  const port = (transport: PublishedListener['transport']): number | undefined =>
    listeners.find((one) => one.transport === transport)?.port;
  for (const transport of ['tls', 'tcp', 'udp'] as const) {
    const at = port(transport);
    if (at === undefined) continue;
    const { srv, naptr, order } = SERVICES[transport];
    records.push(
      {
        name: domain,
        type: 'NAPTR',
        value: `${order} 50 "s" "${naptr}" "" ${srv}.${domain}.`,
        purpose: 'SIP servers and phones, RFC 3263',
      },
      { name: `${srv}.${domain}`, type: 'SRV', value: `0 0 ${at} ${fqdn}.`, purpose: 'SIP servers and phones, RFC 3263' },
    );
  }
  const tls = port('tls');
  const tcp = port('tcp');
  const target = targetIn(domain, fqdn);
  if (tls !== undefined) {
    records.push(
      {
        name: `_sipinternaltls._tcp.${domain}`,
        type: 'SRV',
        value: `0 0 ${tls} ${target}.`,
        purpose: 'Communicator and Lync clients inside',
      },
      { name: `_sip._tls.${domain}`, type: 'SRV', value: `0 0 ${tls} ${target}.`, purpose: 'Communicator and Lync clients outside' },
      { name: `_sipfederationtls._tcp.${domain}`, type: 'SRV', value: `0 0 ${tls} ${fqdn}.`, purpose: 'federation partners' },
    );
  }
  if (tcp !== undefined) {
    records.push({
      name: `_sipinternal._tcp.${domain}`,
      type: 'SRV',
      value: `0 0 ${tcp} ${target}.`,
      purpose: 'clients that may use plain TCP',
    });
  }
  return records;
}

/**
 * Communicator and Lync take an SRV target without asking their user only when it lies in the domain of the address
 * ([MS-CONMGMT] section 3.1, strict names): where the server's own name does not, `sip.` of the domain stands for it.
 */
export function targetIn(domain: string, fqdn: string): string {
  return fqdn === domain || fqdn.endsWith(`.${domain}`) ? fqdn : `sip.${domain}`;
}

/** Names that clients try when they find no SRV record, those of web services, and the server itself. */
function addressRecords({ domains, fqdn, addresses, web }: ZoneInput): ZoneRecord[] {
  const names: [string, string][] = [[fqdn, 'the server']];
  for (const host of web?.hosts ?? []) if (!isAddress(host)) names.push([host, 'web services']);
  for (const domain of domains) {
    names.push(
      [`sipinternal.${domain}`, 'clients that find no SRV record'],
      [`sip.${domain}`, 'clients that find no SRV record'],
      [`sipexternal.${domain}`, 'clients that find no SRV record, outside'],
    );
    if (web?.autodiscover !== true) continue;
    names.push([`lyncdiscover.${domain}`, 'Lync autodiscover, outside'], [`lyncdiscoverinternal.${domain}`, 'Lync autodiscover, inside']);
  }
  const seen = new Set<string>();
  return names.flatMap(([name, purpose]) => {
    if (seen.has(name)) return [];
    seen.add(name);
    return addresses.map((address): ZoneRecord => ({ name, type: address.includes(':') ? 'AAAA' : 'A', value: address, purpose }));
  });
}

function isAddress(host: string): boolean {
  return /^[\d.]+$|:/.test(host);
}

/** The records as a fragment of a zone file, RFC 1035 section 5. */
export function zoneText(records: readonly ZoneRecord[]): string[] {
  const width = Math.max(...records.map((record) => record.name.length + 1));
  const lines: string[] = [];
  let purpose = '';
  for (const record of records) {
    if (record.purpose !== purpose) lines.push(`; ${record.purpose}`);
    purpose = record.purpose;
    lines.push(`${`${record.name}.`.padEnd(width)} ${TTL} IN ${record.type.padEnd(5)} ${record.value}`);
  }
  return lines;
}
