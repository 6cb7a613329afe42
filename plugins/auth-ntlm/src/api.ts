/** What other plugins may use of NTLM: the check of its messages over HTTP. */
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';

/** Why an exchange failed. `detail` is for the operator alone. */
export interface NtlmFailure {
  readonly cause: 'credentials' | 'malformed' | 'skew' | 'disabled' | 'unsupported';
  /** Who was tried, for `SignInAttempts`: the user's id, or the name when nobody has it; absent when none could be read. */
  readonly account?: string;
  /** One log line that tells the operator what to do. No secrets. */
  readonly detail: string;
}

/** One exchange of three messages; over HTTP it belongs to one connection (RFC 4559 section 6). */
export interface NtlmExchange {
  /**
   * The CHALLENGE to answer a NEGOTIATE with.
   * @param negotiate the client's message; undefined where none is sent. Throws NTLM_MALFORMED.
   */
  challenge(negotiate: Buffer | undefined): Buffer;
  /** Checks an AUTHENTICATE; never throws. Once: a second call fails. Limits of attempts are the caller's. */
  authenticate(authenticate: Buffer): { readonly user: User } | { readonly failure: NtlmFailure };
}

/** Checks NTLM messages, connection-oriented, against the users of the directory. [MS-NLMP] section 3.2 */
export interface NtlmAcceptor {
  begin(): NtlmExchange;
}
export const NtlmAcceptor: Token<NtlmAcceptor> = token<NtlmAcceptor>('ntlm-acceptor');
