/** Digest authentication of every request. RFC 3261 section 22, RFC 7616, RFC 8760. */
import { ADMIT, H, PASS, RefusedSignIns, SignInFailure, decodeText, encodeText, ownerOf } from '@parley/sdk';
import type {
  Challenger,
  Clock,
  Flow,
  Gate,
  GateVerdict,
  Identity,
  Inbound,
  Log,
  Server,
  SipRequest,
  SipUri,
  Transport,
} from '@parley/sdk';
import type { AttemptRefusal, Directory, SignInAttempts, User } from '@parley/plugin-directory/api';
import { AuthenticatedFlows } from './authenticated-flows.ts';
import type { DigestConfig } from './config.ts';
import { takeCredentials } from './credential-headers.ts';
import type { DigestCredentials } from './credentials.ts';
import { challenge } from './digest.ts';
import { Outcomes } from './outcomes.ts';
import { Peers } from './peers.ts';
import { DigestVerifier } from './verifier.ts';

/** What the gate works with. */
export interface GateParts {
  readonly directory: Directory;
  readonly attempts: SignInAttempts;
  readonly server: Pick<Server, 'domains' | 'fqdn' | 'isLocalDomain'>;
  readonly transport: Pick<Transport, 'isOwnAddress'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Pick<Log, 'info'>;
  readonly config: DigestConfig;
}

const MECHANISM = 'digest';
/** What only servers may say; from a client it is removed. RFC 3325 section 5, [MS-SIPRE] R15. */
const SERVER_HEADERS = [H.PAssertedIdentity, H.MSEdgeProxyMessageTrust, H.MSUserLogonData] as const;
/** Have no response (RFC 3261 section 22.1) or cannot be sent again with credentials (section 9.1). */
const UNCHALLENGEABLE = new Set(['ACK', 'CANCEL']);
/**
 * Inside a dialog the From is the dialog's local address. After a call was forwarded that is the address that was dialled
 * and not the user's who took the call.
 */
const DIALOG_METHODS = new Set(['BYE', 'INVITE', 'UPDATE', 'PRACK', 'INFO', 'NOTIFY']);

/** One gate for all listeners, and what it adds to challenges. */
export class DigestGate implements Gate {
  readonly name = 'auth-digest';
  readonly order = 300;
  readonly outcomes = new Outcomes();
  /** Requests whose digest is right but for the nonce: the challenge that they get says so. */
  private readonly stale = new WeakSet<Inbound>();
  private readonly realm: string;
  private readonly realmBytes: string;
  private readonly verifier: DigestVerifier;
  private readonly flows = new AuthenticatedFlows();
  private readonly peers: Peers;
  private readonly refusals: RefusedSignIns;
  private readonly methods: ReadonlySet<string> | undefined;

  constructor(private readonly parts: GateParts) {
    const { config, server, directory, log } = parts;
    this.realm = config.realm ?? (server.domains[0] as string);
    this.realmBytes = encodeText(this.realm);
    this.verifier = new DigestVerifier(directory, this.realm, config);
    this.peers = new Peers(config);
    this.refusals = new RefusedSignIns(log, 'Digest');
    this.methods = config.methods === 'all' ? undefined : new Set(config.methods);
  }

  check(inbound: Inbound): GateVerdict {
    const { message } = inbound;
    if (!message.isRequest) return PASS;
    const request = inbound as Inbound<SipRequest>;
    const credentials = takeCredentials(message, this.realmBytes);
    if (credentials instanceof Error) {
      this.refusals.tell(request, credentials.message, this.parts.clock.now());
      return this.malformed(credentials.message);
    }
    if (this.peers.isTrusted(inbound.flow)) return this.admitPeer(inbound, message);
    if (inbound.identity?.trusted !== true) for (const header of SERVER_HEADERS) message.remove(header);
    if (inbound.identity !== undefined) return PASS;
    if (!this.mustAuthenticate(message)) return ADMIT;
    if (this.peers.isExempt(inbound.flow)) return this.admitUnknown(inbound);
    const onFlow = this.config.perConnection ? this.userOfFlow(inbound.flow, message) : undefined;
    if (onFlow !== undefined) return this.admit(inbound, onFlow, 'connection');
    return credentials === undefined ? this.challenged(message) : this.judge(request, credentials);
  }

  /** Digest's part of a challenge. After the schemes of Communicator and Lync, whose clients would take it for theirs. */
  readonly challenger: Challenger = {
    name: 'auth-digest',
    order: 100,
    challenge: (inbound) => {
      const nonce = this.verifier.newNonce(inbound.flow.remote.host, this.parts.clock.now());
      return this.config.algorithms.map((algorithm) =>
        challenge(this.realmBytes, nonce, algorithm, this.verifier.offeredQops, this.stale.has(inbound)),
      );
    },
  };

  /** Forgets expired nonces; once a minute is enough. */
  sweep(now: number): void {
    this.verifier.sweep(now);
  }

  private get config(): DigestConfig {
    return this.parts.config;
  }

  private mustAuthenticate(request: SipRequest): boolean {
    if (UNCHALLENGEABLE.has(request.method)) return false;
    return this.methods === undefined || this.methods.has(request.method);
  }

