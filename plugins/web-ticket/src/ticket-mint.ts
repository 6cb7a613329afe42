/** Issues web tickets, and tells its own from all others. Nothing is stored: any server of the pool can check any ticket. [MS-OCAUTHWS] section 5 */
import { randomUUID } from 'node:crypto';
import { SOAP_NAMESPACES as NS } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import type { PoolKeys, User } from '@parley/plugin-directory/api';
import { readAssertion, writeAssertion } from './assertion.ts';
import type { AssertionClaims } from './assertion.ts';
import { signAssertion, verifyAssertion } from './signature.ts';
import { TicketSeal } from './ticket-seal.ts';
import type { TicketSecrets } from './ticket-seal.ts';

/** A ticket and its times. */
export interface IssuedTicket {
  /** One `saml:Assertion` element, signed. */
  readonly assertion: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly createdAt: number;
  readonly expiresAt: number;
}

/** A ticket that this pool issued; whether it is still good is another question. */
export interface OwnTicket {
  readonly claims: AssertionClaims;
  readonly secrets: TicketSecrets;
}

export class TicketMint {
  private readonly signingKey: Buffer;
  private readonly seal: TicketSeal;

  /** @param lifetimeMs of a ticket, whole seconds */
  constructor(
    keys: PoolKeys,
    private readonly lifetimeMs: number,
  ) {
    this.signingKey = keys.derive('web-ticket signature');
    this.seal = new TicketSeal(keys.derive('web-ticket seal'));
  }

  /**
   * A ticket for a user.
   * @param audience URL of the service that it is for
   * @param issuer URL of this pool
   * @param proofKey what the client must prove to have; undefined: a bearer ticket
   */
  issue(user: User, audience: string, issuer: string, proofKey: Buffer | undefined, now: number): IssuedTicket {
    const createdAt = Math.floor(now / 1000) * 1000;
    const expiresAt = createdAt + this.lifetimeMs;
    const id = `SamlSecurityToken-${randomUUID()}`;
    const text = writeAssertion({
      id,
      issuer,
      audience,
      aor: user.aor,
      notBefore: createdAt,
      notOnOrAfter: expiresAt,
      confirmation: proofKey === undefined ? 'bearer' : 'holder-of-key',
      sealed: this.seal.seal({ userId: user.id, passwordChangedAt: user.passwordChangedAt, proofKey }, id),
    });
    return { assertion: signAssertion(text, this.signingKey), createdAt, expiresAt };
  }

  /** What an assertion says, if it is ours and was not changed. */
  recognise(assertion: XmlElement): OwnTicket | undefined {
    if (!assertion.is('Assertion', NS.saml) || !this.bearsSeal(assertion)) return undefined;
    const signed = verifyAssertion(assertion, this.signingKey);
    const claims = signed === undefined ? undefined : readAssertion(signed);
    const secrets = claims === undefined ? undefined : this.seal.open(claims.sealed, claims.id);
    return claims === undefined || secrets === undefined ? undefined : { claims, secrets };
  }

  /** Costs microseconds where a signature costs milliseconds: who never had a ticket of ours gets no further. Proves nothing else. */
  private bearsSeal(assertion: XmlElement): boolean {
    const claimed = readAssertion(assertion);
    return claimed !== undefined && this.seal.open(claimed.sealed, claimed.id) !== undefined;
  }
}
