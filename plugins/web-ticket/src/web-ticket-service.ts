/** The web ticket service and the certificate provisioning service on the HTTPS host. [MS-OCAUTHWS] */
import { Clock, Log, PluginConfig, SOAP_NAMESPACES as NS, SoapService, inject, injectable } from '@parley/sdk';
import type { SoapAnswer, SoapEnvelope } from '@parley/sdk';
import { Directory, PoolKeys } from '@parley/plugin-directory/api';
import { ClientCertificates } from '@parley/plugin-pki/api';
import { Web } from '@parley/plugin-web/api';
import type { WebApp, WebHook, WebIdentity, WebReply, WebRequest } from '@parley/plugin-web/api';
import type { CertificateProvisioning, Ticket, TicketFailure, TicketService, WebTickets } from './api.ts';
import { Audiences } from './audiences.ts';
import { CERT_ACTION, CERT_SERVICE, getAndPublishCert } from './cert-provisioning.ts';
import type { WebTicketConfig } from './config.ts';
import { issueToken } from './issue-token.ts';
import type { TokenCaller } from './issue-token.ts';
import { metadataDocument, ticketPolicy, windowsPolicy } from './metadata.ts';
import { TicketOutcomes } from './outcomes.ts';
import { TicketChecker } from './ticket-checker.ts';
import { TicketMint } from './ticket-mint.ts';

const PATH = '/WebTicket/WebTicketService.svc';
const WINDOWS_PATH = `${PATH}/Auth`;
const WINDOWS_PORT = 'WebTicketServiceWinNegotiate';
const WSDL_TYPE = 'text/xml; charset=utf-8';
/** A signed request with its ticket has about 8,000 characters. */
const LIMITS = { size: 65_536 } as const;

/** What other plugins get for the tokens WebTickets and CertificateProvisioning. */
@injectable()
export class WebTicketService implements WebTickets, CertificateProvisioning {
  readonly outcomes = new TicketOutcomes();
  private readonly audiences: Audiences;
  private readonly checker: TicketChecker;
  private readonly tickets: SoapService<TokenCaller>;
  private readonly certificates: SoapService<undefined>;
  private readonly found = new WeakMap<WebRequest, Ticket>();

  constructor(
    @inject(Web) private readonly web: Web,
    @inject(Directory) directory: Pick<Directory, 'findById'>,
    @inject(PoolKeys) keys: PoolKeys,
    @inject(ClientCertificates) certificates: Pick<ClientCertificates, 'issue'>,
    @inject(Clock) clock: Pick<Clock, 'now'>,
    @inject(Log) private readonly log: Pick<Log, 'info' | 'error'>,
    @inject(PluginConfig) { ticketSeconds, skewSeconds }: WebTicketConfig,
  ) {
    const mint = new TicketMint(keys, ticketSeconds * 1000);
    const audiences = new Audiences(web);
    const { outcomes } = this;
    const failed = (error: unknown): void => log.error({ err: error }, 'a web ticket or certificate could not be made');
    this.audiences = audiences;
    this.checker = new TicketChecker({ mint, directory, audiences, clock, skewMs: skewSeconds * 1000 });
    this.tickets = new SoapService({
      operations: { RequestSecurityToken: issueToken({ mint, audiences, clock, log, outcomes }) },
      limits: LIMITS,
      failed,
    });
    const checked = (verdict: Ticket | TicketFailure): void => outcomes.count('failure' in verdict ? verdict.failure : 'good');
    this.certificates = new SoapService({
      operations: { GetAndPublishCert: getAndPublishCert({ checker: this.checker, certificates, log, checked }) },
      limits: LIMITS,
      failed,
    });
  }

  /** Puts the routes on the HTTPS host; resolves with what takes them away. */
  async open(): Promise<() => Promise<void>> {
    const withdraw = this.offer(CERT_SERVICE.portPath);
    const close = await this.web.routes((app) => this.routes(app));
    return async () => {
      withdraw();
      await close();
    };
  }

