/** Are these credentials right? The whole decision, apart from limits and challenges. */
import { randomBytes } from 'node:crypto';
import { SipUri } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import type { Directory, User } from '@parley/plugin-directory/api';
import { findAccount } from './accounts.ts';
import type { DigestConfig } from './config.ts';
import type { DigestCredentials } from './credentials.ts';
import { digestResponse, sameResponse } from './digest.ts';
import type { Algorithm } from './digest.ts';
import { NonceMint } from './nonce.ts';
import { NonceUses } from './nonce-uses.ts';

/** `right` and `disabled` know the password, `stale` too but need a new nonce; `unsupported` used what was not offered. */
export type Verdict =
  { readonly kind: 'right' | 'disabled'; readonly user: User } | { readonly kind: 'wrong' | 'stale' | 'unsupported' | 'other-uri' };

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
    const algorithm = this.config.algorithms.find((offered) => offered === credentials.algorithm);
    const qopOffered = credentials.qop === undefined || this.qops.includes(credentials.qop);
    if (algorithm === undefined || !qopOffered) return { kind: 'unsupported' };
    if (!this.knowsPassword(request, credentials, user, algorithm) || user === undefined) return { kind: 'wrong' };
    if (this.config.checkUri && !sameTarget(credentials.uri, request)) return { kind: 'other-uri' };
    const nonce = this.nonces.check(credentials.nonce, now, address);
    if (nonce.kind !== 'fresh') return { kind: 'stale' };
    // RFC 7616 wants nc; a client of RFC 2069 sends none and gets one request for each nonce.
    const count = credentials.nc === undefined ? 1 : Number.parseInt(credentials.nc, 16);
    if (this.uses.use(credentials.nonce, nonce.issuedAt, count, now) !== 'new') return { kind: 'stale' };
    return { kind: user.enabled ? 'right' : 'disabled', user };
  }

  /** Forgets nonces that have expired. */
  sweep(now: number): void {
    this.uses.sweep(now);
  }

  private knowsPassword(request: SipRequest, credentials: DigestCredentials, user: User | undefined, algorithm: Algorithm): boolean {
    const input = { ...credentials, method: request.method, body: request.body };
    let matches = false;
    for (const name of credentials.usernames) {
      const kept = this.directory.digestHa1(user?.id, algorithm, this.realm, name);
      const expected = digestResponse(algorithm, kept ?? this.decoys[algorithm], input);
      if (sameResponse(expected, credentials.response) && kept !== undefined) matches = true;
    }
    return matches;
  }
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
