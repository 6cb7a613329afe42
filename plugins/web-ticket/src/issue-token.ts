/** The operation IssueToken: an authenticated user gets a web ticket. [MS-OCAUTHWS] R5 to R8, R18. */
import { randomBytes } from 'node:crypto';
import { Markup, SOAP_NAMESPACES as NS, SoapFault, utcTime, xmlElement } from '@parley/sdk';
import type { Clock, Log, SoapOperation } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { Audiences } from './audiences.ts';
import { FAULT_IDS } from './fault-ids.ts';
import type { TicketOutcomes } from './outcomes.ts';
import { ENTROPY_BYTES, pSha1 } from './proof-key.ts';
import type { IssuedTicket, TicketMint } from './ticket-mint.ts';
import { readTokenRequest } from './token-request.ts';
import type { TokenRequest } from './token-request.ts';

/** Who asks, and how this pool is called on that side. */
export interface TokenCaller {
  readonly user: User;
  readonly baseUrl: string;
}

/** What the operation works with. */
export interface IssueParts {
  readonly mint: Pick<TicketMint, 'issue'>;
  readonly audiences: Pick<Audiences, 'isOffered'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info'>;
  readonly outcomes: TicketOutcomes;
}

const SAML_V1_1 = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1';
const BITS_PER_BYTE = 8;

/** The halves of a proof key and what becomes of them. */
interface Proof {
  readonly key: Buffer;
  /** What the server says of it. */
  readonly markup: readonly Markup[];
}

/** The operation, for a SoapService whose context is the caller. */
export function issueToken(parts: IssueParts): SoapOperation<TokenCaller> {
  return {
    responseAction: `${NS.trust}/RSTRC/IssueFinal`,
    run({ operation, context: caller }) {
      try {
        const request = readTokenRequest(operation);
        checkRight(parts, request, caller);
        const proof = request.keyType === 'bearer' ? undefined : proofFor(request.entropy);
        const ticket = parts.mint.issue(caller.user, request.appliesTo, `${caller.baseUrl}/`, proof?.key, parts.clock.now());
        parts.outcomes.count('issued');
        return response(request, ticket, proof);
      } catch (error) {
        parts.outcomes.count('refused');
        if (error instanceof SoapFault) parts.log.info({ user: caller.user.aor }, `no web ticket: ${error.message}`);
        throw error;
      }
    },
  };
}

/** R5, R6: the claimed address is the caller's own, or none is claimed; the service is one of ours. */
function checkRight(parts: IssueParts, { claimedAor, appliesTo }: TokenRequest, { user }: TokenCaller): void {
  if (claimedAor !== undefined && claimedAor !== user.aor) {
    throw new SoapFault('wsse:FailedAuthentication', 'The SIP URI in the claim does not belong to the presented credentials', {
      errorId: FAULT_IDS.other,
    });
  }
  if (!parts.audiences.isOffered(appliesTo)) {
    throw new SoapFault('wst:InvalidScope', 'No tickets are issued for that service', { errorId: FAULT_IDS.other });
  }
}

/** R8. Without entropy of the client the server makes the whole key (WS-Trust 1.3 section 4.4.4). */
function proofFor(clientEntropy: Buffer | undefined): Proof {
  const own = randomBytes(ENTROPY_BYTES.server);
  const secret = xmlElement('wst:BinarySecret', {}, own.toString('base64'));
  const key = clientEntropy === undefined ? own : pSha1(clientEntropy, own, clientEntropy.length);
  const tail = [xmlElement('wst:KeySize', {}, key.length * BITS_PER_BYTE), xmlElement('wst:KeyType', {}, `${NS.trust}/SymmetricKey`)];
  if (clientEntropy === undefined) return { key, markup: [xmlElement('wst:RequestedProofToken', {}, secret), ...tail] };
  const computed = xmlElement('wst:RequestedProofToken', {}, xmlElement('wst:ComputedKey', {}, `${NS.trust}/CK/PSHA1`));
  return { key, markup: [computed, xmlElement('wst:Entropy', {}, secret), ...tail] };
}

/**
 * R7: clients cut what they need out of the text. The first Lifetime is the ticket's, with prefix `wsu` declared outside of it; the first
 * Assertion is the ticket; the first BinarySecret is the server's.
 */
function response({ context }: TokenRequest, { assertion, createdAt, expiresAt }: IssuedTicket, proof: Proof | undefined): Markup {
  const lifetime = xmlElement(
    'wst:Lifetime',
    {},
    xmlElement('wsu:Created', {}, utcTime(createdAt)),
    xmlElement('wsu:Expires', {}, utcTime(expiresAt)),
  );
  return xmlElement(
    'wst:RequestSecurityTokenResponseCollection',
    { 'xmlns:wst': NS.trust, 'xmlns:wsu': NS.utility },
    xmlElement(
      'wst:RequestSecurityTokenResponse',
      { Context: context },
      xmlElement('wst:TokenType', {}, SAML_V1_1),
      xmlElement('wst:RequestedSecurityToken', {}, new Markup(assertion)),
      lifetime,
      proof?.markup,
    ),
  );
}
