/** The gate of one mechanism: what is signed is verified, what begins a handshake goes on with it, all else passes. [MS-SIPAE] R2 to R12. */
import { PASS } from '@parley/core';
import type { Clock, Flow, Gate, GateVerdict, Inbound, SipMessage, SipRequest, SipResponse } from '@parley/core';
import { H } from '@parley/core';
import { DIAGNOSTICS } from '../diagnostic-ids.ts';
import { ownerOf } from './accounts.ts';
import { ASSOCIATION_REALM, refusal } from './answers.ts';
import { assertIdentity } from './asserted-identity.ts';
import type { AssociationAccounts, AssociationUser } from './accounts.ts';
import type { AssociationTable } from './association-table.ts';
import { takeCredentials } from './credentials.ts';
import type { AssociationCredentials, ClientSignature, CredentialsTarget } from './credentials.ts';
import { claimsForeignGruu, endpointOf } from './endpoint-identifiers.ts';
import { FlowAssociations } from './flow-associations.ts';
import type { HandshakeRunner } from './handshake-runner.ts';
import type { AssociationMechanism } from './mechanism.ts';
import type { AssociationOutcomes } from './outcomes.ts';
import type { SecurityAssociation } from './security-association.ts';
import { signatureBuffer } from './signature-buffer.ts';

/** What the gate works with. */
export interface AssociationGateParts {
  readonly mechanism: AssociationMechanism;
  /** `auth-ntlm`: the plugin. */
  readonly name: string;
  readonly table: AssociationTable;
  readonly handshakes: Pick<HandshakeRunner, 'take'>;
  readonly accounts: AssociationAccounts;
  readonly clock: Pick<Clock, 'now'>;
  readonly outcomes: AssociationOutcomes;
  /** Of this server, for ms-diagnostics. */
  readonly fqdn: string;
}

/** The order of all signatures' gates; see gate.ts of core. */
const GATE_ORDER = 200;
const CHALLENGE: GateVerdict = { challenge: 401 };
/**
 * Inside a dialog the From is the dialog's local address. After a call was forwarded that is the address that was dialled and not
 * the user's who took the call.
 */
const DIALOG_METHODS = new Set(['ACK', 'CANCEL', 'BYE', 'INVITE', 'UPDATE', 'PRACK', 'INFO', 'NOTIFY', 'MESSAGE', 'REFER', 'OPTIONS']);

export class AssociationGate implements Gate {
  readonly name: string;
  readonly order = GATE_ORDER;
  private readonly target: CredentialsTarget;
  private readonly identityName: string;

  constructor(private readonly parts: AssociationGateParts) {
    const { scheme, targetName } = parts.mechanism;
    this.name = parts.name;
    this.target = { scheme, realm: ASSOCIATION_REALM, targetName };
    this.identityName = scheme.toLowerCase();
  }

  /** ACKs and CANCELs of clients that sign are signed as well. */
  guards(flow: Flow): boolean {
    const associations = FlowAssociations.of(flow);
    return associations !== undefined && associations.all.length > 0;
  }

  check(inbound: Inbound): GateVerdict | Promise<GateVerdict> {
    const { message } = inbound;
    const credentials = takeCredentials(message, this.target);
    if (credentials === 'malformed') return this.count('malformed', CHALLENGE);
    if (!message.isRequest) return this.response(inbound as Inbound<SipResponse>, credentials);
    const request = inbound as Inbound<SipRequest>;
    if (credentials === undefined) return this.unsigned(request);
    if (credentials.gssapiData !== undefined) return this.handshake(request, credentials);
    return this.request(request, credentials);
  }

  /**
   * Without credentials of this scheme. An endpoint that has an association here signs, or begins anew: it is asked. Everybody else,
   * and who brings other credentials, is for other gates.
   */
  private unsigned(inbound: Inbound<SipRequest>): GateVerdict {
    if (inbound.identity !== undefined) return PASS;
    const { message, flow } = inbound;
    const associations = FlowAssociations.of(flow);
    if (associations === undefined || message.has(H.Authorization) || message.has(H.ProxyAuthorization)) return PASS;
    const endpoint = endpointOf(message);
    const association = typeof endpoint === 'string' ? associations.senderOf(message) : associations.ofEndpoint(endpoint);
    return association?.scheme === this.target.scheme ? this.count('unsigned', CHALLENGE) : PASS;
  }

  private handshake(inbound: Inbound<SipRequest>, credentials: AssociationCredentials): GateVerdict | Promise<GateVerdict> {
    const { method } = inbound.message;
    if (method === 'ACK' || method === 'CANCEL') return { drop: `a handshake in ${method}` };
    const endpoint = endpointOf(inbound.message);
    if (typeof endpoint === 'string') return this.contradictory(endpoint);
    const result = this.parts.handshakes.take(inbound, endpoint, credentials);
    if (result instanceof Promise) return result.then((late) => this.afterHandshake(inbound, late));
    return this.afterHandshake(inbound, result);
  }

  private afterHandshake(inbound: Inbound<SipRequest>, result: GateVerdict | { readonly user: AssociationUser }): GateVerdict {
    if (typeof result === 'symbol' || !('user' in result)) return result;
    return this.admit(inbound, result.user);
  }

