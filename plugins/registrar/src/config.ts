/** Configuration of the registrar. */
import { z } from 'zod';
import { isNetwork } from './internal-networks.ts';

/** Everything an operator may set; defaults are for a few thousand users with several endpoints each. */
export const RegistrarConfig = z
  .strictObject({
    defaultExpires: z.int().min(60).max(86_400).default(7200).describe('Seconds a registration lasts when the endpoint asks for nothing.'),
    minExpires: z.int().min(1).max(3600).default(60).describe('Shortest registration in seconds; less is refused with 423.'),
    maxExpires: z.int().min(60).max(604_800).default(7200).describe('Longest registration in seconds; more is cut to this.'),
    maxContacts: z.int().min(1).max(100).default(10).describe('Endpoints that one address may have at a time.'),
    whenFull: z
      .enum(['refuse', 'replaceOldest'])
      .default('replaceOldest')
      .describe("What a further endpoint gets: 'replaceOldest' ends the oldest registration and tells its endpoint, 'refuse' answers 403."),
    maxBindings: z.int().min(1).max(10_000_000).default(500_000).describe('Registrations in all; beyond it new ones get 503.'),
    requireAuthentication: z
      .boolean()
      .default(true)
      .describe('Refuse a REGISTER that no authentication plugin vouched for. Set false only on a closed network.'),
    users: z
      .enum(['directory', 'any'])
      .default('directory')
      .describe(
        "'directory': only its enabled users may register. 'any': everyone in our domains may; for load tests, never on a network with people.",
      ),
    keepAliveSeconds: z
      .int()
      .min(5)
      .max(3600)
      .default(300)
      .describe(
        'Idle seconds after which clients on connections send a keep-alive; the transport must wait at least 60 s longer before it hangs up.',
      ),
    serverVersion: z
      .string()
      .regex(/^\d{1,3}\.\d{1,5}$/, 'a version such as 5.0')
      .default('5.0')
      .describe(
        'What Communicator and Lync clients take this server for: 5.0 is Lync 2013; from 6.0 on they behave as with Skype for Business.',
      ),
    internalNetworks: z
      .array(z.string().refine(isNetwork, 'an address or network, such as 192.0.2.0/24'))
      .default([])
      .describe(
        'Networks of the organisation. Clients from elsewhere are told to use external addresses of services; with none listed, nobody is.',
      ),
    persist: z.boolean().default(true).describe('Keep registrations in the store, so that they outlive a restart.'),
  })
  .refine((c) => c.minExpires <= c.defaultExpires && c.defaultExpires <= c.maxExpires, {
    message: 'minExpires <= defaultExpires <= maxExpires must hold',
    path: ['defaultExpires'],
  });

export type RegistrarConfig = z.output<typeof RegistrarConfig>;
