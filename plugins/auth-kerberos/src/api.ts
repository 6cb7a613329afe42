/** What other plugins may know of auth-kerberos: web services take tickets of the same realm through the same keytab. */
import { token } from '@parley/sdk';
import type { HandshakeFailure, Token } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';

/** First component of the service principals that tickets may be for. */
export type KerberosService = 'HTTP' | 'sip';

/** The KDC vouches for a user of the directory who may sign in. */
export interface KerberosAccepted {
  readonly kind: 'accepted';
  readonly user: User;
  /** As the ticket names the client: `alice@EXAMPLE.TEST`. */
  readonly principal: string;
  /** Until when the ticket counts, clock skew included; milliseconds since 1970. */
  readonly expiresAt: number;
  /** For the client: with SPNEGO always (`WWW-Authenticate: Negotiate <base64>` of the success), otherwise when it asked for mutual authentication. */
  readonly reply?: Buffer;
}

/** No sign-in. Clients get to know no more than that. */
export interface KerberosRefused {
  readonly kind: 'refused';
  readonly cause: HandshakeFailure;
  /** For the limits: the user's id, or the principal when no user belongs to it. Absent when the ticket proved nothing. */
  readonly account?: string;
  /** One log line that tells the operator what to do. No secrets. */
  readonly detail: string;
}

/** Accepts tickets. */
export interface KerberosAcceptor {
  /**
   * Judges a token of a client; each is good once. Throws nothing for what a client sent.
   * @param token an AP-REQ in its GSS-API frame, or a SPNEGO NegTokenInit with one; at most 64 KiB
   * @param service what the ticket must be for
   */
  accept(token: Buffer, service: KerberosService): KerberosAccepted | KerberosRefused;
}
export const KerberosAcceptor: Token<KerberosAcceptor> = token<KerberosAcceptor>('kerberos-acceptor');
