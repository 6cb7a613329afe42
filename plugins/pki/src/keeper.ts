/** Keeps the server's certificate: loads it, renews or reloads it, warns before it ends, and tells who uses it. */
import type { X509Certificate } from 'node:crypto';
import { isAbsolute, join } from 'node:path';
import { Clock, Log, PluginConfig, Server, inject, injectable, repeat } from '@parley/sdk';
import type { CertificateMaterial, CertificateSource, HealthResult, Lifecycle } from '@parley/sdk';
import type { CertificateStatus, Pki, TlsMaterial } from './api.ts';
import { daysLeft, namesOf, subjectOf } from './certificate.ts';
import type { PkiConfig } from './config.ts';
import { PkiErrors } from './errors.ts';
import { ExpiryWatch } from './expiry-watch.ts';
import { GivenCertificate } from './given-files.ts';
import { certificateNames, requiredNames } from './names.ts';
import { OwnAuthority } from './own-authority.ts';
import type { Credential, CredentialSource } from './source.ts';

const HOUR_MS = 3_600_000;
const WARN_DAYS = 30;
type ServerFacts = Pick<Server, 'fqdn' | 'domains' | 'dataDir'>;

/** The one certificate of the server. */
@injectable()
export class CertificateKeeper implements Pki, CertificateSource, Lifecycle {
  private readonly source: CredentialSource;
  private readonly intervalMs: number;
  private readonly expiry: ExpiryWatch;
  private readonly listeners = new Set<() => void>();
  private current: Credential | undefined;
  private fault: string | undefined;
  private endTimers: (() => void)[] = [];

  /** Throws PKI_FILES_INCOMPLETE. */
  constructor(
    @inject(Server) server: ServerFacts,
    @inject(Clock) private readonly clock: Clock,
    @inject(Log) private readonly log: Log,
    @inject(PluginConfig) config: PkiConfig,
  ) {
    this.source = sourceFor(server, config);
    this.intervalMs = config.certFile === undefined ? HOUR_MS : config.pollSeconds * 1000;
    this.expiry = new ExpiryWatch(log);
  }

  /** Throws a PKI_* error when there is no certificate to serve. */
  start(): void {
    const credential = this.credential();
    this.log.info(
      { certificate: subjectOf(credential.server), validTo: credential.server.validToDate.toISOString() },
      'server certificate loaded',
    );
    this.watchExpiry();
    this.endTimers = [repeat(this.clock, this.intervalMs, () => this.refresh()), repeat(this.clock, HOUR_MS, () => this.watchExpiry())];
  }

  stop(): void {
    for (const end of this.endTimers.splice(0)) end();
  }

  tls(): TlsMaterial {
    const { certificate, key, ca } = this.credential();
    return { cert: certificate, key, ca };
  }

  get caCertificate(): string | undefined {
    return this.credential().authority?.toString();
  }

  /** The same certificate for every name. */
  certificateFor(): CertificateMaterial {
    const { certificate, key, ca } = this.credential();
    return { certificate, key, ca };
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  status(): readonly CertificateStatus[] {
    const { server, authority, files } = this.credential();
    const now = this.clock.now();
    const own = statusOf('server', server, files.server, now);
    return authority === undefined ? [own] : [own, statusOf('authority', authority, files.authority, now)];
  }

  /** For the server's health check. */
  health(): HealthResult {
    if (this.fault !== undefined)
      return { state: 'warn', detail: this.fault, fix: 'The previous certificate is still served: mend the files.' };
    const next = this.status().toSorted((a, b) => a.daysLeft - b.daysLeft)[0] as CertificateStatus;
    const detail = `the ${next.role} certificate is valid until ${next.validTo.slice(0, 10)}`;
    if (next.daysLeft < 0) return { state: 'fail', detail: `the ${next.role} certificate has expired`, fix: `Replace ${next.file}.` };
    return next.daysLeft < WARN_DAYS ? { state: 'warn', detail, fix: `Replace ${next.file} in time.` } : { state: 'ok', detail };
  }

  /** Loaded when first asked for: listeners may ask before `start`. */
  private credential(): Credential {
    return (this.current ??= this.source.load(this.clock.now()));
  }

  /** Runs from a timer, where nothing may throw. */
  private refresh(): void {
    try {
      const newer = this.source.refresh(this.credential(), this.clock.now());
      if (newer === undefined) return;
      this.current = newer;
      this.fault = undefined;
      this.log.info(
        { certificate: subjectOf(newer.server), validTo: newer.server.validToDate.toISOString() },
        'server certificate replaced',
      );
    } catch (error) {
      this.fault = (error as Error).message;
      this.log.error({ err: error }, 'the new server certificate cannot be used; the old one stays');
      return;
    }
    this.watchExpiry();
    for (const listener of this.listeners) this.tell(listener);
  }

  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.log.error({ err: error }, 'a user of the server certificate did not take the new one');
    }
  }

  private watchExpiry(): void {
    const { server, authority, files } = this.credential();
    this.expiry.look('server', server, files.server, this.clock.now());
    if (authority !== undefined && authority.fingerprint256 !== server.fingerprint256) {
      this.expiry.look('authority', authority, files.authority, this.clock.now());
    }
  }
}

function sourceFor(server: ServerFacts, config: PkiConfig): CredentialSource {
  const { certFile, keyFile, caFile, extraNames } = config;
  if (certFile === undefined && keyFile === undefined) {
    return new OwnAuthority(join(server.dataDir, 'pki'), certificateNames({ ...server, extra: extraNames }));
  }
  if (certFile === undefined) throw PkiErrors.PKI_FILES_INCOMPLETE({ given: 'keyFile', missing: 'certFile' });
  if (keyFile === undefined) throw PkiErrors.PKI_FILES_INCOMPLETE({ given: 'certFile', missing: 'keyFile' });
  const absolute = (file: string): string => (isAbsolute(file) ? file : join(server.dataDir, file));
  const files = { certFile: absolute(certFile), keyFile: absolute(keyFile), caFile: caFile === undefined ? undefined : absolute(caFile) };
  return new GivenCertificate(files, config.allowMissingNames ? [] : requiredNames(server));
}

function statusOf(role: CertificateStatus['role'], certificate: X509Certificate, file: string, now: number): CertificateStatus {
  return {
    role,
    subject: subjectOf(certificate),
    issuer: certificate.issuer.replaceAll('\n', ', '),
    names: role === 'server' ? namesOf(certificate) : [],
    validFrom: certificate.validFromDate.toISOString(),
    validTo: certificate.validToDate.toISOString(),
    daysLeft: daysLeft(certificate, now),
    fingerprint: certificate.fingerprint256,
    file,
  };
}
