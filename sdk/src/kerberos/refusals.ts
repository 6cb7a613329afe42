/** Why a token is refused, in sentences that tell an operator what to do. */
import type { RefusalReason, Refused } from './acceptance.ts';
import { principalText } from './principal.ts';
import type { Principal } from './principal.ts';

function refused(reason: RefusalReason, found: string, fix: string, client?: Principal): Refused {
  return { kind: 'refused', reason, detail: `${found}; ${fix}`, ...(client !== undefined && { client }) };
}

/** A refusal over which the KDC, the keytab or the client stumbled; `asked` is the service that the ticket is for. */
export const refusals = {
  malformed: (why: string): Refused => refused('malformed', 'the Kerberos token cannot be read', why),

  userToUser: (): Refused =>
    refused('unsupported', 'the client wants user-to-user authentication, which is not built', 'register the service principal in the KDC'),

  otherService: (asked: string, service: string): Refused =>
    refused(
      'service',
      `the ticket is for ${asked}, not for a ${service} service`,
      'correct the principal that the client looks for, or find out who passes tickets on',
    ),

  unknownService: (asked: string): Refused =>
    refused(
      'no-key',
      `the ticket is for ${asked}, which is not in the keytab`,
      'export its key into the keytab, or correct the name that clients ask for',
    ),

  otherVersion: (asked: string, version: number | undefined, present: readonly string[]): Refused =>
    refused(
      'no-key',
      `the ticket has version ${version} of the key of ${asked}, the keytab has ${present.join(', ')}`,
      'export the keytab anew; tickets with older keys end by themselves',
    ),

  otherEnctype: (asked: string, enctype: string, present: readonly string[]): Refused =>
    refused(
      'no-key',
      `the ticket for ${asked} is encrypted with ${enctype}, the keytab has keys for ${present.join(', ')}`,
      'export a keytab with keys of that type, too',
    ),

  weak: (what: string, enctype: string): Refused =>
    refused(
      'weak',
      `the ${what} is of type ${enctype}, which enctypes does not allow`,
      'give the service account AES keys in the KDC, or allow that type',
    ),

  ticketAltered: (asked: string): Refused =>
    refused(
      'altered',
      `a ticket for ${asked} does not decrypt with the key in the keytab`,
      'it was altered, or the keytab is not the one that the KDC made last: export it anew',
    ),

  authenticatorAltered: (asked: string): Refused =>
    refused(
      'altered',
      `the authenticator beside a ticket for ${asked} does not decrypt with its session key`,
      'it was altered or belongs to another ticket: see where it comes from',
    ),

  mismatch: (ticket: string, authenticator: string): Refused =>
    refused('mismatch', `the ticket is of ${ticket} and the authenticator of ${authenticator}`, 'see where it comes from'),

  /** @param byMs how far the client's clock is ahead of ours; negative: behind */
  skew: (client: Principal, byMs: number, allowedMs: number): Refused =>
    refused(
      'skew',
      `the clock of ${principalText(client)} is ${duration(byMs)} ${byMs > 0 ? 'ahead of' : 'behind'} this server's, ${duration(allowedMs)} are allowed`,
      'set both by NTP',
      client,
    ),

  notYetValid: (client: Principal, startsAt: number): Refused =>
    refused(
      'not-yet-valid',
      `the ticket of ${principalText(client)} is not valid before ${isoTime(startsAt)}`,
      'compare the clocks of the KDC and of this server',
      client,
    ),

  expired: (client: Principal, endsAt: number): Refused =>
    refused(
      'expired',
      `the ticket of ${principalText(client)} ended at ${isoTime(endsAt)}`,
      'the user has to sign in to the domain again',
      client,
    ),

  transited: (client: Principal): Refused =>
    refused(
      'transited',
      `the ticket of ${principalText(client)} came through realms that the KDC has not checked`,
      'let the KDC of this realm check transited realms',
      client,
    ),

  replayed: (client: Principal): Refused =>
    refused(
      'replayed',
      `a ticket of ${principalText(client)} was shown a second time`,
      'somebody repeats what was overheard: let clients sign in over TLS only',
      client,
    ),

  busy: (client: Principal): Refused =>
    refused(
      'busy',
      `there are more tickets of ${principalText(client)}, or of all clients, than can be remembered`,
      'find the client that signs in again and again, or raise maxRemembered',
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