  private judge(inbound: Inbound<SipRequest>, credentials: DigestCredentials): GateVerdict {
    const request = inbound.message;
    const now = this.parts.clock.now();
    const { host } = inbound.flow.remote;
    const claimed = claimedUri(request);
    const account = this.verifier.account(credentials, claimed.host);
    // Names that nobody has are counted like those of users: the answers must not differ.
    const counted = account?.id ?? (credentials.usernames[0] as string).toLowerCase().slice(0, 256);
    const refusal = this.parts.attempts.refuse(host, counted, now);
    if (refusal !== undefined) return this.refused(refusal);
    const verdict = this.verifier.verify(request, credentials, account, host, now);
    if (verdict.kind === 'right' || verdict.kind === 'disabled') this.parts.attempts.succeeded(host, counted);
    if (verdict.kind === 'right') return this.rightPassword(inbound, verdict.user, claimed);
    if (verdict.kind === 'stale') {
      this.outcomes.count('stale');
      this.stale.add(inbound);
      return this.challenged(request);
    }
    this.refusals.tell(inbound, verdict.detail, now);
    if (verdict.kind === 'disabled') return this.forbidden('This user is disabled');
    if (verdict.kind === 'other-uri') return this.malformed('The uri of the credentials is not the Request-URI');
    if (verdict.kind === 'wrong') {
      this.outcomes.count('wrong');
      this.parts.attempts.failed(host, counted, now);
    }
    return this.challenged(request);
  }

  private rightPassword(inbound: Inbound<SipRequest>, user: User, claimed: SipUri): GateVerdict {
    const request = inbound.message;
    if (ownerOf(this.parts.directory, claimed)?.id !== user.id && !isInDialog(request)) {
      const which = request.method === 'REGISTER' ? 'To' : 'From';
      this.refusals.tell(inbound, SignInFailure.somebodyElse(user.aor), this.parts.clock.now());
      return this.forbidden(`The ${which} address is not one of the authenticated user`);
    }
    if (request.method === 'REGISTER') this.flows.registered(inbound.flow, request, user);
    return this.admit(inbound, user, 'accepted');
  }

  /** The user who authenticated on this connection, when the request is that user's. */
  private userOfFlow(flow: Flow, request: SipRequest): User | undefined {
    const { directory } = this.parts;
    const onlyUser = this.flows.onlyUser(flow);
    const user =
      ownerOf(directory, claimedUri(request)) ?? (onlyUser !== undefined && isInDialog(request) ? directory.findById(onlyUser) : undefined);
    return user !== undefined && this.flows.covers(flow, request, user) ? user : undefined;
  }

  private admit(inbound: Inbound, user: User, outcome: 'accepted' | 'connection'): GateVerdict {
    this.outcomes.count(outcome);
    inbound.identity = { aor: user.aor, mechanism: MECHANISM } satisfies Identity;
    inbound.flow.authenticated = true;
    return PASS;
  }

  /** RFC 3325: who is trusted says who the user is. */
  private admitPeer(inbound: Inbound, request: SipRequest): GateVerdict {
    this.outcomes.count('peer');
    inbound.flow.authenticated = true;
    inbound.flow.trusted = true;
    inbound.identity ??= { aor: decodeText(assertedUri(request).userAtHost).toLowerCase(), mechanism: 'peer', trusted: true };
    return PASS;
  }

  private admitUnknown(inbound: Inbound): GateVerdict {
    this.outcomes.count('exempt');
    inbound.flow.authenticated = true;
    return ADMIT;
  }

  /**
   * 401 from a registrar or user agent, 407 from a proxy (RFC 3261 sections 22.2 and 22.3). Communicator and Lync clients, which
   * have an epid, understand signatures of the 401 family only.
   */
  private challenged(request: SipRequest): GateVerdict {
    this.outcomes.count('challenged');
    return { challenge: this.isAddressedToUs(request) || request.from.epid !== undefined ? 401 : 407 };
  }

  private isAddressedToUs(request: SipRequest): boolean {
    const { host, port, user } = request.requestUri;
    const isOurs = this.parts.server.isLocalDomain(host) || this.parts.transport.isOwnAddress(host, port);
    return isOurs && (request.method === 'REGISTER' || user === undefined);
  }

  /** 503, not 403: many phones never try again after a 403, and whoever was guessing is not the one who suffers. */
  private refused(refusal: AttemptRefusal): GateVerdict {
    this.outcomes.count(refusal.limit === 'address' ? 'limited-address' : 'limited-user');
    return this.answer(503, 'Too many failed sign-in attempts', [['Retry-After', String(refusal.retryAfterSeconds)]]);
  }

  private malformed(why: string): GateVerdict {
    this.outcomes.count('malformed');
    return this.answer(400, why);
  }

  private forbidden(why: string): GateVerdict {
    this.outcomes.count('forbidden');
    return this.answer(403, why);
  }

  private answer(status: number, why: string, headers: readonly (readonly [string, string])[] = []): GateVerdict {
    const text = encodeText(why.replaceAll(/["\\\p{Cc}]/gu, "'"));
    return { respond: status, headers: [...headers, ['Warning', `399 ${this.parts.server.fqdn} "${text}"`]] };
  }
}

/** Whose request it says it is: To of a REGISTER (RFC 3261 section 10.2), From of all others. */
function claimedUri(request: SipRequest): SipUri {
  return (request.method === 'REGISTER' ? request.to : request.from).uri;
}

/** Who a peer says it is: P-Asserted-Identity if there is a readable one, else the From. RFC 3325 section 9.1. */
function assertedUri(request: SipRequest): SipUri {
  try {
    return (request.addresses(H.PAssertedIdentity)[0] ?? request.from).uri;
  } catch {
    return request.from.uri;
  }
}

function isInDialog(request: SipRequest): boolean {
  return DIALOG_METHODS.has(request.method) && request.to.tag !== undefined;
}
