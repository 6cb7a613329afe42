/** Making certificates: an authority and what it issues. X.509 by RFC 5280; node-forge writes, node:crypto makes keys and verifies. */
import { sign as signBytes, generateKeyPairSync, randomBytes } from 'node:crypto';
import { isIP } from 'node:net';
import forge from 'node-forge';

const KEY_BITS = 2048;
const DAY_MS = 86_400_000;
/** Clients whose clocks are slow accept a new certificate all the same. */
const BACKDATED_MS = 3_600_000;
const AUTHORITY_DAYS = 5 * 365;
/** The longest life that platforms accept for a server certificate is 398 days. */
const SERVER_DAYS = 397;
/** GeneralName choices, RFC 5280 section 4.2.1.6. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;

/** A certificate and its private key, both PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

/**
 * A new authority of our own, good for five years and for server certificates only one level down.
 * @param name distinguishes it from other authorities, such as the server's name
 * @param now milliseconds since 1970
 */
export function makeAuthority(name: string, now: number): Issued {
  return makeNamedAuthority(`Parley authority of ${name}`, now, newKeys());
}

/** The same with a name and keys of one's own. */
export function makeNamedAuthority(commonName: string, now: number, keys: Keys): Issued {
  const certificate = newCertificate(keys.publicKey, now - BACKDATED_MS, now - BACKDATED_MS + AUTHORITY_DAYS * DAY_MS);
  const subject = distinguishedName(commonName);
  certificate.setSubject(subject);
  certificate.setIssuer(subject);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' },
  ]);
  return sign(certificate, keys.privateKey, keys.privateKey);
}

/**
 * A server certificate for these names and addresses, the first of them as common name; good for 397 days, but not beyond its authority.
 * @param now milliseconds since 1970
 */
export function issueServer(authority: Issued, names: readonly string[], now: number): Issued {
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const keys = newKeys();
  const end = Math.min(now - BACKDATED_MS + SERVER_DAYS * DAY_MS, issuer.validity.notAfter.getTime());
  const certificate = newCertificate(keys.publicKey, now - BACKDATED_MS, end);
  certificate.setSubject(distinguishedName(names[0] as string));
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    // Servers are clients of other servers in mutual TLS.
    { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
    {
      name: 'subjectAltName',
      altNames: names.map((name) => (isIP(name) === 0 ? { type: DNS_NAME, value: name } : { type: IP_ADDRESS, ip: name })),
    },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  return sign(certificate, keys.privateKey, authority.key);
}

/** A certificate for a user's client: the address of record as common name, good for nothing but to sign in with. [MS-OCAUTHWS] R12, R13. */
export function issueClient(authority: Issued, publicKey: string, aor: string, validity: { from: number; to: number }): string {
  const issuer = forge.pki.certificateFromPem(authority.certificate);
  const certificate = newCertificate(publicKey, validity.from, validity.to);
  certificate.setSubject([{ name: 'commonName', value: aor, valueTagClass: forge.asn1.Type.UTF8 as unknown as forge.asn1.Class }]);
  certificate.setIssuer(issuer.subject.attributes);
  certificate.setExtensions([
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', clientAuth: true },
    { name: 'subjectKeyIdentifier' },
    { name: 'authorityKeyIdentifier', keyIdentifier: issuer.generateSubjectKeyIdentifier().getBytes() },
  ]);
  return sign(certificate, '', authority.key).certificate;
}

/** Both PEM: SPKI and PKCS#8. */
export interface Keys {
  readonly publicKey: string;
  readonly privateKey: string;
}

/** What {@link Keys} are made with: `generateKeyPair('rsa', KEY_FORMAT)`. */
export const KEY_FORMAT = {
  modulusLength: KEY_BITS,
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
} as const;

/** forge needs seconds for what OpenSSL does in milliseconds. */
function newKeys(): Keys {
  return generateKeyPairSync('rsa', KEY_FORMAT);
}

function newCertificate(publicKey: string, notBefore: number, notAfter: number): forge.pki.Certificate {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey);
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`; // positive and never zero, RFC 5280 section 4.1.2.2
  certificate.validity.notBefore = new Date(notBefore);
  certificate.validity.notAfter = new Date(notAfter);
  return certificate;
}

/** A common name has 64 characters at most (RFC 5280 appendix A.1); the names that count are in subjectAltName. */
function distinguishedName(commonName: string): forge.pki.CertificateField[] {
  return [
    { name: 'commonName', value: commonName.slice(0, 64) },
    { name: 'organizationName', value: 'Parley' },
  ];
}

/** forge puts together what is signed; it would need forty milliseconds for the signature, where OpenSSL needs one. */
function sign(certificate: forge.pki.Certificate, key: string, issuerKey: string): Issued {
  certificate.sign({ sign: () => '' } as unknown as forge.pki.rsa.PrivateKey, forge.md.sha256.create());
  const toBeSigned = Buffer.from(forge.asn1.toDer(certificate.tbsCertificate).getBytes(), 'latin1');
  certificate.signature = signBytes('sha256', toBeSigned, issuerKey).toString('latin1');
  return { certificate: forge.pki.certificateToPem(certificate).replaceAll('\r\n', '\n'), key };
}
