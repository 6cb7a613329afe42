/** `parley user certificates`, `parley user revoke-certificates`: which devices sign in with a certificate, and an end to it. */
import type { AdminCommand, CommandInput, PluginScope } from '@parley/sdk';
import type { ClientCertificate } from './api.ts';
import { RecordedCertificates } from './client-certificates.ts';
import { PkiErrors } from './errors.ts';

const URI = { name: 'uri', summary: 'The address of the user, such as sip:alice@example.com' };

const list: AdminCommand = {
  path: 'user certificates',
  summary: 'List the certificates that the clients of a user sign in with',
  arguments: [URI],
  examples: ['parley user certificates sip:alice@example.com', 'parley user certificates alice@example.com --json'],
  offline: true,
  columns: [
    { key: 'device', title: 'Device' },
    { key: 'issued', title: 'Issued' },
    { key: 'expires', title: 'Valid until' },
    { key: 'sha256', title: 'SHA-256' },
  ],
  run(input, scope) {
    const certificates = scope.resolve(RecordedCertificates);
    const user = knownUser(input, scope);
    const held = certificates.list(user.id);
    const text = held.length === 0 ? `${user.aor} has no certificate.` : '';
    return { rows: held.map(asRow), text, data: held };
  },
};

const revoke: AdminCommand = {
  path: 'user revoke-certificates',
  summary: 'Revoke the certificates of a user; what is signed in with them is signed out',
  arguments: [URI],
  options: [{ flag: '--device <id>', summary: 'Only that of this device, as `parley user certificates` shows it' }],
  examples: [
    'parley user revoke-certificates sip:alice@example.com',
    "parley user revoke-certificates alice@example.com --device '{d1f0a6a2-3f0e-5a07-9f65-2f6f1b3c9d77}'",
  ],
  offline: true,
  async run(input, scope) {
    const user = knownUser(input, scope);
    const device = input.options['device'];
    const revoked = await scope.resolve(RecordedCertificates).revoke(user.id, typeof device === 'string' ? device : undefined);
    if (revoked.length === 0) {
      throw PkiErrors.PKI_CERTIFICATE_NOT_HELD({ aor: user.aor, device: typeof device === 'string' ? ` for the device ${device}` : '' });
    }
    const count = revoked.length === 1 ? 'One certificate' : `${revoked.length} certificates`;
    return { text: `${count} of ${user.aor} revoked.`, data: { user: user.aor, revoked } };
  },
};

/** The commands about users' certificates. */
export const clientCertificateCommands: readonly AdminCommand[] = [list, revoke];

function knownUser(input: CommandInput, scope: PluginScope): { readonly id: string; readonly aor: string } {
  const found = input.arguments['uri'] ?? '';
  const user = scope.resolve(RecordedCertificates).users?.findByAor(found.replace(/^sips?:/i, ''));
  if (user === undefined) throw PkiErrors.PKI_USER_UNKNOWN({ found });
  return user;
}

function asRow({ deviceId, issuedAt, expiresAt, thumbprint }: ClientCertificate): object {
  const minute = (ms: number): string => `${new Date(ms).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return { device: deviceId, issued: minute(issuedAt), expires: minute(expiresAt), sha256: thumbprint.slice(0, 16) };
}
