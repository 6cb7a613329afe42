/** TLS-DSK as a mechanism of security associations: the server's certificate, and how many handshakes there may be. */
import { constants, createPrivateKey } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import type { SecureContext } from 'node:tls';
import type { AssociationMechanism, Handshake, HandshakeContext, Log } from '@parley/sdk';
import type { Pki } from '@parley/plugin-pki/api';
import type { DskConfig } from './config.ts';
import { DskErrors } from './errors.ts';
import { DskHandshake } from './handshake.ts';
import type { HandshakeServices } from './handshake.ts';

/**
 * Suites with an RSA key of the server and a MAC of their own, which is what messages are signed with. The first two are what every client
 * of the family has; the others are for clients that were told to use nothing older. Level 0 admits TLS 1.0 and 1024-bit keys.
 */
const CIPHERS =
  'AES128-SHA:AES256-SHA:ECDHE-RSA-AES256-SHA:ECDHE-RSA-AES128-SHA:AES256-SHA256:AES128-SHA256:ECDHE-RSA-AES256-SHA384:ECDHE-RSA-AES128-SHA256:@SECLEVEL=0';

/** What the mechanism works with. */
export interface DskServices extends HandshakeServices {
  readonly pki: Pick<Pki, 'tls' | 'onChange'>;
  readonly log: Pick<Log, 'error' | 'warn'>;
  /** What clients know this server by. */
  readonly targetName: string;
  readonly stsUri: string;
  readonly config: Pick<DskConfig, 'oldestTls' | 'maxHandshakes'>;
}

export class TlsDsk implements AssociationMechanism {
  readonly scheme = 'TLS-DSK';
  readonly targetName: string;
  readonly challengeParameters: readonly (readonly [name: string, value: string])[];
  private context: SecureContext;
  private readonly endListening: () => void;
  private open = 0;

  /** Throws DSK_KEY_NOT_RSA. */
  constructor(private readonly services: DskServices) {
    this.targetName = services.targetName;
    this.challengeParameters = [['sts-uri', services.stsUri]];
    this.context = this.loadContext();
    this.endListening = services.pki.onChange(() => this.reloadContext());
  }

  /** Handshakes that hold memory now. */
  get handshakes(): number {
    return this.open;
  }

  begin({ claimedAor }: HandshakeContext): Handshake {
    const { maxHandshakes } = this.services.config;
    if (this.open >= maxHandshakes)
      return refused(`${maxHandshakes} handshakes are under way: see who begins them, or raise maxHandshakes`);
    this.open++;
    return new DskHandshake(this.context, claimedAor, this.services, () => void this.open--);
  }

  close(): void {
    this.endListening();
  }

  private loadContext(): SecureContext {
    const { cert, key } = this.services.pki.tls();
    const { asymmetricKeyType } = createPrivateKey(key);
    if (asymmetricKeyType !== 'rsa') throw DskErrors.DSK_KEY_NOT_RSA({ found: asymmetricKeyType ?? 'unknown' });
    return createSecureContext({
      cert,
      key,
      minVersion: this.services.config.oldestTls,
      maxVersion: 'TLSv1.2', // the exporter of 1.3 is another
      ciphers: CIPHERS,
      honorCipherOrder: true,
      secureOptions: constants.SSL_OP_NO_TICKET, // nobody resumes these handshakes
    });
  }

  private reloadContext(): void {
    try {
      this.context = this.loadContext();
    } catch (err) {
      this.services.log.error({ err }, 'the new server certificate cannot be used for TLS-DSK; the old one stays');
    }
  }
}

/** A handshake that is refused at its first step. */
function refused(detail: string): Handshake {
  return { step: () => ({ kind: 'failed', cause: 'unsupported', detail }), cancel: () => undefined };
}
