/** The schema of `parley.config.ts`, except the plugins' own parts: what may be written, with its defaults and its documentation. */
import { isIP } from 'node:net';
import { z } from 'zod';

const TRANSPORTS = ['udp', 'tcp', 'tls', 'ws', 'wss'] as const;
const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

/** A host name of letters, digits, hyphens and dots, made lower-case; an internationalised one is written in its ASCII form. */
const hostName = z
  .string()
  .max(253)
  .regex(/^(?!-)[a-z0-9-]{1,63}(\.(?!-)[a-z0-9-]{1,63})*$/i, 'a host name such as sip.example.com')
  .meta({ title: 'a host name such as sip.example.com' })
  .transform((name) => name.toLowerCase());

const domain = z.union([hostName, z.ipv4(), z.ipv6()]);
const seconds = (least: number, most: number): z.ZodNumber => z.number().min(least).max(most);

const TlsSchema = z.strictObject({
  minVersion: z
    .enum(TLS_VERSIONS)
    .default('TLSv1.2')
    .describe('Oldest TLS version accepted. Versions below TLSv1.2 are for old clients on this listener alone'),
  ciphers: z.string().min(1).optional().describe('OpenSSL cipher list; what suits minVersion when absent'),
  certFile: z
    .string()
    .min(1)
    .optional()
    .describe('PEM certificate chain, server certificate first; from the plugin that keeps certificates when absent'),
  keyFile: z.string().min(1).optional().describe('PEM private key of certFile'),
  caFile: z.string().min(1).optional().describe('PEM authorities that peers are verified against; the system’s when absent'),
  clientCertificates: z
    .enum(['none', 'request', 'require'])
    .default('none')
    .describe('Whether those who connect are asked for a certificate (it is verified if they show one), or must have one'),
});

const ListenSchema = z.strictObject({
  transport: z.enum(TRANSPORTS).describe('How SIP travels here'),
  host: z
    .string()
    .refine((host) => isIP(host) !== 0, 'an IPv4 or IPv6 address of this machine')
    .default('0.0.0.0')
    .describe('Address of this machine to listen on; 0.0.0.0 or :: for all'),
  port: z.int().min(0).max(65_535).describe('Port; 0 takes a free one'),
  advertise: z
    .string()
    .regex(/^(\[[0-9a-f:.]+\]|[a-z0-9.-]+)(:\d{1,5})?$/i, 'a host name or address, with or without a port')
    .optional()
    .describe('Name or address, and port, that others reach this listener by; fqdn and the bound port when absent'),
  maxConnections: z.int().min(1).max(1_000_000).optional().describe('Open connections on this listener; limits.connections when absent'),
  bufferBytes: z
    .int()
    .min(65_536)
    .max(268_435_456)
    .optional()
    .describe('Kernel buffers of a udp listener; 4 MiB when absent, if the kernel grants it'),
  origins: z.array(z.url()).optional().describe('Web origins that may connect to a ws or wss listener; any when absent'),
  tls: TlsSchema.optional().describe('Rules for tls and wss; absent: TLS 1.2 and up with the server’s certificate'),
});

const StoreSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('sqlite').describe('Inside the process, in the data folder'),
    file: z.string().min(1).default('parley.sqlite').describe('Name of the database file in the data folder'),
  }),
  z.strictObject({
    kind: z.literal('postgres').describe('A PostgreSQL server, 13 or newer'),
    url: z
      .string()
      .regex(/^postgres(ql)?:\/\//, 'postgres://user:password@host:5432/database')
      .describe('Where it is; better set by PARLEY_STORE_URL than written into a file'),
    connections: z.int().min(1).max(200).default(8).describe('Connections for reading; writes have one more'),
  }),
]);

const LogSchema = z.strictObject({
  level: z.enum(LOG_LEVELS).default('info').describe('Least important line that is written'),
  file: z.string().min(1).optional().describe('File to append to, instead of standard output; opened again on SIGHUP'),
  pretty: z.boolean().optional().describe('For people rather than programs; true when absent and standard output is a terminal'),
});

