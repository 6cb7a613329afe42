/** What an operator can set about discovery. */
import * as z from 'zod';

const sipAddress = z.strictObject({
  host: z
    .string()
    .regex(/^(?!-)[a-z0-9.-]{1,253}$/i, 'a host name')
    .describe('Name that clients connect to; the TLS certificate must carry it'),
  port: z.int().min(1).max(65_535).describe('Port of a TLS listener, or of what forwards to one'),
});
const rootUrl = z.url({ protocol: /^https$/ }).max(400);

export const AutodiscoverConfig = z.strictObject({
  internal: sipAddress.optional().describe('Where clients inside connect by TLS; the first TLS listener of the server when absent'),
  external: sipAddress.optional().describe('Where clients outside connect by TLS; internal when absent'),
  redirects: z
    .record(z.string().toLowerCase(), rootUrl)
    .default({})
    .describe('SIP domains whose users are to ask elsewhere, each with the URL of the other server’s discovery root'),
  homes: z
    .record(z.string(), rootUrl)
    .default({})
    .describe('Home servers of users, as the directory names them, each with the URL of its discovery root'),
});
export type AutodiscoverConfig = z.output<typeof AutodiscoverConfig>;
