/** What `parley init` is told: its options, and the answers that they and the questions come to. */
import { isIP } from 'node:net';
import { CliErrors } from '../errors.ts';
import type { PluginOffer } from '../plugins/offer.ts';
import type { Preset } from '../plugins/presets.ts';

export const DEFAULT_DOMAIN = 'parley.localhost';

const DOMAIN = /^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*$/i;
const LISTENER = /^(udp|tcp|tls|ws|wss):(?:(\[[0-9a-f:.]+\]|[0-9.]+):)?(\d{1,5})$/i;
const DATABASE_URL = /^postgres(ql)?:\/\/\S+$/;

/** Where the server listens; on all addresses without a host. */
export interface Listener {
  readonly transport: 'udp' | 'tcp' | 'tls' | 'ws' | 'wss';
  readonly host?: string;
  readonly port: number;
}

/** What the questions or options gave. */
export interface InitAnswers {
  /** Undefined for a choice of one's own. */
  readonly preset: Preset | undefined;
  readonly domains: readonly string[];
  readonly fqdn: string;
  readonly listen: readonly Listener[];
  /** `sqlite`, or the URL of a PostgreSQL database. */
  readonly database: string;
  readonly plugins: readonly PluginOffer[];
}

/** The options of the command; those that are absent are asked for on a terminal. */
export interface InitOptions {
  readonly preset?: string | undefined;
  /** Names, separated by commas. */
  readonly plugins?: string | undefined;
  readonly domain?: readonly string[] | undefined;
  readonly fqdn?: string | undefined;
  readonly listen?: readonly string[] | undefined;
  readonly port?: string | undefined;
  readonly tlsPort?: string | undefined;
  readonly tlsOnly?: boolean | undefined;
  readonly database?: string | undefined;
  readonly lync?: boolean | undefined;
  readonly file: string;
  readonly force?: boolean | undefined;
  readonly yes?: boolean | undefined;
}

/** What is wrong with a domain or host name, as what would be right. */
export function domainFault(value: string): string | undefined {
  return DOMAIN.test(value) ? undefined : 'a domain name such as example.com';
}

/** The same for a port. */
export function portFault(value: string): string | undefined {
  const port = Number(value);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? undefined : 'a port from 1 to 65535';
}

/** The same for a database. */
export function databaseFault(value: string): string | undefined {
  return value === 'sqlite' || DATABASE_URL.test(value) ? undefined : 'sqlite, or postgres://user@host:5432/database';
}

/** `tls:5061`, `udp:192.0.2.1:5060`, `tcp:[::]:5060`. Throws CLI_BAD_OPTION. */
export function readListener(text: string): Listener {
  const [, transport = '', host, port = ''] = LISTENER.exec(text) ?? [];
  const address = host?.replaceAll(/[[\]]/g, '');
  const good = transport !== '' && portFault(port) === undefined && (address === undefined || isIP(address) !== 0);
  refuse('--listen', text, good ? undefined : 'TRANSPORT:PORT or TRANSPORT:ADDRESS:PORT, such as tls:5061; udp, tcp, tls, ws or wss');
  return {
    transport: transport.toLowerCase() as Listener['transport'],
    ...(address !== undefined && { host: address }),
    port: Number(port),
  };
}

/** Whether a listener shows a certificate. */
export function isEncrypted({ transport }: Listener): boolean {
  return transport === 'tls' || transport === 'wss';
}

/** Whether a name means this machine to itself only: nobody else can resolve it. */
export function isLocalName(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** Throws CLI_BAD_OPTION when something is allowed that `value` is not. */
export function refuse(option: string, value: string, allowed: string | undefined): void {
  if (allowed !== undefined) throw CliErrors.CLI_BAD_OPTION({ option, value, allowed });
}