const LimitsSchema = z.strictObject({
  connections: z.int().min(1).max(1_000_000).default(20_000).describe('Open connections in total'),
  connectionsPerAddress: z.int().min(1).max(1_000_000).default(1_000).describe('Open connections from one address'),
  halfOpenConnections: z.int().min(1).max(1_000_000).default(2_000).describe('Connections whose TLS handshake is not done'),
  unauthenticatedSeconds: seconds(0, 3_600).default(30).describe('Life of a connection on which nobody has authenticated; 0 for ever'),
  unauthenticatedBytes: z
    .int()
    .min(0)
    .default(262_144)
    .describe('Bytes a connection may send before somebody authenticates on it; 0 any number'),
  idleSeconds: seconds(0, 86_400).default(360).describe('Life of a connection that sends nothing, keep-alives counted; 0 for ever'),
  sendBufferBytes: z
    .int()
    .min(65_536)
    .max(1_073_741_824)
    .default(4_194_304)
    .describe('Bytes kept for a peer that does not read before it is cut off'),
  messageBytes: z.int().min(1_024).max(16_777_216).default(1_114_112).describe('Size of a SIP message'),
  headBytes: z.int().min(1_024).max(1_048_576).default(65_536).describe('Size of a SIP message without its body'),
  headers: z.int().min(16).max(10_000).default(256).describe('Header fields of a SIP message'),
  lineBytes: z.int().min(256).max(1_048_576).default(8_192).describe('Size of a line of a SIP message'),
  bodyBytes: z.int().min(0).max(16_777_216).default(1_048_576).describe('Size of the body of a SIP message'),
  bootSeconds: seconds(1, 600).default(30).describe('Time for one plugin to start'),
  drainSeconds: seconds(0, 600).default(10).describe('Time for open transactions and calls to finish when the server closes'),
  stopSeconds: seconds(1, 600).default(10).describe('Time for one plugin to stop after that'),
});

const TimersSchema = z.strictObject({
  t1: z.int().min(50).max(10_000).default(500).describe('Round trip estimate in milliseconds, RFC 3261 section 17.1.1.1'),
  t2: z.int().min(100).max(60_000).default(4_000).describe('Longest retransmission interval in milliseconds'),
  t4: z.int().min(100).max(60_000).default(5_000).describe('Longest life of a message in the network in milliseconds'),
  timerC: z
    .int()
    .min(10_000)
    .max(3_600_000)
    .default(180_000)
    .describe('Milliseconds that a call may ring without news, RFC 3261 section 16.6'),
});

const ScriptsSchema = z.strictObject({
  order: z
    .array(z.string().min(1))
    .optional()
    .describe('Names of routing applications in the order they see a request; those not named keep their own priority behind these'),
  extra: z.array(z.string().min(1)).default([]).describe('Routing scripts of your own, paths relative to this file'),
  tables: z
    .record(z.string(), z.string().min(1))
    .default({})
    .describe('Tables in the place of those that come with the scripts of plugins, by plugin/table.csv; paths relative to this file'),
});

/** Everything but `plugins`, which need their own schemas. Defaults make a server that one machine can try at once. */
export const ServerSchema = z.strictObject({
  domains: z
    .array(domain)
    .min(1)
    .default(['parley.localhost'])
    .describe('SIP domains that this server is responsible for; the first is the default one'),
  fqdn: domain.optional().describe('Name that the server goes by in Via, Record-Route and certificates; the first domain when absent'),
  listen: z
    .array(ListenSchema)
    .default([
      { transport: 'udp', host: '0.0.0.0', port: 5060 },
      { transport: 'tcp', host: '0.0.0.0', port: 5060 },
      { transport: 'tls', host: '0.0.0.0', port: 5061 },
    ])
    .describe('Where it listens'),
  dataDir: z.string().min(1).default('parley-data').describe('Folder for everything it keeps, relative to this file; made with mode 0700'),
  store: StoreSchema.default({ kind: 'sqlite', file: 'parley.sqlite' }).describe('The database'),
  log: LogSchema.prefault({}).describe('What it writes down, and where'),
  limits: LimitsSchema.prefault({}).describe('Bounds on what others may cost it'),
  timers: TimersSchema.prefault({}).describe('SIP timers; leave them alone unless the network is known to be slow'),
  scripts: ScriptsSchema.prefault({}).describe('Routing scripts'),
});

/** What an operator writes, plugins aside. */
export type ServerSettingsInput = z.input<typeof ServerSchema>;
/** The same with every default filled in. */
export type ServerSettings = z.output<typeof ServerSchema>;
/** One listener of a configuration. */
export type ListenSettings = ServerSettings['listen'][number];
/** The database of a configuration. */
export type StoreSettings = ServerSettings['store'];
/** The log of a configuration. */
export type LogSettings = ServerSettings['log'];
