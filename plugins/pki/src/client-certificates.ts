/** Certificates that users' clients sign in with: issued, recorded, found and revoked. [MS-OCAUTHWS] R12 to R15. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { Bus, Clock, Log, PluginConfig, Server, Store, inject, injectable, repeat } from '@parley/sdk';
import type { Lifecycle, Unsubscribe } from '@parley/sdk';
import { Directory, DirectoryEvents } from '@parley/plugin-directory/api';
import { ClientCertificateIssued, ClientCertificatesRevoked } from './api.ts';
import type { ClientCertificate, ClientCertificateRequest, ClientCertificates, IssuedClientCertificate } from './api.ts';
import { ClientAuthority } from './client-authority.ts';
import { ClientCertificateIndex } from './client-certificate-index.ts';
import { fromRow, toRow } from './client-certificate-row.ts';
import type { PkiTables } from './client-certificate-row.ts';
import type { PkiConfig } from './config.ts';
import { PkiErrors } from './errors.ts';
import { requestedKey } from './pkcs10.ts';

const HOUR_MS = 3_600_000;
/** A client whose clock is a little slow can use its certificate at once. */
const BACKDATED_MS = 5 * 60_000;
const MAX_DEVICE_ID = 64;
const DEVICE_ID = /^[\x20-\x7e]{1,64}$/;

/** What is asked of the directory. */
export type CertificateUsers = Pick<Directory, 'findById' | 'findByAor'>;

/** Records first, memory after: what was answered is committed, and what is found was committed. */
@injectable()
export class RecordedCertificates implements ClientCertificates, Lifecycle {
  readonly index = new ClientCertificateIndex();
  private readonly store: Store<PkiTables>;
  private readonly authority: ClientAuthority;
  private endings: Unsubscribe[] = [];

  constructor(
    @inject(Store) store: Store,
    @inject(Server) private readonly server: Pick<Server, 'dataDir' | 'mode'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(Bus) private readonly bus: Pick<Bus, 'publish' | 'subscribe'>,
    @inject(Log) private readonly log: Log,
    @inject(PluginConfig) private readonly config: Pick<PkiConfig, 'clientCertificateHours' | 'clientCertificatesPerUser'>,
    /** Without a directory every user counts as enabled. */
    @inject(Directory, { optional: true }) readonly users: CertificateUsers | undefined,
  ) {
    this.store = store.as<PkiTables>();
    this.authority = new ClientAuthority(join(server.dataDir, 'pki'), log);
  }

  async start(): Promise<void> {
    // Subscribed before reading: what another node records meanwhile is in one of the two.
    this.endings = [
      this.bus.subscribe(ClientCertificateIssued, ({ certificate, replaced }) => this.take(certificate, replaced)),
      this.bus.subscribe(ClientCertificatesRevoked, ({ thumbprints }) => thumbprints.forEach((t) => this.index.remove(t))),
      this.bus.subscribe(DirectoryEvents.disabled, async ({ id }) => void (await this.revoke(id))),
      this.bus.subscribe(DirectoryEvents.removed, async ({ id }) => void (await this.revoke(id))),
      // Whoever knew the old password may have got a certificate with it.
      this.bus.subscribe(DirectoryEvents.passwordChanged, async ({ id }) => void (await this.revoke(id))),
    ];
    if (this.server.mode === 'serve') {
      await this.sweep();
      this.endings.push(repeat(this.clock, HOUR_MS, () => void this.sweep().catch((err: unknown) => this.sweepFailed(err))));
    }
    const rows = await this.store.read.selectFrom('pki_client_certificate').selectAll().execute();
    for (const row of rows) this.index.put(fromRow(row));
    if (this.server.mode === 'serve') await this.revokeOfDisabled();
  }

  stop(): void {
    for (const end of this.endings.splice(0)) end();
  }

  async issue({ csr, user, deviceId }: ClientCertificateRequest): Promise<IssuedClientCertificate> {
    if (!DEVICE_ID.test(deviceId)) throw PkiErrors.PKI_DEVICE_ID({ found: describe(deviceId), limit: MAX_DEVICE_ID });
    this.refuseUnlessEnabled(user);
    const publicKey = requestedKey(csr).export({ type: 'spki', format: 'pem' });
    const now = this.clock.now();
    const validity = { from: now - BACKDATED_MS, to: now + this.config.clientCertificateHours * HOUR_MS };
    const { certificate, authority } = await this.authority.issue(publicKey, user.aor, validity, now);
    const recorded: ClientCertificate = Object.freeze({
      thumbprint: thumbprintOf(certificate.raw),
      userId: user.id,
      aor: user.aor,
      deviceId: deviceId.toLowerCase(),
      issuedAt: now,
      expiresAt: certificate.validToDate.getTime(),
    });
    const replaced = await this.record(recorded);
    this.take(recorded, replaced);
    this.bus.publish(ClientCertificateIssued, { certificate: recorded, replaced });
    return { certificate: certificate.raw, chain: [authority.raw], notAfter: recorded.expiresAt };
  }

