/** What other plugins may know of the server's certificates. */
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';

/** What `tls.createSecureContext` takes. PEM. */
export interface TlsMaterial {
  /** Chain, the server's own certificate first. */
  readonly cert: string;
  readonly key: string;
  /** Authorities that peers are verified against besides the system's. */
  readonly ca: readonly string[];
}

/** One certificate, for people and programs. */
export interface CertificateStatus {
  readonly role: 'server' | 'authority';
  readonly subject: string;
  readonly issuer: string;
  readonly names: readonly string[];
  /** ISO 8601, UTC. */
  readonly validFrom: string;
  readonly validTo: string;
  readonly daysLeft: number;
  /** SHA-256, hexadecimal with colons. */
  readonly fingerprint: string;
  /** The file it comes from. */
  readonly file: string;
}

/** The certificate that the server shows, whoever made it. */
export interface Pki {
  /** What listeners and HTTPS servers use now. */
  tls(): TlsMaterial;
  /** The authority that clients must trust, PEM; undefined when the certificate was given without one. */
  readonly caCertificate: string | undefined;
  /** Calls back after `tls()` has changed; the function that it returns ends that. */
  onChange(listener: () => void): () => void;
  status(): readonly CertificateStatus[];
}
export const Pki: Token<Pki> = token<Pki>('pki');
