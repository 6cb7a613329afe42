/** What an operator can set about certificates. */
import * as z from 'zod';

const file = z.string().min(1);

export const PkiConfig = z.strictObject({
  certFile: file
    .optional()
    .describe('PEM certificate chain, server certificate first, absolute or relative to the data folder. Absent: Parley makes its own'),
  keyFile: file.optional().describe('PEM private key of certFile, not encrypted'),
  caFile: file
    .optional()
    .describe('PEM authorities that peers are verified against besides the system’s, and that `parley pki export-ca` prints'),
  extraNames: z
    .array(z.string().regex(/^[a-z0-9.:*-]+$/i, 'a host name or IP address'))
    .max(200)
    .default([])
    .describe('More names and IP addresses for the certificate that Parley makes, such as the address that phones are pointed at'),
  allowMissingNames: z
    .boolean()
    .default(false)
    .describe('Whether to serve a given certificate that does not name the server and all its domains'),
  clientCertificateHours: z
    .int()
    .min(8)
    .max(8760)
    .default(4320)
    .describe('Hours that a certificate is good for with which a user’s client signs in'),
  clientCertificatesPerUser: z
    .int()
    .min(1)
    .max(1000)
    .default(20)
    .describe('Devices of one user that may hold a certificate; one more takes the place of the oldest'),
  pollSeconds: z.int().min(1).max(86_400).default(10).describe('How often to look whether the given files have changed'),
});
export type PkiConfig = z.output<typeof PkiConfig>;