  find(certificate: Buffer): ClientCertificate | undefined {
    const found = this.index.find(thumbprintOf(certificate));
    if (found === undefined || found.expiresAt <= this.clock.now() || !this.isEnabled({ id: found.userId, aor: found.aor }))
      return undefined;
    return found;
  }

  list(userId: string): readonly ClientCertificate[] {
    const now = this.clock.now();
    return this.index.of(userId).filter((certificate) => certificate.expiresAt > now);
  }

  async revoke(userId: string, deviceId?: string): Promise<readonly ClientCertificate[]> {
    const device = deviceId?.toLowerCase();
    const rows = await this.store.write((trx) => {
      const all = trx.deleteFrom('pki_client_certificate').where('user_id', '=', userId);
      return (device === undefined ? all : all.where('device_id', '=', device)).returningAll().execute();
    });
    const revoked = rows.map(fromRow);
    if (revoked.length === 0) return [];
    for (const { thumbprint } of revoked) this.index.remove(thumbprint);
    this.bus.publish(ClientCertificatesRevoked, { userId, thumbprints: revoked.map((c) => c.thumbprint) });
    this.log.info({ user: revoked[0]?.aor, devices: revoked.map((c) => c.deviceId) }, 'client certificates revoked');
    return revoked;
  }

  /** Commits the record and says whose place it took: the device's last one, and the oldest beyond the limit. */
  private record(certificate: ClientCertificate): Promise<string[]> {
    const { userId, aor, deviceId } = certificate;
    return this.store.write(async (trx) => {
      // Whoever was disabled meanwhile gets none: what is deleted for it is asked for after this write.
      this.refuseUnlessEnabled({ id: userId, aor });
      const held = await trx
        .selectFrom('pki_client_certificate')
        .select(['thumbprint', 'device_id'])
        .where('user_id', '=', userId)
        .orderBy('issued_at', 'desc')
        .execute();
      const others = held.filter((row) => row.device_id !== deviceId);
      const own = held.filter((row) => row.device_id === deviceId);
      const replaced = [...own, ...others.slice(this.config.clientCertificatesPerUser - 1)].map((row) => row.thumbprint);
      if (replaced.length > 0) await trx.deleteFrom('pki_client_certificate').where('thumbprint', 'in', replaced).execute();
      await trx.insertInto('pki_client_certificate').values(toRow(certificate)).execute();
      return replaced;
    });
  }

  private take(certificate: ClientCertificate, replaced: readonly string[]): void {
    for (const thumbprint of replaced) this.index.remove(thumbprint);
    this.index.put(certificate);
  }

  private refuseUnlessEnabled(user: { readonly id: string; readonly aor: string }): void {
    if (!this.isEnabled(user)) throw PkiErrors.PKI_USER_NOT_ENABLED({ aor: user.aor });
  }

  private isEnabled({ id, aor }: { readonly id: string; readonly aor: string }): boolean {
    if (this.users === undefined) return true;
    const user = this.users.findById(id);
    return user?.enabled === true && user.aor === aor;
  }

  /** Who was disabled or removed while no server ran. */
  private async revokeOfDisabled(): Promise<void> {
    const gone = this.index.all().filter((certificate) => !this.isEnabled({ id: certificate.userId, aor: certificate.aor }));
    for (const userId of new Set(gone.map((certificate) => certificate.userId))) await this.revoke(userId);
  }

  private async sweep(): Promise<void> {
    const now = this.clock.now();
    this.index.expire(now);
    await this.store.write((trx) => trx.deleteFrom('pki_client_certificate').where('expires_at', '<=', now).execute(), { durable: false });
  }

  private sweepFailed(err: unknown): void {
    this.log.error({ err }, 'expired client certificates cannot be removed from the store; they are refused all the same');
  }
}

/** SHA-256 of a certificate in DER, lower-case hexadecimal. */
export function thumbprintOf(certificate: Buffer): string {
  return createHash('sha256').update(certificate).digest('hex');
}

function describe(deviceId: string): string {
  if (deviceId === '') return 'missing';
  return deviceId.length > MAX_DEVICE_ID ? `${deviceId.length} characters long` : 'not printable ASCII';
}
