/** The server's own authority: made at first start, issues the server certificate and renews it in time. */
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { isIssuedBy, missingNames, readCertificates, readKey } from './certificate.ts';
import { PkiErrors } from './errors.ts';
import { PUBLIC, SECRET, readText, writeWhole } from './files.ts';
import { issueServer, makeAuthority } from './issue.ts';
import type { Issued } from './issue.ts';
import type { Credential, CredentialSource } from './source.ts';

const DAY_MS = 86_400_000;
/** A server certificate with no more life than this is replaced. */
export const RENEW_BEFORE_MS = 30 * DAY_MS;

/** Four files in one folder: ca.pem, ca.key, server.pem (with the authority behind it), server.key. */
export class OwnAuthority implements CredentialSource {
  private readonly files: Record<'caCertificate' | 'caKey' | 'certificate' | 'key', string>;

  /**
   * @param folder made with mode 0700
   * @param names what the server certificate must carry, the common name first
   */
  constructor(
    private readonly folder: string,
    private readonly names: readonly string[],
  ) {
    const [caCertificate, caKey] = [join(folder, 'ca.pem'), join(folder, 'ca.key')];
    this.files = { caCertificate, caKey, certificate: join(folder, 'server.pem'), key: join(folder, 'server.key') };
  }

  load(now: number): Credential {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    const authority = this.loadAuthority(now);
    return this.storedServer(authority, now) ?? this.newServer(authority, now);
  }

  refresh(current: Credential, now: number): Credential | undefined {
    if (!isDue(current.server, current.authority, now)) return undefined;
    return this.newServer(this.loadAuthority(now), now);
  }

  /** An authority that clients trust is never replaced by itself: with half of it lost, the operator decides. */
  private loadAuthority(now: number): Issued {
    const { caCertificate, caKey } = this.files;
    const exist = [caCertificate, caKey].filter((file) => existsSync(file));
    if (exist.length === 0) return this.newAuthority(now);
    if (exist.length === 1) throw this.damaged(`only ${exist[0]} is there`);
    const issued = { certificate: readText(caCertificate), key: readText(caKey) };
    const [certificate] = readCertificates(issued.certificate, caCertificate);
    if (certificate?.checkPrivateKey(readKey(issued.key, caKey)) !== true) throw this.damaged('ca.key does not belong to ca.pem');
    return issued;
  }

  private newAuthority(now: number): Issued {
    const issued = makeAuthority(this.names[0] as string, now);
    writeWhole(this.files.caKey, issued.key, SECRET);
    writeWhole(this.files.caCertificate, issued.certificate, PUBLIC);
    return issued;
  }

  /** What is on the disk, when it is of this authority, has all names and some life left. */
  private storedServer(authority: Issued, now: number): Credential | undefined {
    if (!existsSync(this.files.certificate) || !existsSync(this.files.key)) return undefined;
    try {
      const issued = { certificate: readText(this.files.certificate), key: readText(this.files.key) };
      const [server] = readCertificates(issued.certificate, this.files.certificate);
      const issuer = new X509Certificate(authority.certificate);
      const fits = server?.checkPrivateKey(readKey(issued.key, this.files.key)) === true && isIssuedBy(server, issuer);
      if (!fits || missingNames(server, this.names).length > 0 || isDue(server, issuer, now)) return undefined;
      return this.credential(issued, authority);
    } catch {
      return undefined; // unreadable, half written: a new one costs nobody anything
    }
  }

  private newServer(authority: Issued, now: number): Credential {
    const issued = issueServer(authority, this.names, now);
    if (!isIssuedBy(new X509Certificate(issued.certificate), new X509Certificate(authority.certificate))) {
      throw this.damaged('what it signs does not verify');
    }
    const chain = issued.certificate + authority.certificate;
    writeWhole(this.files.key, issued.key, SECRET);
    writeWhole(this.files.certificate, chain, PUBLIC);
    return this.credential({ certificate: chain, key: issued.key }, authority);
  }

  private credential(issued: Issued, authority: Issued): Credential {
    return {
      ...issued,
      server: new X509Certificate(issued.certificate),
      authority: new X509Certificate(authority.certificate),
      ca: [authority.certificate],
      files: { server: this.files.certificate, authority: this.files.caCertificate },
    };
  }

  private damaged(found: string): Error {
    return PkiErrors.PKI_CA_DAMAGED({ folder: this.folder, found });
  }
}

/** A certificate that ends with its authority cannot be bettered. */
function isDue(server: X509Certificate, authority: X509Certificate | undefined, now: number): boolean {
  const end = server.validToDate.getTime();
  return end - now <= RENEW_BEFORE_MS && end !== authority?.validToDate.getTime();
}
