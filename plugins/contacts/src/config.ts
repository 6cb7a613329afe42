/** Configuration of contacts. */
import { z } from 'zod';
import { LAST_GROUP_ID } from './contact-list.ts';

/** Everything an operator may set. */
export const ContactsConfig = z.strictObject({
  maxContacts: z.int().min(1).max(10_000).default(1000).describe('Contacts on one list.'),
  maxGroups: z
    .int()
    .min(1)
    .max(LAST_GROUP_ID)
    .default(LAST_GROUP_ID)
    .describe('Groups on one list, the one that everybody has included. Clients number them from 1 to 64.'),
  maxAccessEntries: z.int().min(1).max(10_000).default(1000).describe('Access control entries of one user (clients of LCS 2005).'),
  subscriptionSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(28_800)
    .describe('How long a client is told changes without asking again. Each change that it is told begins this time anew.'),
  requireAuthentication: z
    .boolean()
    .default(true)
    .describe('Refuse a client that no authentication plugin vouched for. Set false only on a closed network.'),
  bareChanges: z
    .array(z.string().min(1).max(100))
    .max(20)
    .default([])
    .describe('Clients that are told changes with addresses without sip:, as in the full list: parts of their User-Agent.'),
  search: z
    .strictObject({
      maxResults: z.int().min(1).max(1000).default(100).describe('People in one answer; a client may ask for fewer.'),
      perMinute: z.int().min(1).max(10_000).default(120).describe('Searches of one user in a minute.'),
    })
    .prefault({})
    .describe('Search for people by clients without an address book (OCS 2007), and by others when theirs fails.'),
});
export type ContactsConfig = z.output<typeof ContactsConfig>;
