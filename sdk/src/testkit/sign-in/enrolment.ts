/** How a client of a test gets its certificate: from the server's own authority, without the web service before it. [MS-OCAUTHWS] */
import { X509Certificate, generateKeyPairSync, sign } from 'node:crypto';
import { token } from '@parley/core';
import type { Host, Token } from '@parley/core';
import { contextTag } from '../../kerberos/der.ts';
import { der, derInteger, derSequence } from '../../kerberos/der-writer.ts';
import type { ClientCertificatePair } from './tls-dsk-client.ts';

/** What the testkit needs of the plugin that keeps users. */
interface UserDirectory {
  findByAor(aor: string): { readonly id: string; readonly aor: string } | undefined;
}
const UserDirectory: Token<UserDirectory> = token<UserDirectory>('directory');

/** What the testkit needs of the plugin that issues certificates. */
interface CertificateIssuer {
  issue(request: { readonly csr: Buffer; readonly user: object; readonly deviceId: string }): Promise<{ readonly certificate: Buffer }>;
}
const CertificateIssuer: Token<CertificateIssuer> = token<CertificateIssuer>('client-certificates');

/** sha256WithRSAEncryption with its NULL. RFC 8017 appendix A.2.4 */
const RSA_SHA256 = Buffer.from('300d06092a864886f70d01010b0500', 'hex');
const BIT_STRING = 3;

let clientKey: { readonly pem: string; readonly spki: Buffer } | undefined;

/** A certificate for a user; each call gives a new one, all for one key. Throws when the server has no such user, or no plugin `pki`. */
export async function enrol(host: Host, aor: string, deviceId: string): Promise<ClientCertificatePair> {
  const user = host.find(UserDirectory)?.findByAor(aor);
  const issuer = host.find(CertificateIssuer);
  if (user === undefined || issuer === undefined) throw new Error(`${aor} is no user of this server, or it issues no certificates`);
  const { pem } = key();
  const { certificate } = await issuer.issue({ csr: certificationRequest(), user, deviceId });
  return { key: pem, cert: new X509Certificate(certificate).toString() };
}

/** A PKCS#10 request for the key of all clients of the testkit, DER. RFC 2986 section 4 */
export function certificationRequest(): Buffer {
  const { pem, spki } = key();
  const info = derSequence(derInteger(0), derSequence(), spki, der(contextTag(0)));
  const signature = sign('sha256', info, pem);
  return derSequence(info, RSA_SHA256, der(BIT_STRING, Buffer.from([0]), signature));
}

/** Made once: it costs time. */
function key(): { readonly pem: string; readonly spki: Buffer } {
  if (clientKey === undefined) {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' });
    clientKey = { pem, spki: publicKey.export({ type: 'spki', format: 'der' }) };
  }
  return clientKey;
}
