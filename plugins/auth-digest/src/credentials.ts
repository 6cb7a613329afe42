/** What a client sends in Authorization or Proxy-Authorization. RFC 7616 section 3.4, RFC 3261 section 22.4. */
import { decodeText, parseAuth } from '@parley/sdk';
import type { AuthHeader } from '@parley/sdk';
import { DigestErrors } from './errors.ts';

/** Digest credentials. Byte strings without quotes, as they go into the hash; only `usernames` is Unicode text. */
export interface DigestCredentials {
  /**
   * The user name with escapes resolved, then as it stood between the quotes if that differs: `EXAMPLE\alice` is to be sent as
   * `EXAMPLE\\alice`, but there are clients that do not escape.
   */
  readonly usernames: readonly string[];
  readonly realm: string;
  readonly nonce: string;
  readonly uri: string;
  /** Lower-case hexadecimal. */
  readonly response: string;
  /** Upper case; `MD5` when the client named none (RFC 7616 section 3.4.1). */
  readonly algorithm: string;
  /** Lower case; undefined for clients of RFC 2069. */
  readonly qop: string | undefined;
  /** As sent: eight hexadecimal digits. */
  readonly nc: string | undefined;
  readonly cnonce: string | undefined;
}

const DIGEST = /^digest\s/i;
const HEX = /^[0-9a-f]+$/i;
const NONCE_COUNT = /^[0-9a-f]{8}$/i;

/**
 * The credentials of one header value; undefined when they are of another scheme or realm: those are for other servers.
 * Throws DIGEST_CREDENTIALS_MALFORMED or SIP_HEADER_MALFORMED, both status 400.
 * @param header the header's name, for the error
 * @param realm ours, as a byte string
 */
export function readCredentials(value: string, header: string, realm: string): DigestCredentials | undefined {
  if (!DIGEST.test(value)) return undefined; // other schemes need not even have parameters
  const auth = parseAuth(value, header);
  if (auth.get('realm') !== realm) return undefined;
  const need = (name: string): string => auth.inner(name) ?? fail(header, `${name} is missing`);
  const response = need('response');
  const qop = auth.get('qop')?.toLowerCase();
  const [nc, cnonce] = [auth.get('nc'), auth.inner('cnonce')];
  if (!HEX.test(response)) fail(header, 'response is not hexadecimal');
  if (qop !== undefined && (nc === undefined || cnonce === undefined)) fail(header, 'qop needs nc and cnonce');
  if (nc !== undefined && !NONCE_COUNT.test(nc)) fail(header, 'nc is not eight hexadecimal digits');
  return {
    usernames: usernamesOf(auth, header),
    realm,
    nonce: need('nonce'),
    uri: need('uri'),
    response: response.toLowerCase(),
    algorithm: auth.get('algorithm')?.toUpperCase() ?? 'MD5',
    qop,
    nc,
    cnonce,
  };
}

function usernamesOf(auth: AuthHeader, header: string): string[] {
  const resolved = auth.get('username') ?? fail(header, 'username is missing');
  return [...new Set([resolved, auth.inner('username') as string])].map(decodeText);
}

function fail(header: string, found: string): never {
  throw DigestErrors.DIGEST_CREDENTIALS_MALFORMED({ header, found });
}
