/** The HTTPS host: listeners, routes, authentication and names put together. */
import type { BlockList } from 'node:net';
import { Clock, Log, PluginConfig, Server, Transport, inject, injectable } from '@parley/sdk';
import type { HealthResult, Lifecycle } from '@parley/sdk';
import { KerberosAcceptor } from '@parley/plugin-auth-kerberos/api';
import { NtlmAcceptor } from '@parley/plugin-auth-ntlm/api';
import { Directory, SignInAttempts } from '@parley/plugin-directory/api';
import { Pki } from '@parley/plugin-pki/api';
import type { Origin, Web, WebApp, WebHook, WebIdentity, WebReply, WebRequest } from './api.ts';
import { newApp, pathOf } from './app.ts';
import { Authenticator } from './authenticator.ts';
import type { WebConfig } from './config.ts';
import { WebListener } from './listener.ts';
import { negotiateScheme } from './negotiate.ts';
import { networkList } from './networks.ts';
import { ntlmScheme } from './ntlm.ts';
import { PublicNames } from './public-names.ts';
import { RouteTable } from './route-table.ts';
import type { TokenScheme } from './scheme.ts';
import { Traffic } from './traffic.ts';

/** What other plugins get for the token `Web`. */
@injectable()
export class WebHost implements Web, Lifecycle {
  readonly traffic = new Traffic();
  readonly authenticate: WebHook;
  private readonly authenticator: Authenticator;
  private readonly proxies: BlockList;
  private readonly secure: RouteTable;
  private readonly plain: RouteTable;
  private names: PublicNames;
  private listener: WebListener | undefined;
  private plainListener: WebListener | undefined;
  private boundPort: number | undefined;
  private boundPlainPort: number | undefined;
  private endRenewal: (() => void) | undefined;

  constructor(
    @inject(Server) private readonly server: Pick<Server, 'fqdn' | 'domains' | 'mode'>,
    @inject(Clock) clock: Pick<Clock, 'now'>,
    @inject(Log) private readonly log: Log,
    @inject(Transport) private readonly transport: Pick<Transport, 'listeners'>,
    @inject(PluginConfig) private readonly config: WebConfig,
    @inject(Pki) private readonly pki: Pick<Pki, 'tls' | 'onChange'>,
    @inject(Directory) directory: Directory,
    @inject(SignInAttempts) attempts: SignInAttempts,
    @inject(NtlmAcceptor, { optional: true }) ntlm: NtlmAcceptor | undefined,
    @inject(KerberosAcceptor, { optional: true }) kerberos: KerberosAcceptor | undefined,
  ) {
    this.proxies = networkList(config.proxies);
    this.names = new PublicNames(config, server.fqdn, config.port, this.proxies);
    this.secure = new RouteTable(() => this.newApp(config.hstsSeconds));
    this.plain = new RouteTable(() => this.newApp(0));
    this.authenticator = new Authenticator({
      directory,
      attempts,
      server,
      clock,
      log,
      traffic: this.traffic,
      config: config.authentication,
      schemes: schemesOf(config.authentication, ntlm, kerberos),
      names: () => this.names,
    });
    this.authenticate = this.authenticator.authenticate;
  }

  /** Throws WEB_ADDRESS or WEB_TLS_SETTINGS. */
  async start(): Promise<void> {
    await Promise.all([this.secure.start(), this.plain.start()]);
    if (this.server.mode === 'offline') return;
    this.listener = new WebListener(this.config, this.proxies, this.pki.tls(), (request, response) =>
      this.secure.handle(request, response),
    );
    const port = await this.listener.listen(this.config.host, this.config.port);
    this.boundPort = port;
    this.names = new PublicNames(this.config, this.server.fqdn, port, this.proxies);
    this.endRenewal = this.pki.onChange(() => this.renew());
    const { plain } = this.config;
    if (plain !== undefined) {
      this.plainListener = new WebListener(this.config, this.proxies, undefined, (request, response) =>
        this.plain.handle(request, response),
      );
      this.boundPlainPort = await this.plainListener.listen(plain.host, plain.port);
    }
    this.log.info({ url: this.internalUrl, externalUrl: this.externalUrl, port, plainPort: this.boundPlainPort }, 'web services listen');
  }

  async drain(): Promise<void> {
    await Promise.all([this.listener?.drain(), this.plainListener?.drain()]);
  }

  async stop(): Promise<void> {
    this.endRenewal?.();
    this.listener?.stop();
    this.plainListener?.stop();
    await Promise.all([this.secure.close(), this.plain.close()]);
  }

  get baseUrl(): string {
    return this.names.internalUrl;
  }

  get internalUrl(): string {
    return this.names.internalUrl;
  }

  get externalUrl(): string {
    return this.names.externalUrl;
  }

  get port(): number | undefined {
    return this.boundPort;
  }

  get plainPort(): number | undefined {
    return this.boundPlainPort;
  }

  routes(register: (app: WebApp) => void | Promise<void>): Promise<() => Promise<void>> {
    return this.secure.add(register);
  }

  plainRoutes(register: (app: WebApp) => void | Promise<void>): Promise<() => Promise<void>> {
    return this.plain.add(register);
  }

  identityOf(request: WebRequest): WebIdentity | undefined {
    return this.authenticator.identityOf(request);
  }

  originOf(request: WebRequest): Origin {
    return this.names.originOf(request);
  }

  urlFor(request: WebRequest): string {
    return this.names.urlFor(request);
  }

  addressOf(request: WebRequest): string {
    return this.names.addressOf(request);
  }

  /** Open connections on all listeners. */
  get connections(): number {
    return (this.listener?.connections ?? 0) + (this.plainListener?.connections ?? 0);
  }

  /** For the server's health check. */
  health(): HealthResult {
    if (this.listener === undefined) return { state: 'fail', detail: 'the web services do not listen', fix: 'See the log for why.' };
    return { state: 'ok', detail: `listens for ${this.internalUrl}` };
  }

  private newApp(hstsSeconds: number): WebApp {
    return newApp({
      bodyBytes: this.config.limits.bodyBytes,
      hstsSeconds,
      log: this.log,
      isUp: () => this.transport.listeners.length > 0,
      answered: (request, reply) => this.answered(request, reply),
    });
  }

  private answered(request: WebRequest, reply: WebReply): void {
    this.traffic.answered(reply.statusCode);
    if (!this.config.accessLog) return;
    const { method } = request;
    const user = this.identityOf(request)?.user.aor;
    const line = {
      method,
      path: pathOf(request),
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime),
      address: this.addressOf(request),
    };
    this.log.info(user === undefined ? line : { ...line, user }, 'web request');
  }

  private renew(): void {
    this.listener?.renew(this.pki.tls());
    this.log.info('new connections to the web services get the new certificate');
  }
}

/** NTLM under either name goes by the same switch. */
function schemesOf(
  config: WebConfig['authentication'],
  acceptor: NtlmAcceptor | undefined,
  kerberos: KerberosAcceptor | undefined,
): readonly TokenScheme[] {
  const ntlm = config.ntlm ? acceptor : undefined;
  const negotiate = kerberos !== undefined && config.negotiate ? [negotiateScheme(kerberos, ntlm)] : [];
  return ntlm === undefined ? negotiate : [...negotiate, ntlmScheme(ntlm)];
}
