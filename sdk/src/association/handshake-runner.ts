/** Takes handshakes from their first token to an association. [MS-SIPAE] R4 to R8, R19, R20. */
import type { Clock, GateVerdict, Inbound, Log, SipRequest } from '@parley/core';
import { decodeText } from '@parley/core';
import { DIAGNOSTICS } from '../diagnostic-ids.ts';
import { ownerOf } from './accounts.ts';
import type { AssociationAccounts, AssociationUser } from './accounts.ts';
import { ASSOCIATION_REALM, challengeBecause, continuation, refusal, tryLater } from './answers.ts';
import type { AssociationTable } from './association-table.ts';
import type { AssociationCredentials } from './credentials.ts';
import type { EndpointIdentifiers } from './endpoint-identifiers.ts';
import type { AttemptLimits } from './install.ts';
import type { AssociationMechanism, HandshakeStep } from './mechanism.ts';
import type { AssociationOutcomes } from './outcomes.ts';
import type { PendingHandshake, PendingHandshakes } from './pending-handshakes.ts';
import { RefusedSignIns } from './refused-sign-ins.ts';
import { SignInFailure } from './sign-in-failures.ts';
import { signatureBuffer } from './signature-buffer.ts';

/** What handshakes work with. */
export interface HandshakeParts {
  readonly mechanism: AssociationMechanism;
  readonly table: AssociationTable;
  readonly pending: PendingHandshakes;
  readonly accounts: AssociationAccounts;
  readonly attempts: AttemptLimits;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info' | 'debug'>;
  readonly outcomes: AssociationOutcomes;
  readonly fqdn: string;
  /** 2, 3 or 4. */
  readonly oldestVersion: number;
}

/** The end of a handshake: the user who sent the message that completed it, or what to answer. */
export type HandshakeResult = GateVerdict | { readonly user: AssociationUser };

/** Longest token, decoded. Kerberos tickets with many groups are the largest. */
const MAX_TOKEN = 16_384;
const NEWEST_VERSION = 4;
const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;
const OVERLOAD_SECONDS = 30;
type Done = Extract<HandshakeStep, { kind: 'done' }>;
type Failed = Extract<HandshakeStep, { kind: 'failed' }>;

export class HandshakeRunner {
  private readonly refused: RefusedSignIns;

  constructor(private readonly parts: HandshakeParts) {
    this.refused = new RefusedSignIns(parts.log, parts.mechanism.scheme);
  }

  /** Takes one message with gssapi-data; its credentials have been taken out of it. */
  take(
    inbound: Inbound<SipRequest>,
    endpoint: EndpointIdentifiers,
    credentials: AssociationCredentials,
  ): HandshakeResult | Promise<HandshakeResult> {
    const token = decodeToken(credentials.gssapiData as string);
    if (token === undefined || credentials.version < this.parts.oldestVersion) return this.challenge('malformed');
    const one = credentials.opaque === undefined ? this.begin(inbound, endpoint, credentials) : this.find(inbound, endpoint, credentials);
    if (typeof one === 'symbol' || !('handshake' in one)) return one;
    if (one.busy) return { drop: 'a token while the last one is worked on' };
    one.busy = true;
    let step: HandshakeStep | Promise<HandshakeStep>;
    try {
      step = one.handshake.step(token);
    } catch (error) {
      this.parts.pending.finish(one);
      throw error;
    }
    if (!(step instanceof Promise)) return this.stepped(inbound, one, credentials, step);
    return step.then(
      (late) => this.stepped(inbound, one, credentials, late),
      (error: unknown) => {
        this.parts.pending.finish(one);
        throw error;
      },
    );
  }

  private begin(
    { message, flow }: Inbound<SipRequest>,
    endpoint: EndpointIdentifiers,
    { version }: AssociationCredentials,
  ): PendingHandshake | GateVerdict {
    const { pending, mechanism, clock, fqdn } = this.parts;
    if (!pending.hasRoom) {
      this.parts.outcomes.count('overload');
      return tryLater(OVERLOAD_SECONDS, fqdn, 'Too many clients sign in at once');
    }
    const claimed = message.method === 'REGISTER' ? message.to : message.from;
    const claimedAor = decodeText(claimed.uri.userAtHost).toLowerCase();
    const handshake = mechanism.begin({ flow, claimedAor });
    return pending.begin({ flow, endpoint, handshake, version: Math.min(version, NEWEST_VERSION) }, clock.now());
  }

  private find(
    { flow }: Inbound<SipRequest>,
    endpoint: EndpointIdentifiers,
    { opaque }: AssociationCredentials,
  ): PendingHandshake | GateVerdict {
    const { pending, clock } = this.parts;
    return pending.find(opaque as string, flow, endpoint, clock.now()) ?? this.challenge('unknown');
  }

