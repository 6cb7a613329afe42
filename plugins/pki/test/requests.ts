/** Certificate requests as clients send them, with keys made once: keys cost time. */
import { generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';

const keys = new Map<number, { publicKey: string; privateKey: string }>();

/** An RSA key pair, PEM; the same for the same number of bits. */
export function rsaKeys(bits: number): { publicKey: string; privateKey: string } {
  const made =
    keys.get(bits) ??
    generateKeyPairSync('rsa', {
      modulusLength: bits,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    });
  keys.set(bits, made);
  return made;
}

export interface RequestTraits {
  readonly bits?: number;
  readonly hash?: 'md5' | 'sha1' | 'sha256' | 'sha384' | 'sha512';
  readonly subject?: string;
  /** The key that it is for when that is not the one that signs. */
  readonly publicKey?: string;
  /** pidgin-sipe writes 2 where RFC 2986 knows only 0. */
  readonly version?: number;
  /** Lync puts extensions into an attribute. */
  readonly extensions?: boolean;
}

/** A PKCS#10 request, DER. */
export function request(traits: RequestTraits = {}): Buffer {
  const { bits = 2048, hash = 'sha1', subject = 'alice@example.com', version = 2 } = traits;
  const { publicKey, privateKey } = rsaKeys(bits);
  const csr = forge.pki.createCertificationRequest();
  csr.version = version;
  csr.publicKey = forge.pki.publicKeyFromPem(traits.publicKey ?? publicKey);
  csr.setSubject([{ name: 'commonName', value: subject }]);
  if (traits.extensions === true) {
    csr.setAttributes([{ name: 'extensionRequest', extensions: [{ name: 'basicConstraints', cA: true }] }] as never);
  }
  csr.sign(forge.pki.privateKeyFromPem(privateKey), forge.md[hash].create());
  return Buffer.from(forge.asn1.toDer(forge.pki.certificationRequestToAsn1(csr)).getBytes(), 'latin1');
}
