/** What an operator can set about NTLM. */
import * as z from 'zod';

export const NtlmConfig = z.strictObject({
  targetName: z
    .string()
    .min(1)
    .max(255)
    .optional()
    .describe(
      'Name that clients bind their sessions to; the fqdn of the server when absent. All nodes that a client may reach need the same',
    ),
  netbiosDomain: z
    .string()
    .regex(/^[A-Z0-9][A-Z0-9-]{0,14}$/, 'at most 15 upper-case letters, digits and hyphens, such as EXAMPLE')
    .optional()
    .describe('Domain in the challenge, which some clients show as the default; made of the first domain of the server when absent'),
  maxClockSkewSeconds: z
    .int()
    .min(0)
    .max(604_800)
    .default(900)
    .describe('How far the clock of a client may be off; 0: any time is taken. The challenge protects against replays, not the time'),
  oldestVersion: z
    .union([z.literal(2), z.literal(3), z.literal(4)])
    .default(4)
    .describe(
      'Oldest version of the SIP authentication protocol that is accepted. Clients older than OCS 2007 with its updates need 3, LCS 2005 needs 2',
    ),
});
export type NtlmConfig = z.output<typeof NtlmConfig>;
