/** What a server for tests is made from. */
import { checkConfig } from '@parley/core';
import type { PluginList, ServerConfig, ServerInput, StoreDialect } from '@parley/core';
import type { NetworkFaults } from './network/faults.ts';
import type { TestRecords } from './network/virtual-dns.ts';

/** A user of the server. */
export interface TestUser {
  /** The part before the @. */
  readonly name: string;
  /** `testkit-<name>` when the server authenticates, none otherwise; `false`: none. */
  readonly password?: string | false;
  readonly displayName?: string;
  readonly phones?: readonly string[];
  /** Sign-in names besides the address: `EXAMPLE\\alice`. */
  readonly logins?: readonly string[];
  /** Names of groups. */
  readonly groups?: readonly string[];
  readonly enabled?: boolean;
}

/** Everything but the plugins may be left out. */
export interface TestServerOptions {
  /** As in `parley.config.ts`. */
  readonly plugins: Extract<PluginList, readonly unknown[]>;
  /** Users, which a plugin keeps (`directory`). */
  readonly users?: readonly (string | TestUser)[];
  /** Files that are in the data folder before the server starts, by name: `{ 'parley.keytab': bytes }`. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
  /** Default `example.com`; the server is `uc.<domain>`. */
  readonly domain?: string;
  /** Transports that it listens on; `udp`, `tcp` and `tls` when left out. */
  readonly listen?: readonly ('udp' | 'tcp' | 'tls')[];
  /** Any other part of a server's configuration. */
  readonly config?: Partial<Omit<ServerInput, 'plugins' | 'domains' | 'listen' | 'dataDir' | 'store'>>;
  /** `trusted`: the server believes the From of its endpoints; the default unless a plugin authenticates (`auth-...`). */
  readonly signIn?: 'trusted' | 'real';
  readonly network?: NetworkFaults;
  /** Where it keeps its data, one of `TEST_STORES`. Default PostgreSQL when PARLEY_TEST_PG names a database, SQLite otherwise. */
  readonly store?: StoreDialect;
  /** Records by name. */
  readonly dns?: Readonly<Record<string, TestRecords>>;
  /** What the clock shows at first; 2025-01-01 when left out. */
  readonly startAt?: number | Date;
  /** Least important line that `server.log` keeps. Default `silent`. */
  readonly log?: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'silent';
}

/** The server's address in the virtual network. */
export const SERVER_HOST = '192.0.2.1';

const PORTS = { udp: 5060, tcp: 5060, tls: 5061 } as const;
const START = Date.UTC(2025, 0, 1);

/** When the clock begins, in milliseconds since 1970. */
export function startOf({ startAt = START }: TestServerOptions): number {
  return typeof startAt === 'number' ? startAt : startAt.getTime();
}

/** The user as the directory takes it. */
export function userOf(user: string | TestUser): TestUser {
  return typeof user === 'string' ? { name: user } : user;
}

/** The password of a user who was given none. Names that a password policy would find in it are kept out. */
export function usualPassword(name: string): string {
  return `testkit-${Buffer.from(name).toString('hex')}`;
}

/** Whether any of the plugins authenticates, so that endpoints have to sign in. */
export function authenticates(config: ServerConfig): boolean {
  return config.plugins.some(({ plugin }) => plugin.name.startsWith('auth-'));
}

/** The configuration, with plugins of the testkit's own in front. Throws CONFIG_INVALID. */
export function serverConfig(
  options: TestServerOptions,
  dataDir: string,
  own: ServerInput['plugins'] & readonly unknown[],
): Promise<ServerConfig> {
  const { plugins, domain = 'example.com', listen = ['udp', 'tcp', 'tls'], config = {} } = options;
  return checkConfig({
    fqdn: `uc.${domain}`,
    ...config,
    domains: [domain],
    dataDir,
    listen: listen.map((transport) => ({ transport, host: SERVER_HOST, port: PORTS[transport] })),
    plugins: [...own, ...plugins],
  });
}
