/** What an operator can set about diagnostics. */
import * as z from 'zod';

export const DiagnosticsConfig = z.strictObject({
  insidePeers: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Servers and gateways of this organisation: IP addresses, networks, or names in their verified TLS certificates. They alone may send ms-diagnostics and, of all servers, get it',
    ),
  reports: z
    .strictObject({
      max: z.int().min(100).max(10_000_000).default(20_000).describe('Error reports that are kept; the oldest make room'),
      days: z.int().min(1).max(3650).default(30).describe('Days that an error report is kept'),
      maxBytes: z.int().min(1024).max(65_536).default(16_384).describe('Longest body of a report, in bytes'),
      perMinute: z.int().min(1).max(10_000).default(30).describe('Reports that one user may send in a minute'),
    })
    .prefault({})
    .describe('What clients report of their failures'),
});
export type DiagnosticsConfig = z.output<typeof DiagnosticsConfig>;
