/** Configuration of default routing. */
import { z } from 'zod';

const domain = z
  .string()
  .max(253)
  .regex(/^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i, 'a domain such as example.org, or *.example.org for all below it')
  .transform((name) => name.toLowerCase());

/** Everything an operator may set. */
export const RoutingConfig = z.strictObject({
  outbound: z
    .union([z.enum(['deny', 'allow']), z.array(domain).min(1)])
    .default('deny')
    .describe("Requests of our users to other domains: 'deny', 'allow', or a list of the domains that may be called."),
  inbound: z
    .enum(['allow', 'deny'])
    .default('allow')
    .describe('Requests from other domains to our users, as far as authentication lets them in: docs/connect-a-gateway.md.'),
  requireAuthentication: z
    .boolean()
    .default(true)
    .describe('Refuse a request in the name of one of our users that nothing has authenticated. Set false only on a closed network.'),
  users: z
    .enum(['directory', 'any'])
    .default('directory')
    .describe("'directory': only its enabled users exist. 'any': whoever is registered does; for load tests."),
  maxBranches: z.int().min(1).max(100).default(100).describe('Endpoints of a user that one request is sent to at most.'),
  historyInfo: z.boolean().default(false).describe('Add History-Info to INVITE requests that have none ([MS-SIPRE] section 4.1).'),
});

export type RoutingConfig = z.output<typeof RoutingConfig>;
