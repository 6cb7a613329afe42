/** Tickets for web services: alone, or inside SPNEGO. RFC 4559, RFC 4178. */
import { NEG_STATE, ParleyError, inject, injectable, isKerberos, isSpnego, readNegTokenInit, writeNegTokenResp } from '@parley/sdk';
import type { NegTokenInit } from '@parley/sdk';
import type { KerberosAccepted, KerberosAcceptor, KerberosRefused, KerberosService } from './api.ts';
import { TicketVerifier } from './ticket-verifier.ts';

/** Accepts for HTTP what the mechanism accepts for SIP. */
@injectable()
export class TicketAcceptor implements KerberosAcceptor {
  constructor(@inject(TicketVerifier) private readonly verifier: TicketVerifier) {}

  accept(token: Buffer, service: KerberosService): KerberosAccepted | KerberosRefused {
    if (!isSpnego(token)) return this.judge(token, service, (reply) => reply);
    const init = this.readInit(token);
    if (!('mechanisms' in init)) return init;
    // Only the first mechanism has sent its token along; another choice would need further rounds on the same connection.
    const [first] = init.mechanisms;
    if (first === undefined || !isKerberos(first) || init.token === undefined) {
      return this.verifier.refused(
        'unsupported',
        'unsupported',
        'the client negotiates, but has no ticket to show; its computer is not in the domain, or finds no KDC',
      );
    }
    return this.judge(init.token, service, (reply) => writeNegTokenResp(NEG_STATE.acceptCompleted, first, reply));
  }

  private judge(
    token: Buffer,
    service: KerberosService,
    wrap: (reply: Buffer | undefined) => Buffer | undefined,
  ): KerberosAccepted | KerberosRefused {
    const verdict = this.verifier.verify(token, service);
    if (verdict.kind === 'refused') return verdict;
    const { user, principal, expiresAt } = verdict;
    const reply = wrap(verdict.reply);
    return { kind: 'accepted', user, principal, expiresAt, ...(reply !== undefined && { reply }) };
  }

  private readInit(token: Buffer): NegTokenInit | KerberosRefused {
    try {
      return readNegTokenInit(token);
    } catch (error) {
      if (!(error instanceof ParleyError)) throw error;
      return this.verifier.refused('malformed', 'malformed', `the SPNEGO token cannot be read; ${error.message}`);
    }
  }
}
