/** A certificate from files that somebody else renews: checked before it is served, read again when it changes. */
import type { X509Certificate } from 'node:crypto';
import { chainFault, missingNames, namesOf, readCertificates, readKey, subjectOf } from './certificate.ts';
import { PkiErrors } from './errors.ts';
import { readText, stampOf } from './files.ts';
import type { Credential, CredentialSource } from './source.ts';

/** Absolute paths. */
export interface GivenFiles {
  readonly certFile: string;
  readonly keyFile: string;
  readonly caFile: string | undefined;
}

/** Serves the files as they are; a replacement that is no good is refused and the old one stays. */
export class GivenCertificate implements CredentialSource {
  private stamp = '';

  /** @param required names that the certificate must carry; [] to take any */
  constructor(
    private readonly files: GivenFiles,
    private readonly required: readonly string[],
  ) {}

  /** Throws PKI_FILE_UNREADABLE, _CERTIFICATE_MALFORMED, _KEY_MALFORMED, _KEY_MISMATCH, _CHAIN_ORDER or _NAMES_MISSING. */
  load(): Credential {
    this.stamp = this.presentStamp();
    const { certFile, keyFile, caFile } = this.files;
    const [certificate, keyText] = [readText(certFile), readText(keyFile)];
    const chain = readCertificates(certificate, certFile);
    const server = chain[0] as X509Certificate;
    const key = readKey(keyText, keyFile);
    const fault = chainFault(chain, key);
    if (fault !== undefined) throw PkiErrors.PKI_CHAIN_ORDER({ file: certFile, found: fault });
    if (!server.checkPrivateKey(key)) throw PkiErrors.PKI_KEY_MISMATCH({ keyFile, certFile, subject: subjectOf(server) });
    this.checkNames(server);
    const ca = caFile === undefined ? [] : readCertificates(readText(caFile), caFile);
    const last = chain.at(-1) as X509Certificate;
    return {
      certificate,
      key: keyText,
      server,
      authority: ca[0] ?? selfSigned(last),
      ca: ca.map((authority) => authority.toString()),
      files: { server: certFile, authority: caFile ?? certFile },
    };
  }

  /** Looks at the files only when one of them was touched since the last look. */
  refresh(): Credential | undefined {
    return this.presentStamp() === this.stamp ? undefined : this.load();
  }

  private presentStamp(): string {
    const { certFile, keyFile, caFile } = this.files;
    return stampOf(caFile === undefined ? [certFile, keyFile] : [certFile, keyFile, caFile]);
  }

  private checkNames(server: X509Certificate): void {
    const missing = missingNames(server, this.required);
    if (missing.length === 0) return;
    const found = namesOf(server).join(', ') || 'no name at all';
    throw PkiErrors.PKI_NAMES_MISSING({ file: this.files.certFile, subject: subjectOf(server), found, missing: missing.join(', ') });
  }
}

function selfSigned(certificate: X509Certificate): X509Certificate | undefined {
  return certificate.checkIssued(certificate) ? certificate : undefined;
}
