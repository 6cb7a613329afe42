/** How endpoints sign in. */
import type { Flow, SipMessage, SipRequest, SipResponse } from '@parley/core';
import type { Duration } from '../duration.ts';
import type { KerberosTokenShape } from './kerberos-issuer.ts';
import type { ClientCertificatePair, DskClientTraits } from './tls-dsk-client.ts';

/** The mechanisms. */
export type SignInMechanism = 'digest' | 'ntlm' | 'kerberos' | 'tls-dsk';

/** A mechanism, and how this endpoint differs from others that use it. */
export interface SignInOptions {
  readonly by: SignInMechanism;
  /** Another name: for NTLM `EXAMPLE\\alice` or `alice@corp.example` (the address when left out), for digest and Kerberos a bare one. */
  readonly login?: string;
  /** NTLM and Kerberos: how much its clock is behind. */
  readonly clockBehind?: Duration;
  /** Kerberos: what differs from a usual ticket. */
  readonly ticket?: KerberosTokenShape;
  /** TLS-DSK: its name for itself; that of the endpoint when left out. */
  readonly device?: string;
  /** TLS-DSK: shown instead of one that it gets from the server. */
  readonly certificate?: ClientCertificatePair;
  /** TLS-DSK: versions and ciphers of the TLS inside. */
  readonly tls?: Pick<DskClientTraits, 'version' | 'ciphers'>;
}

/** What an endpoint answers challenges with. */
export interface SignIn {
  /** Puts credentials onto a request that is about to leave. False when it has none. */
  sign(request: SipRequest, flow: Flow): boolean;
  /** Takes a challenge. Whether the request is to be sent again. */
  accept(challenge: SipResponse, hadCredentials: boolean): boolean | Promise<boolean>;
  /** Signs everything else that leaves: responses, ACK, CANCEL. */
  finish?(message: SipMessage, flow: Flow): void;
  /** Why a message of the server is not to be believed; undefined when it is. */
  doubt?(message: SipMessage, flow: Flow): string | undefined;
}
