/** Why a token is refused, in sentences that tell an operator what to do. */
import type { RefusalReason, Refused } from './acceptance.ts';
import { principalText } from './principal.ts';
import type { Principal } from './principal.ts';

function refused(reason: RefusalReason, found: string, fix: string, client?: Principal): Refused {
  return { kind: 'refused', reason, detail: `${found}. ${fix}`, ...(client !== undefined && { client }) };
}

/** One function a refusal; `service` and `client` are texts where they are only shown. */
export const refusals = {
  malformed: (found: string): Refused => ({ kind: 'refused', reason: 'malformed', detail: found }),

  userToUser: (): Refused =>
    refused('unsupported', 'The client wants user-to-user authentication, which is not built', 'Register the service principal in the KDC'),

  otherService: (asked: string, service: string): Refused =>
    refused(
      'service',
      `The ticket is for ${asked}, not for a ${service} service`,
      'Correct the principal that the client looks for, or find out who passes tickets on',
    ),

  unknownService: (asked: string): Refused =>
    refused(
      'no-key',
      `The ticket is for ${asked}, which is not in the keytab`,
      'Export its key into the keytab, or correct the name that clients ask for',
    ),

  otherVersion: (asked: string, version: number | undefined, present: readonly string[]): Refused =>
    refused(
      'no-key',
      `The ticket has version ${version} of the key of ${asked}, the keytab has ${present.join(', ')}`,
      'Export the keytab anew; tickets with older keys end by themselves',
    ),

  otherEnctype: (asked: string, enctype: string, present: readonly string[]): Refused =>
    refused(
      'no-key',
      `The ticket for ${asked} is encrypted with ${enctype}, the keytab has keys for ${present.join(', ')}`,
      'Export a keytab with keys of that type, too',
    ),

  weak: (what: string, enctype: string): Refused =>
    refused(
      'weak',
      `The ${what} is of type ${enctype}, which enctypes does not allow`,
      'Give the service account AES keys in the KDC, or allow that type',
    ),

  ticketAltered: (asked: string): Refused =>
    refused(
      'altered',
      `A ticket for ${asked} does not decrypt with the key in the keytab`,
      'It was altered, or the keytab is not the one that the KDC made last: export it anew',
    ),

  authenticatorAltered: (asked: string): Refused =>
    refused(
      'altered',
      `The authenticator beside a ticket for ${asked} does not decrypt with the session key`,
      'It was altered or belongs to another ticket: see where it comes from',
    ),

  mismatch: (ticket: string, authenticator: string): Refused =>
    refused('mismatch', `The ticket is of ${ticket} and the authenticator of ${authenticator}`, 'See where it comes from'),

  skew: (client: Principal, byMs: number, allowedMs: number): Refused =>
    refused(
      'skew',
      `The clock of ${principalText(client)} is ${duration(byMs)} ${byMs > 0 ? 'ahead of' : 'behind'} this server's, ${duration(allowedMs)} are allowed`,
      'Set both by NTP',
      client,
    ),

  notYetValid: (client: Principal, startsAt: number): Refused =>
    refused(
      'not-yet-valid',
      `The ticket of ${principalText(client)} is not valid before ${isoTime(startsAt)}`,
      'Compare the clocks of the KDC and of this server',
      client,
    ),

  expired: (client: Principal, endsAt: number): Refused =>
    refused(
      'expired',
      `The ticket of ${principalText(client)} ended at ${isoTime(endsAt)}`,
      'The user has to sign in to the domain again',
      client,
    ),

  transited: (client: Principal): Refused =>
    refused(
      'transited',
      `The ticket of ${principalText(client)} came through realms that the KDC has not checked`,
      'Let the KDC of this realm check transited realms',
      client,
    ),

  replayed: (client: Principal): Refused =>
    refused(
      'replayed',
      `A ticket of ${principalText(client)} was shown a second time`,
      'Somebody repeats what was overheard: sign in over TLS only',
      client,
    ),

  busy: (client: Principal): Refused =>
    refused(
      'busy',
      `More tickets of ${principalText(client)}, or of all clients, than can be remembered`,
      'Find the client that signs in again and again, or raise maxRemembered',
      client,
    ),
} as const;

function duration(ms: number): string {
  const seconds = Math.round(Math.abs(ms) / 1000);
  return seconds < 120 ? `${seconds} seconds` : `${Math.round(seconds / 60)} minutes`;
}

function isoTime(time: number): string {
  return new Date(time).toISOString();
}