  private stepped(
    inbound: Inbound<SipRequest>,
    one: PendingHandshake,
    credentials: AssociationCredentials,
    step: HandshakeStep,
  ): HandshakeResult {
    const { pending, mechanism, clock, outcomes } = this.parts;
    one.busy = false;
    // Cancelled while its token was worked on: the connection is gone, or the client has begun again.
    if (!pending.has(one)) return { drop: 'a handshake that was given up' };
    if (step.kind === 'continue') {
      outcomes.count('handshake');
      pending.suspendFormer(one);
      return continuation(mechanism, one.opaque, step.token, clock.now());
    }
    pending.finish(one);
    return step.kind === 'done' ? this.done(inbound, one, credentials, step) : this.failed(inbound, step);
  }

  private done(inbound: Inbound<SipRequest>, one: PendingHandshake, credentials: AssociationCredentials, step: Done): HandshakeResult {
    const { attempts, clock, table, mechanism, outcomes, fqdn } = this.parts;
    const { user } = step;
    const { host } = inbound.flow.remote;
    const now = clock.now();
    const wait = attempts.refuse(host, user.id, now);
    if (wait !== undefined) return this.limited(wait.retryAfterSeconds);
    if (step.token === undefined && one.version >= NEWEST_VERSION && !this.isSigned(inbound.message, one, credentials, step)) {
      return this.failed(inbound, {
        kind: 'failed',
        cause: 'malformed',
        detail: 'the message that ends the handshake is not signed with its keys',
      });
    }
    attempts.succeeded(host, user.id);
    if (!user.enabled) {
      return this.failed(inbound, { kind: 'failed', cause: 'disabled', detail: SignInFailure.disabled(user.aor) });
    }
    if (!this.isOwn(inbound.message, user)) {
      outcomes.count('forbidden');
      this.refused.tell(inbound, SignInFailure.somebodyElse(user.aor), now);
      return refusal(403, DIAGNOSTICS.identityForbidden, fqdn);
    }
    const { opaque, flow, endpoint, version } = one;
    const start = { scheme: mechanism.scheme, opaque, flow, endpoint, user, keys: step.keys, version };
    const association = table.establish(start, now, step.expiresAt);
    outcomes.count('signed-in');
    this.parts.log.debug({ user: user.aor, address: host, scheme: mechanism.scheme }, 'signed in');
    if (step.token !== undefined) return continuation(mechanism, opaque, step.token, now);
    if (credentials.signature !== undefined) association.window.mark(credentials.signature.num);
    return { user };
  }

  /** Version 4: the message with the last token proves that its sender has the keys. [MS-SIPAE] R7 */
  private isSigned(message: SipRequest, one: PendingHandshake, { signature }: AssociationCredentials, { keys }: Done): boolean {
    if (signature === undefined) return false;
    const { scheme, targetName } = this.parts.mechanism;
    const context = { scheme, realm: ASSOCIATION_REALM, targetName, version: one.version };
    return keys.verify(signatureBuffer(message, context, signature.crand, signature.cnum), signature.response);
  }

  /** The addresses that the message speaks for must be the user's. [MS-SIPAE] R8 */
  private isOwn(request: SipRequest, user: AssociationUser): boolean {
    const { accounts } = this.parts;
    if (ownerOf(accounts, request.from.uri)?.id !== user.id) return false;
    return request.method !== 'REGISTER' || ownerOf(accounts, request.to.uri)?.id === user.id;
  }

  private failed(inbound: Inbound<SipRequest>, { cause, account, detail }: Failed): GateVerdict {
    const { attempts, clock, outcomes, fqdn } = this.parts;
    const { host } = inbound.flow.remote;
    const now = clock.now();
    if (account !== undefined) {
      const wait = attempts.refuse(host, account, now);
      if (wait !== undefined) return this.limited(wait.retryAfterSeconds);
    }
    if (cause !== 'skew' && cause !== 'disabled') attempts.failed(host, account ?? '', now);
    outcomes.count(cause === 'credentials' ? 'wrong' : cause);
    this.refused.tell(inbound, detail, now);
    if (cause === 'disabled') return refusal(403, DIAGNOSTICS.userDisabled, fqdn);
    return challengeBecause(cause === 'skew' ? DIAGNOSTICS.clockSkew : DIAGNOSTICS.handshakeFailed, fqdn);
  }

  private limited(seconds: number): GateVerdict {
    this.parts.outcomes.count('limited');
    return tryLater(seconds, this.parts.fqdn, 'Too many failed sign-in attempts');
  }

  private challenge(outcome: 'malformed' | 'unknown'): GateVerdict {
    this.parts.outcomes.count(outcome);
    return { challenge: 401 };
  }
}

/** undefined for what is no base64, or too long. */
function decodeToken(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || text.length > (MAX_TOKEN * 4) / 3 || !BASE64.test(text)) return undefined;
  return Buffer.from(text, 'base64');
}
