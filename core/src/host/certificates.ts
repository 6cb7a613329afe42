/** Where TLS listeners get their certificate from when the configuration names no files: a plugin that keeps certificates. */

/** PEM texts of one server certificate. */
export interface CertificateMaterial {
  /** Chain, the server's own first. */
  readonly certificate: string;
  readonly key: string;
  /** Authorities beyond the system's that peers are verified against. */
  readonly ca: readonly string[];
}

/** A plugin that keeps certificates for listeners. */
export interface CertificateSource {
  /** The certificate for a server name; undefined when the source has none for it. Asked at start and after each change. */
  certificateFor(serverName: string): CertificateMaterial | undefined;
  /** Calls back when a certificate was renewed or replaced; returns what ends that. */
  onChange(listener: () => void): () => void;
}
