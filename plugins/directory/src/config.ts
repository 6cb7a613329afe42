/** What an operator can set about the directory. */
import * as z from 'zod';
import { PasswordPolicy } from './password-policy.ts';
import { SignInLimitsConfig } from './sign-in-limits-config.ts';

export const DirectoryConfig = z.strictObject({
  realms: z
    .array(z.string().min(1).max(255))
    .min(1)
    .max(16)
    .optional()
    .describe('Realms that digest credentials are made for when a password is set; the domains of the server when absent'),
  keyFile: z
    .string()
    .min(1)
    .default('directory.key')
    .describe('File with the key that stored credentials are encrypted under, relative to the data folder. Back it up apart from the data'),
  passwords: PasswordPolicy.prefault({}).describe('The least that a password must be'),
  signIn: SignInLimitsConfig.prefault({}).describe('How fast passwords can be tried, over all ways of signing in together'),
});
export type DirectoryConfig = z.output<typeof DirectoryConfig>;