  /** A signed request. [MS-SIPAE] R9, R11 */
  private request(inbound: Inbound<SipRequest>, credentials: AssociationCredentials): GateVerdict {
    const association = this.believed(inbound, credentials);
    if (typeof association === 'string') return this.disbelieve(inbound, association);
    const user = this.parts.accounts.findById(association.userId);
    if (user === undefined) return this.disbelieve(inbound, 'unknown');
    const why = this.speaksForAnother(inbound.message, association);
    if (why !== undefined) return this.count('forbidden', refusal(403, DIAGNOSTICS.identityForbidden, this.parts.fqdn, why));
    const contradiction = contradictionIn(inbound.message, association);
    if (contradiction !== undefined) return this.contradictory(contradiction);
    if (inbound.message.method === 'REGISTER' && signsOut(inbound.message)) association.lastAnswer = transactionOf(inbound.message);
    this.parts.outcomes.count('verified');
    return this.admit(inbound, user);
  }

  /** A response to what we sent to the client. Unsigned ones, and those with a bad signature, are nobody's. [MS-SIPAE] R10 */
  private response(inbound: Inbound<SipResponse>, credentials: AssociationCredentials | undefined): GateVerdict {
    const sender = FlowAssociations.of(inbound.flow)?.senderOf(inbound.message);
    if (credentials === undefined) {
      if (sender?.scheme !== this.target.scheme || inbound.identity !== undefined || inbound.message.status === 100) return PASS;
      return this.count('unsigned', { drop: 'an unsigned response of a client that signs' });
    }
    const association = this.believed(inbound, credentials);
    if (typeof association === 'string') return this.count(association, { drop: `a response whose signature is ${association}` });
    const user = this.parts.accounts.findById(association.userId);
    if (user === undefined) return this.count('unknown', { drop: 'a response of a user who is no more' });
    this.parts.outcomes.count('verified');
    return this.admit(inbound, user);
  }

  /** The association that a message is signed with, if the signature is good and new. */
  private believed(
    { message, flow }: Inbound,
    { opaque, signature }: AssociationCredentials,
  ): SecurityAssociation | 'unknown' | 'bad-signature' | 'replayed' {
    const association = opaque === undefined ? undefined : this.parts.table.find(opaque, flow);
    if (association?.isAlive(this.parts.clock.now()) !== true || signature === undefined) return 'unknown';
    if (!association.window.isNew(signature.num)) return 'replayed';
    if (!this.isSignedBy(association, message, signature)) return 'bad-signature';
    association.window.mark(signature.num);
    FlowAssociations.of(flow)?.verified();
    return association;
  }

  private isSignedBy({ keys, version }: SecurityAssociation, message: SipMessage, signature: ClientSignature): boolean {
    const context = { ...this.target, version };
    return keys.verify(signatureBuffer(message, context, signature.crand, signature.cnum), signature.response);
  }

  /** A new challenge; but a client that only signs the same again, over and over, is cut off. [MS-SIPAE] section 7 */
  private disbelieve(inbound: Inbound<SipRequest>, why: 'unknown' | 'bad-signature' | 'replayed'): GateVerdict {
    this.parts.outcomes.count(why);
    if (why === 'replayed') return { drop: 'a message that came before' };
    if (FlowAssociations.strike(inbound.flow)) inbound.flow.close('the client repeats messages with signatures that are not good');
    return CHALLENGE;
  }

  /** Why this is not the user's own message, or undefined. */
  private speaksForAnother(request: SipRequest, { userId, endpoint }: SecurityAssociation): string | undefined {
    const isRegister = request.method === 'REGISTER';
    const { uri, epid } = request.from;
    if (epid !== undefined && endpoint.epid !== '' && epid.toLowerCase() !== endpoint.epid)
      return 'The epid is not that of the endpoint that signed in';
    const isInDialog = request.to.tag !== undefined && DIALOG_METHODS.has(request.method);
    if (ownerOf(this.parts.accounts, uri)?.id !== userId && !isInDialog) return 'The From address is not one of the authenticated user';
    if (isRegister && ownerOf(this.parts.accounts, request.to.uri)?.id !== userId) {
      return 'The To address is not one of the authenticated user';
    }
    return undefined;
  }

  private admit(inbound: Inbound, user: AssociationUser): GateVerdict {
    assertIdentity(inbound.message, user, this.parts.accounts);
    inbound.identity = { aor: user.aor, mechanism: this.identityName };
    inbound.flow.authenticated = true;
    return PASS;
  }

  /** [MS-SIPAE] R4 */
  private contradictory(why: string): GateVerdict {
    return this.count('contradictory', refusal(400, DIAGNOSTICS.endpointUnnamed, this.parts.fqdn, why));
  }

  private count(outcome: Parameters<AssociationOutcomes['count']>[0], verdict: GateVerdict): GateVerdict {
    this.parts.outcomes.count(outcome);
    return verdict;
  }
}

/** Why the Contact cannot be that of the endpoint, or undefined. */
function contradictionIn(request: SipRequest, { endpoint }: SecurityAssociation): string | undefined {
  if (request.method !== 'REGISTER') {
    return claimsForeignGruu(request, endpoint) ? 'The GRUU of the Contact was not given to this endpoint' : undefined;
  }
  const named = endpointOf(request);
  return typeof named === 'string' ? named : undefined;
}

/** Whether a REGISTER takes its contacts away. RFC 3261 section 10.2.2 */
function signsOut(request: SipRequest): boolean {
  const { contacts, expires } = request;
  if (contacts.star) return true;
  return contacts.list.length > 0 && contacts.list.every((contact) => (contact.expires ?? expires) === 0);
}

/** What the answer to a request has in common with it. */
export function transactionOf(message: SipMessage): string {
  return `${message.callId} ${message.cseq.number}`;
}
