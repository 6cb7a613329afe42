/** One TLS-DSK handshake: two flights of the client, then its certificate is looked for among those that this server has issued. [MS-SIPAE] section 3.5 of the sheet, R22. */
import { X509Certificate } from 'node:crypto';
import type { SecureContext } from 'node:tls';
import type { Clock, Handshake, HandshakeFailure, HandshakeStep, Timer } from '@parley/sdk';
import type { Directory } from '@parley/plugin-directory/api';
import type { ClientCertificate, ClientCertificates } from '@parley/plugin-pki/api';
import { readFlight } from './flight.ts';
import { InnerTls } from './inner-tls.ts';
import type { Exchange } from './inner-tls.ts';

/** OpenSSL needs milliseconds; whatever takes longer will never come. */
const STEP_MS = 5_000;
const MAX_SUBJECT = 100;
/** Of a thumbprint, enough to find it in `parley user certificates`. */
const SHORT_THUMBPRINT = 16;

/** What handshakes work with. */
export interface HandshakeServices {
  readonly clock: Clock;
  readonly certificates: Pick<ClientCertificates, 'find'>;
  readonly users: Pick<Directory, 'findById'>;
}

/** Let go of in any case: after success, failure, and `cancel`. */
export class DskHandshake implements Handshake {
  private readonly tls: InnerTls;
  private expected: 'hello' | 'finished' = 'hello';
  private timer: Timer | undefined;
  private over = false;

  /** @param onOver called once, when it holds nothing any more */
  constructor(
    context: SecureContext,
    private readonly claimedAor: string,
    private readonly services: HandshakeServices,
    private readonly onOver: () => void,
  ) {
    this.tls = new InnerTls(context);
  }

  async step(token: Buffer): Promise<HandshakeStep> {
    if (this.over) return { kind: 'failed', cause: 'malformed', detail: 'the handshake is over' };
    const flight = readFlight(token);
    if (flight !== this.expected) return this.fail(flight === 'alert' ? 'unsupported' : 'malformed', this.describe(flight, token));
    this.timer = this.services.clock.timers.start(STEP_MS, () => this.tls.close());
    const exchange = await this.tls.exchange(token);
    this.services.clock.timers.cancel(this.timer);
    if (exchange.kind === 'failed') return this.fail(...explain(exchange));
    if (exchange.kind === 'complete') return this.complete(exchange.bytes);
    this.expected = 'finished';
    return { kind: 'continue', token: exchange.bytes };
  }

  cancel(): void {
    if (this.over) return;
    this.over = true;
    this.services.clock.timers.cancel(this.timer);
    this.tls.close();
    this.onOver();
  }

  private complete(token: Buffer): HandshakeStep {
    const presented = this.tls.clientCertificate;
    if (presented === undefined)
      return this.fail('credentials', 'the client sent no certificate: it has to get one from the sts-uri of the challenge');
    const recorded = this.services.certificates.find(presented);
    if (recorded === undefined) return this.fail('credentials', unknownCertificate(presented, this.services.clock.now()));
    const user = this.services.users.findById(recorded.userId);
    if (user?.enabled !== true) return this.fail('disabled', `${recorded.aor} is disabled or removed`, recorded);
    if (recorded.aor !== this.claimedAor) {
      return this.fail('credentials', `the certificate of ${recorded.aor} was presented for ${JSON.stringify(this.claimedAor)}`, recorded);
    }
    const keys = this.tls.keys(recorded.thumbprint);
    if (keys === undefined) return this.fail('unsupported', `${this.tls.suite} has no MAC to sign messages with`, recorded);
    this.cancel();
    return { kind: 'done', user, keys, expiresAt: recorded.expiresAt, token };
  }

  /** Failures of a client that has proved whose certificate it has count against that user, others against the address alone. */
  private fail(cause: HandshakeFailure, detail: string, recorded?: ClientCertificate): HandshakeStep {
    this.cancel();
    return { kind: 'failed', cause, detail, ...(recorded !== undefined && { account: recorded.userId }) };
  }

  private describe(flight: string, token: Buffer): string {
    if (flight === 'alert')
      return `the client broke off the inner TLS handshake with alert ${token.at(-1) ?? 0}: see what it says of this server's certificate`;
    const wanted = this.expected === 'hello' ? 'a TLS ClientHello' : 'Certificate, ClientKeyExchange, ChangeCipherSpec and Finished';
    return `gssapi-data of ${token.length} bytes should be ${wanted} in whole TLS records`;
  }
}

function explain({ found }: Extract<Exchange, { kind: 'failed' }>): [HandshakeFailure, string] {
  if (/PROTOCOL|VERSION|SHARED_CIPHER/.test(found)) {
    return ['unsupported', `the client and this server have no TLS version or RSA cipher suite in common (${found}); see oldestTls`];
  }
  return ['malformed', `the inner TLS handshake failed: ${found}`];
}

/** One line about a certificate that the client has the key of, but that is not recorded. Its subject is whatever somebody wrote. */
function unknownCertificate(der: Buffer, now: number): string {
  const certificate = new X509Certificate(der);
  const subject = JSON.stringify((certificate.subject ?? '').slice(0, MAX_SUBJECT));
  const thumbprint = certificate.fingerprint256.replaceAll(':', '').toLowerCase().slice(0, SHORT_THUMBPRINT);
  const end = certificate.validToDate;
  const reason =
    end.getTime() <= now
      ? `expired ${end.toISOString()}`
      : 'is not recorded here: revoked, replaced, of a disabled user, or issued by somebody else';
  return `the certificate ${subject} (SHA-256 ${thumbprint}) ${reason}; the client can get a new one from the sts-uri`;
}
