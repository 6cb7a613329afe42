/** What an operator can set about digest authentication. */
import * as z from 'zod';

export const DigestConfig = z.strictObject({
  realm: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe('Realm of the challenges; one that the directory keeps passwords for. The first domain of the server when absent'),
  algorithms: z
    .array(z.enum(['SHA-256', 'MD5']))
    .min(1)
    .default(['SHA-256', 'MD5'])
    .describe('Hash functions offered, in order of preference. MD5 is for older phones'),
  authInt: z.boolean().default(false).describe('Whether clients may sign the body as well (qop auth-int)'),
  nonceSeconds: z
    .int()
    .min(10)
    .max(86_400)
    .default(300)
    .describe('How long a nonce is good for; clients take a new one without asking their user'),
  maxNonces: z.int().min(100).max(10_000_000).default(100_000).describe('Nonces in use that are remembered against replays'),
  methods: z
    .union([z.literal('all'), z.array(z.string().regex(/^[A-Z]+$/, 'a method such as INVITE')).min(1)])
    .default('all')
    .describe('Methods that need authentication. ACK and CANCEL cannot be challenged'),
  perConnection: z
    .boolean()
    .default(true)
    .describe('Whether a REGISTER over TCP, TLS or WebSocket authenticates what its user sends on that connection from then on'),
  checkUri: z
    .boolean()
    .default(true)
    .describe('Whether the URI in the credentials must name the same target as the request (RFC 7616 section 3.4.6)'),
  exemptNetworks: z
    .array(z.string())
    .default([])
    .describe('IP addresses and networks whose requests are not challenged. Who they are from is then anybody’s word'),
  trustedPeers: z
    .array(z.string())
    .default([])
    .describe(
      'Gateways and proxies that vouch for their users: IP addresses, networks, or names in their verified TLS certificates. docs/connect-a-gateway.md',
    ),
});
export type DigestConfig = z.output<typeof DigestConfig>;
