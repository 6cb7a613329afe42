/** Are these credentials right? The whole decision, apart from limits and challenges. */
import { randomBytes } from 'node:crypto';
import { SignInFailure, SipUri } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import type { Directory, User } from '@parley/plugin-directory/api';
import { findAccount } from './accounts.ts';
import type { DigestConfig } from './config.ts';
import type { DigestCredentials } from './credentials.ts';
import { digestResponse, sameResponse } from './digest.ts';
import type { Algorithm } from './digest.ts';
import { NonceMint } from './nonce.ts';
import { NonceUses } from './nonce-uses.ts';

/**
 * `right` and `disabled` know the password, `other-uri` and `stale` too, but need a new nonce or signed another request;
 * `unsupported` used what was not offered. `detail` is for the operator's log.
 */
export type Verdict =
  | { readonly kind: 'right'; readonly user: User }
  | { readonly kind: 'stale' }
  | { readonly kind: 'disabled' | 'wrong' | 'unsupported' | 'other-uri'; readonly detail: string };

/** `none-kept`: the directory has no digest of the password for that user name. */
type Proof = 'right' | 'wrong' | 'none-kept';

/** Verifies credentials; makes and remembers nonces. */
export class DigestVerifier {
  private readonly nonces: NonceMint;
  private readonly uses: NonceUses;
  private readonly qops: readonly string[];
  /** Stands in for users who do not exist, so that they cost the same computation. */
  private readonly decoys = { MD5: randomBytes(16), 'SHA-256': randomBytes(32) } as const satisfies Record<Algorithm, Buffer>;

  constructor(
    private readonly directory: Directory,
    private readonly realm: string,
    private readonly config: DigestConfig,
  ) {
    const lifetimeMs = config.nonceSeconds * 1000;
    this.nonces = new NonceMint(lifetimeMs);
    this.uses = new NonceUses(config.maxNonces, lifetimeMs);
    this.qops = config.authInt ? ['auth', 'auth-int'] : ['auth'];
  }

  /** `qop` values that are offered. */
  get offeredQops(): readonly string[] {
    return this.qops;
  }

  /** A nonce for a challenge to this address. */
  newNonce(address: string, now: number): string {
    return this.nonces.issue(now, address);
  }

  /** The user that the credentials speak of, whether they are right or not. */
  account(credentials: DigestCredentials, domain: string): User | undefined {
    for (const name of credentials.usernames) {
      const user = findAccount(this.directory, name, domain, this.realm);
      if (user !== undefined) return user;
    }
    return undefined;
  }

  /**
   * Judges one request. The digest is computed and compared before anything else is decided, for users that exist and that do not.
   * @param user what `account` found
   * @param address the client's IP address
   */
  verify(request: SipRequest, credentials: DigestCredentials, user: User | undefined, address: string, now: number): Verdict {
    const name = credentials.usernames[0] as string;
    const algorithm = this.config.algorithms.find((offered) => offered === credentials.algorithm);
    const qopOffered = credentials.qop === undefined || this.qops.includes(credentials.qop);
    if (algorithm === undefined || !qopOffered) {
      const answer = algorithm === undefined ? credentials.algorithm : `qop ${credentials.qop}`;
      return { kind: 'unsupported', detail: `the client of ${name} answers with ${answer}, which auth-digest is not set to offer` };
    }
    const proof = this.prove(request, credentials, user, algorithm);
    if (user === undefined) return { kind: 'wrong', detail: SignInFailure.unknownName(name) };
    if (proof !== 'right') return { kind: 'wrong', detail: wrongDetail(proof, name, user) };
    if (this.config.checkUri && !sameTarget(credentials.uri, request)) {
      return {
        kind: 'other-uri',
        detail: `the client of ${name} signs ${credentials.uri} and asks for ${request.uri}; checkUri: false in auth-digest lets it`,
      };
    }
    const nonce = this.nonces.check(credentials.nonce, now, address);
    if (nonce.kind !== 'fresh') return { kind: 'stale' };
    // RFC 7616 wants nc; a client of RFC 2069 sends none and gets one request for each nonce.
    const count = credentials.nc === undefined ? 1 : Number.parseInt(credentials.nc, 16);
    if (this.uses.use(credentials.nonce, nonce.issuedAt, count, now) !== 'new') return { kind: 'stale' };
    return user.enabled ? { kind: 'right', user } : { kind: 'disabled', detail: SignInFailure.disabled(user.aor) };
  }

  /** Forgets nonces that have expired. */
  sweep(now: number): void {
    this.uses.sweep(now);
  }

  private prove(request: SipRequest, credentials: DigestCredentials, user: User | undefined, algorithm: Algorithm): Proof {
    const input = { ...credentials, method: request.method, body: request.body };
    let proof: Proof = 'none-kept';
    for (const name of credentials.usernames) {
      const kept = this.directory.digestHa1(user?.id, algorithm, this.realm, name);
      const expected = digestResponse(algorithm, kept ?? this.decoys[algorithm], input);
      const matches = sameResponse(expected, credentials.response);
      if (kept !== undefined && proof !== 'right') proof = matches ? 'right' : 'wrong';
    }
    return proof;
  }
}

function wrongDetail(proof: 'wrong' | 'none-kept', name: string, { aor, passwordChangedAt }: User): string {
  if (passwordChangedAt === null) return SignInFailure.noPassword(aor);
  if (proof === 'wrong') return SignInFailure.wrongPassword(name, aor);
  return `no digest is kept for the sign-in name ${name} of ${aor}; sign in as ${aor}, or set the password anew: parley user password ${aor}`;
}

/** The same user and host; parameters are left out, because proxies and clients differ in them. */
function sameTarget(uri: string, request: SipRequest): boolean {
  if (uri === request.uri) return true;
  try {
    return SipUri.parse(uri).userAtHost === request.requestUri.userAtHost;
  } catch {
    return false;
  }
}
