/** The authority behind clients' certificates: made when the first one is wanted, whatever the server's own certificate comes from. */
import { X509Certificate, generateKeyPair } from 'node:crypto';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Log } from '@parley/sdk';
import { isIssuedBy, readCertificates, readKey } from './certificate.ts';
import { PUBLIC, SECRET, readText, writeWhole } from './files.ts';
import { KEY_FORMAT, issueClient, makeNamedAuthority } from './issue.ts';
import type { Issued } from './issue.ts';

/** As the authority of a pool is called in the product that clients know. */
const NAME = 'Communications Server';
const YEAR_MS = 365 * 86_400_000;
const newKeys = promisify(generateKeyPair);

/** A certificate and its authority. */
export interface ClientChain {
  readonly certificate: X509Certificate;
  readonly authority: X509Certificate;
}

/**
 * Two files: client-ca.pem and client-ca.key. It is separate from the authority of the server's certificate, which clients trust and whose
 * key may be elsewhere. Nobody trusts this one: what it issued counts only while it is recorded. So it is replaced without ado when it is
 * damaged or within a year of its end, and two servers on one database may each have their own.
 */
export class ClientAuthority {
  private readonly certificateFile: string;
  private readonly keyFile: string;
  private held: Promise<Issued | undefined> = Promise.resolve(undefined);

  /** @param folder made with mode 0700 when it is not there */
  constructor(
    private readonly folder: string,
    private readonly log: Pick<Log, 'info' | 'warn'>,
  ) {
    this.certificateFile = join(folder, 'client-ca.pem');
    this.keyFile = join(folder, 'client-ca.key');
  }

  /** A certificate for an SPKI key, PEM, and an address of record. Times in milliseconds since 1970; `to` must be within a year of `now`. */
  async issue(publicKey: string, aor: string, validity: { from: number; to: number }, now: number): Promise<ClientChain> {
    const issuer = await this.current(now);
    const certificate = new X509Certificate(issueClient(issuer, publicKey, aor, validity));
    const authority = new X509Certificate(issuer.certificate);
    if (!isIssuedBy(certificate, authority)) throw new Error('a client certificate was made that does not verify');
    return { certificate, authority };
  }

  /** One request after the other, so that two of them never make two authorities; what failed is tried again by the next. */
  private current(now: number): Promise<Issued> {
    const next = this.held.then(
      (held) => (held === undefined ? this.load(now) : this.renewed(held, now)),
      () => this.load(now),
    );
    this.held = next;
    return next;
  }

  private renewed(held: Issued, now: number): Issued | Promise<Issued> {
    return new X509Certificate(held.certificate).validToDate.getTime() - now > YEAR_MS ? held : this.make(now);
  }

  private load(now: number): Issued | Promise<Issued> {
    const stored = this.stored();
    return stored === undefined ? this.make(now) : this.renewed(stored, now);
  }

  /** What is on the disk; undefined when nothing is, or nothing of use. */
  private stored(): Issued | undefined {
    if (!existsSync(this.certificateFile) && !existsSync(this.keyFile)) return undefined;
    try {
      const issued = { certificate: readText(this.certificateFile), key: readText(this.keyFile) };
      const [certificate] = readCertificates(issued.certificate, this.certificateFile);
      if (certificate?.checkPrivateKey(readKey(issued.key, this.keyFile)) === true) return issued;
      this.log.warn(
        { file: this.keyFile },
        'the key of the client authority is not its own: a new authority is made, and clients do not notice',
      );
    } catch (error) {
      this.log.warn({ err: error }, 'the client authority cannot be read: a new one is made, and clients do not notice');
    }
    return undefined;
  }

  private async make(now: number): Promise<Issued> {
    const issued = makeNamedAuthority(NAME, now, await newKeys('rsa', KEY_FORMAT));
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    writeWhole(this.keyFile, issued.key, SECRET);
    writeWhole(this.certificateFile, issued.certificate, PUBLIC);
    this.log.info({ file: this.certificateFile }, 'an authority for client certificates was made');
    return issued;
  }
}
