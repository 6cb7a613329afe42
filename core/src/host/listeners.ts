/** Opens the listeners of the configuration and keeps their certificates current. */
import { readFileSync } from 'node:fs';
import { reasonOf } from '../errors/index.ts';
import type { ListenerSpec, Listener, TlsSettings, TransportLayer, TransportName } from '../transport/index.ts';
import type { CertificateSource } from './certificates.ts';
import type { ServerConfig } from './define-server.ts';
import type { ListenSettings } from './server-schema.ts';
import type { Log } from './log.ts';
import { ServerErrors } from './sip-server-errors.ts';

type TlsRules = NonNullable<ListenSettings['tls']>;

export class Listeners {
  private readonly secure: { readonly listener: Listener; readonly settings: ListenSettings }[] = [];
  private readonly endings: (() => void)[] = [];

  constructor(
    private readonly transport: TransportLayer,
    private readonly config: Pick<ServerConfig, 'fqdn' | 'listen'>,
    private readonly sources: readonly CertificateSource[],
    private readonly log: Log,
  ) {}

  /** Throws HOST_NO_CERTIFICATE, HOST_CERTIFICATE_FILE, and what the transport says of an address that cannot be had. */
  async open(): Promise<void> {
    for (const settings of this.config.listen) {
      const listener = await this.transport.listen(this.spec(settings));
      if (isSecure(settings)) this.secure.push({ listener, settings });
    }
    for (const source of this.sources) this.endings.push(source.onChange(() => this.renew()));
  }

  /** Finds what `open` would find wrong, without opening anything. Throws HOST_NO_CERTIFICATE, HOST_CERTIFICATE_FILE. */
  static check(config: Pick<ServerConfig, 'fqdn' | 'listen'>, sources: readonly CertificateSource[]): void {
    for (const settings of config.listen) if (isSecure(settings)) tlsOf(settings, config.fqdn, sources);
  }

  /** No longer follows certificates. */
  close(): void {
    for (const end of this.endings) end();
  }

  private spec(settings: ListenSettings): ListenerSpec {
    const { host, port, advertise, maxConnections, bufferBytes, origins } = settings;
    return {
      transport: settings.transport.toUpperCase() as TransportName,
      host,
      port,
      advertise: advertise ?? this.advertised(settings),
      ...(isSecure(settings) ? { tls: tlsOf(settings, this.config.fqdn, this.sources) } : {}),
      ...(maxConnections === undefined ? {} : { maxConnections }),
      ...(bufferBytes === undefined ? {} : { bufferBytes }),
      ...(origins === undefined ? {} : { origins }),
    };
  }

  /** A listener on one address is reached there; one on all addresses by the server's name. */
  private advertised({ host }: ListenSettings): string {
    if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
    return this.config.fqdn;
  }

  private renew(): void {
    for (const { listener, settings } of this.secure) {
      try {
        listener.setTls(tlsOf(settings, this.config.fqdn, this.sources));
        this.log.info({ port: listener.address.port }, 'new connections get the new certificate');
      } catch (err) {
        this.log.error({ err, port: listener.address.port }, 'the new certificate cannot be used; the old one stays');
      }
    }
  }
}

function tlsOf(settings: ListenSettings, fqdn: string, sources: readonly CertificateSource[]): TlsSettings {
  const rules = settings.tls;
  const own = rules?.certFile === undefined ? fromSource(settings, fqdn, sources) : fromFiles(rules, settings.port);
  return {
    ...own,
    ...(rules === undefined ? {} : { minVersion: rules.minVersion, clientCertificates: rules.clientCertificates }),
    ...(rules?.ciphers === undefined ? {} : { ciphers: rules.ciphers }),
  };
}

function fromSource({ transport, port }: ListenSettings, fqdn: string, sources: readonly CertificateSource[]): TlsSettings {
  for (const source of sources) {
    const found = source.certificateFor(fqdn);
    if (found !== undefined) return { certificate: found.certificate, key: found.key, ca: found.ca };
  }
  throw ServerErrors.HOST_NO_CERTIFICATE({ transport, port, fqdn });
}

function isSecure({ transport }: ListenSettings): boolean {
  return transport === 'tls' || transport === 'wss';
}

function fromFiles(rules: TlsRules, port: number): TlsSettings {
  const read = (file: string | undefined): Buffer => {
    try {
      return readFileSync(file ?? '');
    } catch (error) {
      throw ServerErrors.HOST_CERTIFICATE_FILE({
        file: file ?? 'keyFile',
        port,
        reason: reasonOf(error),
      });
    }
  };
  return {
    certificate: read(rules.certFile),
    key: read(rules.keyFile),
    ...(rules.caFile === undefined ? {} : { ca: [read(rules.caFile)] }),
  };
}
