/** One way of setting up a security association: what a mechanism's plugin brings. [MS-SIPAE] sections 3.1 and 3.3. */
import type { Flow } from '@parley/core';
import type { AssociationUser } from './accounts.ts';

/** Schemes of [MS-SIPAE], as they stand in headers and signature buffers. */
export type AssociationScheme = 'NTLM' | 'Kerberos' | 'TLS-DSK';

/** What a plugin brings; `installAssociations` does the rest. */
export interface AssociationMechanism {
  readonly scheme: AssociationScheme;
  /** `uc.example.com`; for Kerberos `sip/uc.example.com`. Stays the same while the process lives ([MS-SIPAE] R1). */
  readonly targetName: string;
  /** Further parameters of the challenge, such as `sts-uri`; the values are quoted. */
  readonly challengeParameters?: readonly (readonly [name: string, value: string])[];
  /** Begins a handshake. Must not throw for anything that a client sent. */
  begin(context: HandshakeContext): Handshake;
}

/** Who begins a handshake, before anything is proved. */
export interface HandshakeContext {
  readonly flow: Flow;
  /** Lower case, `alice@example.com`: To of a REGISTER, From of anything else. */
  readonly claimedAor: string;
}

/** One handshake. It is in memory only, at most a minute, and few are allowed for each connection. */
export interface Handshake {
  /**
   * Takes the client's next token. Never called again before the promise of the last call has settled; what it throws counts as
   * a fault of the plugin (500).
   * @param token decoded gssapi-data, at most 16 KiB, may be empty
   */
  step(token: Buffer): HandshakeStep | Promise<HandshakeStep>;
  /** It will not go on: expired, connection lost, or begun anew. Not called after `done` or `failed`. */
  cancel(): void;
}

/** Why a handshake failed. What the client is told depends on it; `detail` is for the operator alone. */
export type HandshakeFailure = 'credentials' | 'malformed' | 'skew' | 'disabled' | 'unsupported';

/** What became of one token. */
export type HandshakeStep =
  /** 401 with gssapi-data and opaque. */
  | { readonly kind: 'continue'; readonly token: Buffer }
  /**
   * The client is who it says. With a token: it is sent in a 401, and the next message is signed (TLS-DSK). Without: this message
   * must carry a good signature (version 4).
   */
  | {
      readonly kind: 'done';
      readonly user: AssociationUser;
      readonly keys: SessionKeys;
      /** Milliseconds since 1970: the end of the ticket or certificate. The association ends after 8 hours at the latest. */
      readonly expiresAt?: number;
      readonly token?: Buffer;
    }
  | {
      readonly kind: 'failed';
      readonly cause: HandshakeFailure;
      /** Who was tried, for the limits: the user's id, or the name when nobody has it. */
      readonly account?: string;
      /** One log line that tells the operator what to do. No secrets. */
      readonly detail: string;
    };

/** The keys of both directions. Called for every message: be quick. */
export interface SessionKeys {
  /** @param buffer byte string B of [MS-SIPAE]; @returns hexadecimal */
  sign(buffer: string): string;
  /** @param signature hexadecimal in any case, not checked yet */
  verify(buffer: string, signature: string): boolean;
}
