/** What an operator can set about applications in other processes. */
import { isIP } from 'node:net';
import { z } from 'zod';

const ApplicationSchema = z.strictObject({
  uri: z
    .string()
    .max(1_024)
    .regex(/^https?:\/\/\S+$/i, 'an absolute http:// URL, as appUri in the manifest')
    .describe('The appUri of its manifest: what it is known by. Nothing is fetched from it'),
  enabled: z.boolean().default(true).describe('Whether it may attach'),
  critical: z
    .boolean()
    .default(false)
    .describe(
      'Whether the server waits for it when it starts, and does not start without it. Fails it later, the server goes on without it',
    ),
  priority: z
    .int()
    .min(0)
    .max(100_000)
    .optional()
    .describe(
      'Place in the chain, low numbers first: 300 routes to users, 500 is behind it. 500 when absent; `parley script order` changes it',
    ),
  secret: z.string().min(16).max(1_024).optional().describe('What it and the server share: it has to prove that it knows it'),
  certificate: z
    .string()
    .regex(/^([0-9a-f]{2}:){31}[0-9a-f]{2}$/i, 'a SHA-256 fingerprint such as AB:CD:… with 32 pairs')
    .transform((fingerprint) => fingerprint.toUpperCase())
    .optional()
    .describe('SHA-256 fingerprint of the certificate that it has to show over TLS'),
  patienceSeconds: z
    .number()
    .min(0.1)
    .max(600)
    .default(10)
    .describe('How long it may think about a request or a response; then the server does what the manifest’s proxyByDefault says'),
  requests: z
    .strictObject({
      perSecond: z.int().min(1).max(100_000).default(50).describe('How many it may send within a second'),
      outstanding: z.int().min(1).max(100_000).default(200).describe('How many may wait for their answers'),
    })
    .optional()
    .describe('Requests that it may send of its own; none when absent'),
  lenient: z.boolean().default(false).describe('Mend the three known XML faults of published manifests instead of refusing them'),
});

export const ExternalConfig = z.strictObject({
  socket: z
    .union([z.string().min(1), z.literal(false)])
    .default('applications.sock')
    .describe('Path of the socket for applications on this machine, relative to the data folder, for the server’s user alone; false: none'),
  tls: z
    .strictObject({
      host: z
        .string()
        .refine((host) => isIP(host) !== 0, 'an IPv4 or IPv6 address of this machine')
        .default('127.0.0.1')
        .describe('Address of this machine to listen on'),
      port: z.int().min(0).max(65_535).describe('Port; 0 takes a free one'),
      certFile: z.string().min(1).describe('PEM certificate chain of the server'),
      keyFile: z.string().min(1).describe('PEM private key of certFile'),
      caFile: z
        .string()
        .min(1)
        .optional()
        .describe('PEM authorities of client certificates; then each connection has to show one of theirs'),
    })
    .optional()
    .describe('A listener for applications on other machines; none when absent'),
  applications: z
    .record(z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name of small letters, digits and hyphens'), ApplicationSchema)
    .default({})
    .describe('The applications that may attach, by the name that operators call them'),
  startSeconds: z.number().min(0).max(600).default(15).describe('How long the server waits for critical applications when it starts'),
  limits: z
    .strictObject({
      frameBytes: z.int().min(65_536).max(16_777_216).default(1_048_576).describe('Size of one message between server and application'),
      framesPerSecond: z.int().min(10).max(1_000_000).default(20_000).describe('Messages that an application may send within a second'),
      openTransactions: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(5_000)
        .describe('Requests and responses that may wait for one application; beyond it Dispatch gives false'),
      dialogs: z
        .int()
        .min(1)
        .max(1_000_000)
        .default(10_000)
        .describe('Dialogs that are remembered for each application that may send requests; then the oldest is forgotten'),
      connections: z.int().min(1).max(10_000).default(64).describe('Open connections of applications'),
      attachSeconds: z.number().min(0.1).max(60).default(5).describe('Time for a connection to say who it is and what it brings'),
      silentSeconds: z.number().min(1).max(600).default(15).describe('How long an application may say nothing, not even to a ping'),
    })
    .prefault({})
    .describe('Bounds on what applications may cost the server'),
});
export type ExternalConfig = z.output<typeof ExternalConfig>;
export type ApplicationConfig = z.output<typeof ApplicationSchema>;