  get stsUri(): string {
    return this.web.internalUrl + CERT_SERVICE.path;
  }

  serviceUrl(request: WebRequest): string {
    return this.web.urlFor(request) + PATH;
  }

  metadata(
    { name, namespace, portName, portPath, use }: TicketService,
    request: WebRequest,
    operation = 'Request',
    action = namespace,
  ): string {
    const policy = [ticketPolicy(use, this.serviceUrl(request))];
    const location = this.web.urlFor(request) + portPath;
    const port = { name: portName, location, portType: `I${name}`, operation, action, responseAction: `${action}Response`, policy };
    return metadataDocument({ name, namespace, port });
  }

  offer(path: string): () => void {
    return this.audiences.offer(path);
  }

  check(envelope: SoapEnvelope, service: TicketService): Ticket | TicketFailure {
    return this.counted(this.checker.check(envelope, service));
  }

  checkHeader(value: string | undefined, path: string): Ticket | TicketFailure {
    return this.counted(this.checker.checkHeader(value, path));
  }

  readonly requireTicket: WebHook = async (request, reply) => {
    const header = request.headers['x-ms-webticket'];
    const path = request.url.split('?', 1)[0] as string;
    const verdict = this.checkHeader(typeof header === 'string' ? header : undefined, path);
    if (!('failure' in verdict)) {
      this.found.set(request, verdict);
      return undefined;
    }
    if (verdict.failure !== 'missing')
      this.log.info({ address: this.web.addressOf(request), failure: verdict.failure }, `no access: ${verdict.detail}`);
    return reply.code(401).header('X-MS-WebTicketURL', this.serviceUrl(request)).header('X-MS-WebTicketSupported', 'saml').send();
  };

  ticketOf(request: WebRequest): Ticket | undefined {
    return this.found.get(request);
  }

  private counted(verdict: Ticket | TicketFailure): Ticket | TicketFailure {
    this.outcomes.count('failure' in verdict ? verdict.failure : 'good');
    return verdict;
  }

  /** Metadata for everybody, tickets for who authenticates, certificates for who has a ticket. */
  private routes(app: WebApp): void {
    app.get(`${PATH}/mex`, (request, reply) => reply.type(WSDL_TYPE).send(this.ownMetadata(request)));
    app.get(`${CERT_SERVICE.path}/mex`, (request, reply) =>
      reply.type(WSDL_TYPE).send(this.metadata(CERT_SERVICE, request, 'GetAndPublishCert', CERT_ACTION)),
    );
    app.post(WINDOWS_PATH, { onRequest: this.web.authenticate }, async (request, reply) => {
      const { user } = this.web.identityOf(request) as WebIdentity;
      return send(reply, await this.tickets.answer(bodyOf(request), { user, baseUrl: this.web.urlFor(request) }));
    });
    app.post(CERT_SERVICE.portPath, async (request, reply) => send(reply, await this.certificates.answer(bodyOf(request), undefined)));
  }

  private ownMetadata(request: WebRequest): string {
    const trust = NS.trust;
    const port = {
      name: WINDOWS_PORT,
      location: this.web.urlFor(request) + WINDOWS_PATH,
      portType: 'IWebTicketService',
      operation: 'IssueToken',
      action: `${trust}/RST/Issue`,
      responseAction: `${trust}/RSTRC/IssueFinal`,
      policy: [windowsPolicy()],
    };
    return metadataDocument({ name: 'WebTicketService', namespace: 'urn:component:Microsoft.Rtc.WebAuthentication.2010', port });
  }
}

/** What is not XML arrives as something else, and is refused as no XML. */
function bodyOf({ body }: WebRequest): Buffer {
  return Buffer.isBuffer(body) ? body : Buffer.alloc(0);
}

function send(reply: WebReply, { status, contentType, body }: SoapAnswer): WebReply {
  return reply.code(status).type(contentType).send(body);
}
