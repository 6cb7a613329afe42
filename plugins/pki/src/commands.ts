/** `parley pki ...`: what the server shows, and what clients must trust. */
import type { AdminCommand } from '@parley/sdk';
import { Pki } from './api.ts';
import type { CertificateStatus } from './api.ts';
import { PkiErrors } from './errors.ts';

const show: AdminCommand = {
  path: 'pki show',
  summary: 'Show the server certificate and its authority',
  examples: ['parley pki show', 'parley pki show --json'],
  offline: true,
  columns: [
    { key: 'field', title: 'Field' },
    { key: 'value', title: 'Value' },
  ],
  run(_input, scope) {
    const certificates = scope.resolve(Pki).status();
    return { rows: certificates.flatMap(asFields), data: certificates };
  },
};

const exportCa: AdminCommand = {
  path: 'pki export-ca',
  summary: 'Print the certificate of the authority, for clients to trust',
  examples: ['parley pki export-ca > parley-ca.pem', 'parley pki export-ca --json'],
  offline: true,
  run(_input, scope) {
    const pem = scope.resolve(Pki).caCertificate;
    if (pem === undefined) throw PkiErrors.PKI_NO_CA();
    return { text: pem.trimEnd(), data: { pem } };
  },
};

/** The commands about certificates. */
export const pkiCommands: readonly AdminCommand[] = [show, exportCa];

function asFields(status: CertificateStatus): object[] {
  const digits = status.fingerprint.replaceAll(':', '').toLowerCase();
  const fields = {
    [status.role === 'server' ? 'Server certificate' : 'Authority']: status.subject,
    'Issued by': status.issuer,
    'Valid until': `${status.validTo.slice(0, 10)} (${status.daysLeft} days)`,
    'SHA-256': digits.slice(0, 32),
    '': digits.slice(32), // the whole would not fit into a line
    File: status.file,
  };
  const rows = Object.entries(fields).map(([field, value]) => ({ field, value }));
  return [...rows, ...status.names.map((name, i) => ({ field: i === 0 ? 'Good for' : '', value: name }))];
}
