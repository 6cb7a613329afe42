/** A mechanism with certificates of two users, and keys made once: they cost time. */
import { X509Certificate, generateKeyPairSync } from 'node:crypto';
import forge from 'node-forge';
import { FakeClock } from '@parley/sdk';
import type { Flow, Handshake, HandshakeStep } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { ClientCertificate } from '@parley/plugin-pki/api';
import { DskConfig } from '../src/config.ts';
import { TlsDsk } from '../src/mechanism.ts';
import { DskClient } from '@parley/sdk/testkit';
import type { DskClientTraits } from '@parley/sdk/testkit';

export const HOUR_MS = 3_600_000;
/** OpenSSL's clock is the system's; what it looks at lives around now. */
export const NOW = Math.floor(Date.now() / 1000) * 1000;

interface Pair {
  readonly publicKey: string;
  readonly privateKey: string;
}
const format = { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } } as const;
const rsa = (bits: number): Pair => generateKeyPairSync('rsa', { modulusLength: bits, ...format });
const keys = { server: rsa(2048), alice: rsa(1024), bob: rsa(1024), authority: rsa(1024), other: rsa(1024) };

/** PEM certificate of `who` with this common name, signed by `by`. */
export function certify(who: keyof typeof keys, name: string, by: keyof typeof keys = 'authority', end = NOW + 24 * HOUR_MS): string {
  const certificate = forge.pki.createCertificate();
  certificate.publicKey = forge.pki.publicKeyFromPem(keys[who].publicKey);
  certificate.serialNumber = '01';
  certificate.validity.notBefore = new Date(NOW - 1000 * HOUR_MS);
  certificate.validity.notAfter = new Date(end);
  certificate.setSubject([{ name: 'commonName', value: name }]);
  certificate.setIssuer([{ name: 'commonName', value: by }]);
  certificate.sign(forge.pki.privateKeyFromPem(keys[by].privateKey), forge.md.sha256.create());
  return forge.pki.certificateToPem(certificate);
}

/** A PKCS#10 request for the key of `who`, DER. */
export function request(who: keyof typeof keys): Buffer {
  const csr = forge.pki.createCertificationRequest();
  csr.publicKey = forge.pki.publicKeyFromPem(keys[who].publicKey);
  csr.setSubject([{ name: 'commonName', value: 'whoever' }]);
  csr.sign(forge.pki.privateKeyFromPem(keys[who].privateKey), forge.md.sha1.create());
  return Buffer.from(forge.asn1.toDer(forge.pki.certificationRequestToAsn1(csr)).getBytes(), 'latin1');
}

export const SERVER = { cert: certify('server', 'uc.example.com', 'other'), key: keys.server.privateKey };
export const ALICE = { key: keys.alice.privateKey, cert: certify('alice', 'alice@example.com') };
export const BOB = { key: keys.bob.privateKey, cert: certify('bob', 'bob@example.com') };

/** One server's mechanism. Certificates are recorded by `record`. */
export class World {
  readonly clock = new FakeClock(NOW);
  readonly alarms: string[] = [];
  readonly enabled = new Map([
    ['u-alice', 'alice@example.com'],
    ['u-bob', 'bob@example.com'],
  ]);
  readonly mechanism: TlsDsk;
  tls = { ...SERVER, ca: [] as string[] };
  private readonly recorded = new Map<string, ClientCertificate>();
  private listener: () => void = () => undefined;

  constructor(config: unknown = {}) {
    const log = (_fields: unknown, message: string): void => void this.alarms.push(message);
    this.mechanism = new TlsDsk({
      clock: this.clock,
      certificates: { find: (der) => this.recorded.get(new X509Certificate(der).fingerprint256) },
      users: { findById: (id) => this.user(id) },
      pki: { tls: () => this.tls, onChange: (listener) => this.listen(listener) },
      log: { error: log as never, warn: log as never },
      targetName: 'uc.example.com',
      stsUri: 'https://uc.example.com/CertProv/CertProvisioningService.svc',
      config: DskConfig.parse(config),
    });
  }

  record(cert: string, userId = 'u-alice', expiresAt = NOW + 8 * HOUR_MS): void {
    const thumbprint = new X509Certificate(cert).fingerprint256;
    const aor = this.enabled.get(userId) ?? '';
    this.recorded.set(thumbprint, { thumbprint, userId, aor, deviceId: 'd', issuedAt: NOW, expiresAt });
  }

  /** The server's certificate is another from now on. */
  replaceCertificate(cert: string, key: string): void {
    this.tls = { cert, key, ca: [] };
    this.listener();
  }

  begin(claimedAor = 'alice@example.com'): Handshake {
    return this.mechanism.begin({ flow: {} as Flow, claimedAor });
  }

  /** A whole handshake: what the server's last step says, and the client's keys when it succeeded. */
  async signIn(traits: DskClientTraits, claimedAor?: string): Promise<{ step: HandshakeStep; material?: Buffer }> {
    const client = new DskClient(traits);
    const handshake = this.begin(claimedAor);
    const first = await handshake.step(await client.hello());
    if (first.kind !== 'continue') return { step: first };
    const step = await handshake.step(await client.finish(first.token));
    if (step.kind === 'done') return { step, material: await client.material(step.token as Buffer) };
    client.close();
    return { step };
  }

  private user(id: string): User | undefined {
    const aor = this.enabled.get(id);
    if (aor === undefined) return undefined;
    const nothing = { displayName: '', logins: [], phones: [], groups: [], homeServer: null, createdAt: 0, passwordChangedAt: null };
    return { ...nothing, id, aor, enabled: true };
  }

  private listen(listener: () => void): () => void {
    this.listener = listener;
    return () => (this.listener = () => undefined);
  }
}
