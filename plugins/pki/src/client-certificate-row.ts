/** Recorded client certificates as the store keeps them. */
import type { Migration } from '@parley/sdk';
import type { ClientCertificate } from './api.ts';

/** A row of `pki_client_certificate`. Times in milliseconds since 1970. */
export interface ClientCertificateRow {
  readonly thumbprint: string;
  readonly user_id: string;
  readonly aor: string;
  readonly device_id: string;
  readonly issued_at: number;
  readonly expires_at: number;
}

export interface PkiTables {
  readonly pki_client_certificate: ClientCertificateRow;
}

/** Schema changes of pki, by name. */
export const migrations: Readonly<Record<string, Migration>> = {
  '001-client-certificates': {
    async up(db) {
      await db.schema
        .createTable('pki_client_certificate')
        .addColumn('thumbprint', 'text', (c) => c.primaryKey())
        .addColumn('user_id', 'text', (c) => c.notNull())
        .addColumn('aor', 'text', (c) => c.notNull())
        .addColumn('device_id', 'text', (c) => c.notNull())
        .addColumn('issued_at', 'bigint', (c) => c.notNull())
        .addColumn('expires_at', 'bigint', (c) => c.notNull())
        .execute();
      await db.schema
        .createIndex('pki_client_certificate_device')
        .unique()
        .on('pki_client_certificate')
        .columns(['user_id', 'device_id'])
        .execute();
      await db.schema.createIndex('pki_client_certificate_expiry').on('pki_client_certificate').column('expires_at').execute();
    },
  },
};

export function toRow(certificate: ClientCertificate): ClientCertificateRow {
  const { thumbprint, userId, aor, deviceId, issuedAt, expiresAt } = certificate;
  return { thumbprint, user_id: userId, aor, device_id: deviceId, issued_at: issuedAt, expires_at: expiresAt };
}

export function fromRow(row: ClientCertificateRow): ClientCertificate {
  return {
    thumbprint: row.thumbprint,
    userId: row.user_id,
    aor: row.aor,
    deviceId: row.device_id,
    issuedAt: row.issued_at,
    expiresAt: row.expires_at,
  };
}
