/** What other plugins may know of the server's certificates. */
import { subject, token } from '@parley/sdk';
import type { Subject, Token } from '@parley/sdk';

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

/** What is asked for. */
export interface ClientCertificateRequest {
  /** PKCS#10, DER, at most 8 KiB. Its subject and extensions are ignored; its signature proves that the client has the key. RFC 2986. */
  readonly csr: Buffer;
  /** Whose certificate it becomes: the id and address of record of the directory. */
  readonly user: { readonly id: string; readonly aor: string };
  /** The client's name for itself, 1 to 64 printable characters, compared without regard to case: usually the GUID of `+sip.instance` in braces. */
  readonly deviceId: string;
}

/** What the client gets. */
export interface IssuedClientCertificate {
  /** DER. */
  readonly certificate: Buffer;
  /** The authority that issued it, DER; for clients that want to show a chain. Nobody has to trust it. */
  readonly chain: readonly Buffer[];
  /** Milliseconds since 1970. */
  readonly notAfter: number;
}

/** A certificate that a user may sign in with. */
export interface ClientCertificate {
  /** SHA-256 of the DER, lower-case hexadecimal. */
  readonly thumbprint: string;
  readonly userId: string;
  /** Address of record, `alice@example.com`. */
  readonly aor: string;
  /** Lower case. */
  readonly deviceId: string;
  /** Milliseconds since 1970. */
  readonly issuedAt: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
}

/** Certificates by which users' clients sign in ([MS-OCAUTHWS] R12 to R15); valid only while recorded here. */
export interface ClientCertificates {
  /**
   * Issues a certificate and records it in place of the one that the device had. Resolves once the record is committed.
   * Rejects with PKI_REQUEST_MALFORMED, _REQUEST_SIGNATURE, _REQUEST_KEY, _DEVICE_ID or PKI_USER_NOT_ENABLED.
   */
  issue(request: ClientCertificateRequest): Promise<IssuedClientCertificate>;
  /** The record of a certificate, DER, that a client has proved to have the key of; undefined unless it is recorded, unexpired and its user enabled. */
  find(certificate: Buffer): ClientCertificate | undefined;
  /** Those of a user that have not expired, newest first. */
  list(userId: string): readonly ClientCertificate[];
  /** Ends all of a user, or those of one device; resolves with what was ended once that is committed. {@link ClientCertificatesRevoked} is said for each user. */
  revoke(userId: string, deviceId?: string): Promise<readonly ClientCertificate[]>;
}
export const ClientCertificates: Token<ClientCertificates> = token<ClientCertificates>('client-certificates');

/** Said on the bus after a certificate was recorded. */
export interface ClientCertificateIssued {
  readonly certificate: ClientCertificate;
  /** Thumbprints that are no longer recorded: the one that the device had before. What was signed in with them stays signed in. */
  readonly replaced: readonly string[];
}
export const ClientCertificateIssued: Subject<ClientCertificateIssued> = subject<ClientCertificateIssued>('pki.client-certificate-issued');

/** Said on the bus after certificates were revoked: what was signed in with them ends. */
export interface ClientCertificatesRevoked {
  readonly userId: string;
  readonly thumbprints: readonly string[];
}
export const ClientCertificatesRevoked: Subject<ClientCertificatesRevoked> =
  subject<ClientCertificatesRevoked>('pki.client-certificates-revoked');
