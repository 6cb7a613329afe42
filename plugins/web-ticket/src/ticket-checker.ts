/** Is this ticket good for this service now? [MS-OCAUTHWS] R9, R10, R15 */
import { ParleyError, SOAP_NAMESPACES as NS, parseXml, readSecurity, readUtcTime } from '@parley/sdk';
import type { Clock, SoapEnvelope, XmlElement } from '@parley/sdk';
import type { Directory } from '@parley/plugin-directory/api';
import type { Ticket, TicketFailure, TicketService } from './api.ts';
import type { Audiences } from './audiences.ts';
import { verifyTimestamp } from './signature.ts';
import type { OwnTicket, TicketMint } from './ticket-mint.ts';

const HEADER = /^opaque=([A-Za-z0-9+/]{1,65536}={0,2})$/;
/** An assertion of ours has about 2,000 characters and 20 elements. */
const ASSERTION_LIMITS = { size: 16_384, depth: 12, elements: 64, attributes: 16 } as const;

/** What the checks work with. */
export interface CheckerParts {
  readonly mint: Pick<TicketMint, 'recognise'>;
  readonly directory: Pick<Directory, 'findById'>;
  readonly audiences: Pick<Audiences, 'covers'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly skewMs: number;
}

export class TicketChecker {
  constructor(private readonly parts: CheckerParts) {}

  /** Throws SOAP_SECURITY for a header that says two things at once. */
  check(envelope: SoapEnvelope, service: Pick<TicketService, 'portPath' | 'use'>): Ticket | TicketFailure {
    const assertion = readSecurity(envelope)?.assertion;
    if (assertion === undefined) return failure('missing', 'the request has no ticket');
    const own = this.parts.mint.recognise(assertion);
    if (own === undefined) return failure('signature', 'the ticket is not of this pool, or was changed');
    const ticket = this.judge(own, service.portPath);
    if ('failure' in ticket || service.use === 'bearer') return ticket;
    return this.proofFault(envelope, own) ?? ticket;
  }

  /** @param path of the request, from the root */
  checkHeader(value: string | undefined, path: string): Ticket | TicketFailure {
    if (value === undefined) return failure('missing', 'the request has no ticket');
    const encoded = HEADER.exec(value)?.[1];
    if (encoded === undefined) return failure('malformed', 'X-MS-WebTicket is not opaque= with base64 behind it');
    let assertion: XmlElement;
    try {
      assertion = parseXml(Buffer.from(encoded, 'base64'), ASSERTION_LIMITS).root;
    } catch (error) {
      if (error instanceof ParleyError) return failure('malformed', `X-MS-WebTicket: ${error.message}`);
      throw error;
    }
    const own = this.parts.mint.recognise(assertion);
    return own === undefined ? failure('signature', 'the ticket is not of this pool, or was changed') : this.judge(own, path);
  }

  private judge({ claims, secrets }: OwnTicket, path: string): Ticket | TicketFailure {
    const now = this.parts.clock.now();
    if (!this.parts.audiences.covers(claims.audience, path)) return failure('audience', `the ticket is for ${claims.audience}`);
    if (now >= claims.notOnOrAfter) return failure('expired', `the ticket of ${claims.aor} has expired`);
    if (now < claims.notBefore - this.parts.skewMs)
      return failure('expired', `the ticket of ${claims.aor} is not good yet: compare the clocks of the servers`);
    const user = this.parts.directory.findById(secrets.userId);
    if (user?.aor !== claims.aor || !user.enabled) return failure('user', `${claims.aor} is disabled or was removed`);
    if (user.passwordChangedAt !== secrets.passwordChangedAt)
      return failure('user', `the password of ${claims.aor} was changed after the ticket was issued`);
    return { user, aor: user.aor, expiresAt: claims.notOnOrAfter };
  }

  /** R9: the client signed the timestamp with the ticket's key, and says that it is this ticket's. */
  private proofFault(envelope: SoapEnvelope, { claims, secrets }: OwnTicket): TicketFailure | undefined {
    const security = envelope.header?.child('Security', NS.secext);
    if (secrets.proofKey === undefined || security === undefined)
      return failure('proof', 'the ticket has no proof key, which this service needs');
    const named = security.find('Signature', 'KeyInfo', 'SecurityTokenReference', 'KeyIdentifier')?.text.trim();
    if (named !== claims.id) return failure('proof', 'the signature is not by the key of this ticket');
    const timestamp = verifyTimestamp(security, secrets.proofKey);
    if (timestamp === undefined) return failure('proof', 'the signature does not fit the timestamp and the key of the ticket');
    const expires = readUtcTime(timestamp.child('Expires', NS.utility)?.text);
    // Created is that of the ticket and may be hours old: only the end counts.
    return expires !== undefined && this.parts.clock.now() < expires ? undefined : failure('proof', 'the signed timestamp has expired');
  }
}

function failure(kind: TicketFailure['failure'], detail: string): TicketFailure {
  return { failure: kind, detail };
}
