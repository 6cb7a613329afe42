/** Where the keeper gets its certificates from: its own authority, or given files. */
import type { X509Certificate } from 'node:crypto';

/** A server certificate with everything that goes with it, checked. */
export interface Credential {
  /** PEM, server certificate first. */
  readonly certificate: string;
  readonly key: string;
  readonly server: X509Certificate;
  /** The authority to hand to clients; undefined when there is none to hand out. */
  readonly authority: X509Certificate | undefined;
  /** PEM. */
  readonly ca: readonly string[];
  readonly files: { readonly server: string; readonly authority: string };
}

/** Asked at start and from time to time. */
export interface CredentialSource {
  /** What to use from the start. Throws a PKI_* error when there is nothing to use. */
  load(now: number): Credential;
  /** Something newer than `current`, or undefined. Throws a PKI_* error when the newer is no good; `current` stays then. */
  refresh(current: Credential, now: number): Credential | undefined;
}
