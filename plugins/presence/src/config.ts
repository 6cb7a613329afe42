/** Configuration of presence. */
import { z } from 'zod';

const Limits = z.strictObject({
  bodyBytes: z.int().min(4096).max(1_048_576).default(65_536).describe('Bytes of one request to publish, or to change containers.'),
  subscribeBytes: z
    .int()
    .min(4096)
    .max(1_048_576)
    .default(524_288)
    .describe('Bytes of one request to subscribe: a thousand contacts, each with the context that Lync sends.'),
  instances: z.int().min(50).max(100_000).default(1000).describe('Instances that a user may have published, in all containers.'),
  containers: z.int().min(10).max(1000).default(50).describe('Containers of a user.'),
  members: z.int().min(10).max(10_000).default(1000).describe('Members of one container.'),
  prompted: z
    .int()
    .min(0)
    .max(500)
    .default(200)
    .describe('People who have added a user and wait to be acknowledged. Those beyond are not told; 0 tells nobody.'),
  delegates: z.int().min(0).max(100).default(25).describe('People who may act for one user.'),
  watched: z.int().min(10).max(10_000).default(2000).describe('Contacts in one subscription.'),
  subscriptions: z.int().min(10).max(10_000).default(200).describe('Subscriptions of one user, from all endpoints.'),
  watchers: z.int().min(10).max(1_000_000).default(50_000).describe('Subscriptions to one user.'),
});

/** Everything an operator may set. */
export const PresenceConfig = z.strictObject({
  categories: z
    .array(z.string().regex(/^[A-Za-z][\w.-]{0,63}$/, 'a name such as jobTitleHistory'))
    .max(100)
    .default([])
    .describe('Categories that clients may publish beside those of Communicator and Lync, with any content.'),
  publicProviders: z
    .array(z.string().regex(/^[a-z0-9.-]{1,253}$/, 'a domain in lower case'))
    .max(1000)
    .default([])
    .describe('Domains of public messaging services: their users are publicCloud, those of other domains are federated.'),
  phones: z
    .enum(['available', 'ignored'])
    .default('available')
    .describe(
      "What a plain SIP phone says of its user by being registered: 'available', unless it publishes something; or nothing ('ignored').",
    ),
  subscriptionSeconds: z.int().min(120).max(86_400).default(28_800).describe('How long a subscription runs without being renewed or used.'),
  publicationSeconds: z
    .int()
    .min(60)
    .max(86_400)
    .default(3600)
    .describe('The longest that a plain SIP client publishes at a time (RFC 3903); those that ask for more get this.'),
  returnSeconds: z
    .int()
    .min(10)
    .max(3600)
    .default(120)
    .describe('After a start: how long what an endpoint had published waits for the endpoint to come back.'),
  paceMs: z
    .int()
    .min(0)
    .max(60_000)
    .default(1000)
    .describe('A watcher is told of one contact at most once in so many milliseconds, then the latest state.'),
  requireAuthentication: z
    .boolean()
    .default(true)
    .describe('Refuse a client that no authentication plugin vouched for. Set false only on a closed network.'),
  limits: Limits.prefault({}).describe('What one user or one request may take.'),
});

export type PresenceConfig = z.output<typeof PresenceConfig>;
