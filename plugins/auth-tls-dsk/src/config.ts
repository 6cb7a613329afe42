/** What an operator can set about certificate sign-in. */
import * as z from 'zod';

export const DskConfig = z.strictObject({
  stsUri: z
    .url({ protocol: /^https$/ })
    .max(1000)
    .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'no quotes, backslashes or spaces')
    .optional()
    .describe('Where clients get their certificate: the certificate provisioning service. Absent: that of the plugin web-ticket'),
  targetName: z
    .string()
    .regex(/^[A-Za-z0-9.-]{1,255}$/, 'a host name such as uc.example.com')
    .optional()
    .describe(
      'Name that clients bind their sessions and certificates to; the fqdn of the server when absent. All nodes that a client may reach need the same',
    ),
  oldestTls: z
    .enum(['TLSv1', 'TLSv1.1', 'TLSv1.2'])
    .default('TLSv1')
    .describe('Oldest TLS version inside the sign-in; Lync 2010 clients and pidgin-sipe know TLS 1.0 only. Nothing secret travels in it'),
  maxHandshakes: z.int().min(1).max(100_000).default(1000).describe('Handshakes under way at once; each holds about 70 kB'),
});
export type DskConfig = z.output<typeof DskConfig>;
