/** What an operator can set about attempts to sign in. */
import * as z from 'zod';

export const SignInLimitsConfig = z.strictObject({
  perAddress: z.int().min(1).max(100_000).default(20).describe('Failed attempts that an address may make at once'),
  perAddressMinute: z.number().positive().max(100_000).default(10).describe('Failed attempts that an address gets back in a minute'),
  perUser: z.int().min(1).max(100_000).default(10).describe('Failed attempts that may be made at once on a user'),
  perUserMinute: z.number().positive().max(100_000).default(2).describe('Failed attempts on a user that come back in a minute'),
  maxKeys: z.int().min(100).max(10_000_000).default(50_000).describe('Addresses and users that are remembered, each'),
});
export type SignInLimitsConfig = z.output<typeof SignInLimitsConfig>;
