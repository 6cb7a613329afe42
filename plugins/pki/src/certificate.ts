/** Reading and checking certificates, with node:crypto throughout. */
import { X509Certificate, createPrivateKey } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { isIP } from 'node:net';
import { PkiErrors } from './errors.ts';

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;
/** Longer chains are nobody's. */
const MAX_CERTIFICATES = 100;
const DAY_MS = 86_400_000;

/** The certificates of a PEM text in order. Throws PKI_CERTIFICATE_MALFORMED. */
export function readCertificates(pem: string, file: string): X509Certificate[] {
  const blocks = pem.match(PEM) ?? [];
  if (blocks.length === 0) throw PkiErrors.PKI_CERTIFICATE_MALFORMED({ file, found: 'there is no BEGIN CERTIFICATE in it' });
  if (blocks.length > MAX_CERTIFICATES) throw PkiErrors.PKI_CERTIFICATE_MALFORMED({ file, found: `there are ${blocks.length} in it` });
  try {
    return blocks.map((block) => new X509Certificate(block));
  } catch (error) {
    throw PkiErrors.PKI_CERTIFICATE_MALFORMED({ file, found: (error as Error).message }, { cause: error });
  }
}

/** The private key of a PEM text. Throws PKI_KEY_MALFORMED. */
export function readKey(pem: string, file: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (error) {
    const found = pem.includes('ENCRYPTED') ? 'it is encrypted' : (error as Error).message;
    throw PkiErrors.PKI_KEY_MALFORMED({ file, found }, { cause: error });
  }
}

/** What is wrong with the order of a chain, server certificate first; undefined when each is signed by the next. */
export function chainFault(chain: readonly X509Certificate[], key: KeyObject): string | undefined {
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (own > 0) return `the key belongs to number ${own + 1}, "${subjectOf(chain[own] as X509Certificate)}"`;
  for (const [i, certificate] of chain.entries()) {
    const issuer = chain[i + 1];
    if (issuer !== undefined && !isIssuedBy(certificate, issuer)) {
      return `"${subjectOf(certificate)}" is followed by "${subjectOf(issuer)}", which did not issue it`;
    }
  }
  return undefined;
}

/** Whether the signature is the issuer's, not only the name. */
export function isIssuedBy(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey);
}

/** Those of `names` (host names and IP addresses) that the certificate is not good for. RFC 6125, wildcards allowed. */
export function missingNames(certificate: X509Certificate, names: readonly string[]): string[] {
  return names.filter((name) => !isGoodFor(certificate, name));
}

function isGoodFor(certificate: X509Certificate, name: string): boolean {
  if (isIP(name) !== 0) return certificate.checkIP(name) !== undefined;
  return certificate.checkHost(name.replace(/^\*/, 'any')) !== undefined; // a wildcard is good for any one label
}

/** The common name, or the whole subject in one line. */
export function subjectOf(certificate: X509Certificate): string {
  const subject = certificate.subject ?? '';
  return /^CN=(.+)$/m.exec(subject)?.[1] ?? subject.replaceAll('\n', ', ');
}

/** Names and addresses in subjectAltName, as people read them. */
export function namesOf(certificate: X509Certificate): string[] {
  return (certificate.subjectAltName ?? '').split(', ').map((name) => name.replace(/^(DNS|IP Address|URI):/, ''));
}

/** Whole days until it expires; negative when it has. */
export function daysLeft(certificate: X509Certificate, now: number): number {
  return Math.floor((certificate.validToDate.getTime() - now) / DAY_MS);
}
