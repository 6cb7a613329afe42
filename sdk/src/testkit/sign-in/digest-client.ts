/** The client's side of digest authentication. RFC 3261 section 22, RFC 7616, RFC 8760. */
import { createHash, randomBytes } from 'node:crypto';
import { H, parseCredentials } from '@parley/core';
import type { AuthHeader, SipRequest, SipResponse } from '@parley/core';
import type { SignIn } from './sign-in.ts';

const HASHES: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256' };

/** A challenge that can be answered. */
interface Challenge {
  readonly header: 'Authorization' | 'Proxy-Authorization';
  readonly values: AuthHeader;
  readonly algorithm: string;
  uses: number;
}

/** Answers challenges with one user's name and password, and goes on using a nonce that it was given. */
export class DigestClient implements SignIn {
  private challenge: Challenge | undefined = undefined;

  constructor(
    private readonly user: string,
    private readonly password: string,
  ) {}

  /** Takes the challenge of a 401 or 407. False when there is none that digest can answer, or the credentials were refused. */
  accept(response: SipResponse, hadCredentials: boolean): boolean {
    const [from, header] =
      response.status === 401 ? ([H.WWWAuthenticate, 'Authorization'] as const) : ([H.ProxyAuthenticate, 'Proxy-Authorization'] as const);
    for (const values of parseCredentials(response, from)) {
      const algorithm = (values.get('algorithm') ?? 'MD5').toLowerCase();
      if (!values.is('Digest') || HASHES[algorithm] === undefined) continue;
      if (hadCredentials && values.get('stale')?.toLowerCase() !== 'true') return false;
      this.challenge = { header, values, algorithm, uses: 0 };
      return true;
    }
    return false;
  }

  /** Puts credentials onto a request, once there has been a challenge. */
  sign(request: SipRequest): boolean {
    const { challenge } = this;
    if (challenge === undefined) return false;
    request.remove(challenge.header);
    request.append(challenge.header, this.credentials(challenge, request));
    return true;
  }

  private credentials(challenge: Challenge, request: SipRequest): string {
    const { values, algorithm } = challenge;
    const hash = (text: string): string =>
      createHash(HASHES[algorithm] as string)
        .update(text, 'utf8')
        .digest('hex');
    const [realm, nonce] = [values.get('realm') ?? '', values.get('nonce') ?? ''];
    const count = (++challenge.uses).toString(16).padStart(8, '0');
    const cnonce = randomBytes(8).toString('hex');
    const secret = hash(`${this.user}:${realm}:${this.password}`);
    const what = hash(`${request.method}:${request.uri}`);
    const hasQop = values.get('qop') !== undefined;
    const response = hash(hasQop ? `${secret}:${nonce}:${count}:${cnonce}:auth:${what}` : `${secret}:${nonce}:${what}`);
    const opaque = values.get('opaque');
    return [
      `Digest username="${this.user}", realm="${realm}", nonce="${nonce}", uri="${request.uri}", response="${response}"`,
      `algorithm=${values.get('algorithm') ?? 'MD5'}`,
      ...(hasQop ? [`qop=auth, nc=${count}, cnonce="${cnonce}"`] : []),
      ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
    ].join(', ');
  }
}
