/** What an operator can set about Kerberos. */
import { ENCTYPE_NAMES } from '@parley/sdk';
import * as z from 'zod';

const STRONG = ENCTYPE_NAMES.filter((name) => name !== 'rc4-hmac');

export const KerberosConfig = z.strictObject({
  keytab: z
    .string()
    .min(1)
    .default('parley.keytab')
    .describe('Keytab with the keys of the services, absolute or relative to the data folder. Read again when it changes'),
  spn: z
    .string()
    .regex(/^sip\/[^\s/@\\"]+$/, 'sip/ and a host name, such as sip/uc.example.com')
    .optional()
    .describe(
      'Service principal that SIP clients ask tickets for; sip/ and the fqdn of the server when absent. Its key must be in the keytab',
    ),
  skewSeconds: z
    .int()
    .min(1)
    .max(3600)
    .default(300)
    .describe('How far the clocks of clients, KDC and server may be apart. More makes overheard tickets good for longer'),
  enctypes: z
    .array(z.enum(ENCTYPE_NAMES))
    .min(1)
    .default(STRONG)
    .describe('Encryption types that tickets and session keys may have. rc4-hmac is broken: only for domains without AES keys'),
  realms: z
    .array(
      z.strictObject({
        realm: z
          .string()
          .regex(/^[^\s/@\\]+$/, 'a realm such as EXAMPLE.COM')
          .describe('Realm of the users, as tickets write it'),
        domain: z
          .string()
          .regex(/^[^\s/@\\]+$/, 'a domain such as example.com')
          .optional()
          .describe('SIP domain: alice@REALM may sign in as alice@domain. The realm in lower case when absent'),
        netbiosDomain: z
          .string()
          .regex(/^[^\s/@\\]+$/, 'a name such as EXAMPLE')
          .optional()
          .describe('Windows domain: alice@REALM may sign in as who has the sign-in name DOMAIN\\alice'),
      }),
    )
    .max(1000)
    .default([])
    .describe('Realms whose users may sign in. Empty: the realms that the keytab has keys of'),
  maxRemembered: z
    .int()
    .min(100)
    .max(10_000_000)
    .default(200_000)
    .describe('Tickets in use that are remembered against replays, about 250 bytes each, for twice skewSeconds. More sign-ins are refused'),
  maxRememberedPerUser: z.int().min(10).max(100_000).default(500).describe('Of these, how many of one user'),
  pollSeconds: z.int().min(1).max(86_400).default(10).describe('How often to look whether the keytab has changed'),
  oldestVersion: z
    .union([z.literal(2), z.literal(3), z.literal(4)])
    .default(4)
    .describe(
      'Oldest version of the SIP authentication protocol that is accepted. Clients older than OCS 2007 with its updates need 3, LCS 2005 needs 2',
    ),
});
export type KerberosConfig = z.output<typeof KerberosConfig>;
