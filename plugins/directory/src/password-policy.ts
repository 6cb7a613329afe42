/** The least that a password must be. What it says are the reasons for refusing, never the password. */
import * as z from 'zod';

/** Longest password, in characters: hashing must not become a way to keep the server busy. */
export const MAX_PASSWORD = 256;

const CLASSES = [/\p{Ll}/u, /\p{Lu}/u, /\p{Nd}/u, /[^\p{L}\p{Nd}]/u];

export const PasswordPolicy = z.strictObject({
  minLength: z.int().min(1).max(64).default(8).describe('Fewest characters of a password.'),
  minClasses: z.int().min(1).max(4).default(1).describe('How many of lower case, upper case, digits and other characters it must have.'),
  allowUserName: z.boolean().default(false).describe('Whether a password may contain the name before the @ of the address.'),
});
export type PasswordPolicy = z.infer<typeof PasswordPolicy>;

/** Why `password` is refused for a user with that user part; empty when it is good enough. */
export function passwordFaults(policy: PasswordPolicy, password: string, userPart: string): string[] {
  const faults: string[] = [];
  const { length } = Array.from(password);
  if (length < policy.minLength) faults.push(`it has ${length} characters and needs ${policy.minLength}`);
  if (length > MAX_PASSWORD) faults.push(`it has ${length} characters and may have ${MAX_PASSWORD}`);
  if (/\p{Cc}/u.test(password)) faults.push('it has control characters');
  const classes = CLASSES.filter((c) => c.test(password)).length;
  if (classes < policy.minClasses) {
    faults.push(`it has ${classes} of lower case, upper case, digits and other characters and needs ${policy.minClasses}`);
  }
  if (!policy.allowUserName && userPart.length >= 3 && password.toLowerCase().includes(userPart)) {
    faults.push('it contains the user name');
  }
  return faults;
}
