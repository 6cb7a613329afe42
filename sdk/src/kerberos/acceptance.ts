/** What an acceptor says of a client's token. */
import type { MicContext } from './gss-mic.ts';
import type { Principal } from './principal.ts';

/** Why a token was refused. */
export type RefusalReason =
  /** Cannot be read. */
  | 'malformed'
  /** Asks for something that is not built: user-to-user authentication. */
  | 'unsupported'
  /** For a service of another kind. */
  | 'service'
  /** The keytab has no key for the service, its key version, or its encryption type. */
  | 'no-key'
  /** Encrypted with a type that is not allowed. */
  | 'weak'
  /** Does not decrypt: altered, or the key is another one. */
  | 'altered'
  /** Ticket and authenticator are of different clients. */
  | 'mismatch'
  /** The clocks are too far apart. */
  | 'skew'
  /** The ticket's time is over, or has not come. */
  | 'expired'
  | 'not-yet-valid'
  /** Came through realms that the KDC has not checked. */
  | 'transited'
  /** Shown before. */
  | 'replayed'
  /** Too many at a time. */
  | 'busy';

/** The client holds the key that the KDC gave it for this service. */
export interface Accepted {
  readonly kind: 'accepted';
  readonly client: Principal;
  readonly service: Principal;
  /** End of the ticket with the allowed skew, milliseconds since 1970. */
  readonly expiresAt: number;
  /** Signs and verifies messages of this session. */
  readonly mic: MicContext;
  /** GSS-API token with an AP-REP, when the client asked for mutual authentication. */
  readonly reply: Buffer | undefined;
}

/** The client proved nothing. */
export interface Refused {
  readonly kind: 'refused';
  readonly reason: RefusalReason;
  /** What was found and what to do, for the operator. No secrets. */
  readonly detail: string;
  /** Who it was, once ticket and authenticator agree on it. */
  readonly client?: Principal;
}
