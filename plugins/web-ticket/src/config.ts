/** What an operator can set about web tickets. */
import * as z from 'zod';

export const WebTicketConfig = z.strictObject({
  ticketSeconds: z
    .int()
    .min(300)
    .max(86_400)
    .default(28_800)
    .describe('How long a web ticket is good for; clients fetch a new one a minute before its end without asking their user'),
  skewSeconds: z
    .int()
    .min(0)
    .max(3_600)
    .default(300)
    .describe('How far the clock of the server that issued a ticket may be ahead of that of the server that checks it'),
});
export type WebTicketConfig = z.output<typeof WebTicketConfig>;
