/** Discovery on the HTTPS host and on its plain listener. [MS-OCDISCWS] R1 to R18 */
import { PluginConfig, Server, Transport, inject, injectable } from '@parley/sdk';
import { Web } from '@parley/plugin-web/api';
import type { WebApp, WebReply, WebRequest } from '@parley/plugin-web/api';
import { WebTickets } from '@parley/plugin-web-ticket/api';
import type { Ticket } from '@parley/plugin-web-ticket/api';
import type { AutodiscoverConfig } from './config.ts';
import { Discovery, ROOT_PATH } from './discovery.ts';
import type { Asked } from './discovery.ts';
import { writeDocument } from './document.ts';
import type { DiscoveryDocument } from './document.ts';
import { queriedAddress } from './sip-uri.ts';

const USER_PATH = `${ROOT_PATH}/user`;
/** Clients ask for / on these names. */
const DISCOVERY_HOST = /^lyncdiscover(internal)?\./i;
const OTHER_METHODS = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** R16. */
const UNCACHED = { 'Cache-Control': 'no-cache', Expires: '-1' } as const;

type Answer = (asked: Asked, request: WebRequest) => DiscoveryDocument | undefined;

@injectable()
export class AutodiscoverService {
  private readonly discovery: Discovery;

  /** Throws AUTODISCOVER_LOOP. */
  constructor(
    @inject(Web) private readonly web: Web,
    @inject(WebTickets) private readonly tickets: WebTickets,
    @inject(Server) { fqdn }: Pick<Server, 'fqdn'>,
    @inject(Transport) transport: Pick<Transport, 'listeners'>,
    @inject(PluginConfig) config: AutodiscoverConfig,
  ) {
    this.discovery = new Discovery(config, web, fqdn, transport);
  }

  /** Puts the routes on both listeners; resolves with what takes them away. */
  async open(): Promise<() => Promise<void>> {
    const withdraw = this.tickets.offer(USER_PATH);
    const closeSecure = await this.web.routes((app) => this.secureRoutes(app));
    const closePlain = await this.web.plainRoutes((app) => this.plainRoutes(app));
    return async () => {
      withdraw();
      await closePlain();
      await closeSecure();
    };
  }

  /** Whether clients can be told where to connect. */
  get hasAccess(): boolean {
    return this.discovery.access().length > 0;
  }

  private secureRoutes(app: WebApp): void {
    app.addHook('onRequest', uncached);
    const root: Answer = (asked) => this.discovery.root(asked);
    this.route(app, '/', root, true);
    this.route(app, ROOT_PATH, root);
    this.route(app, `${ROOT_PATH}/domain`, (asked) => this.discovery.domain(asked));
    app.get(USER_PATH, { onRequest: this.tickets.requireTicket }, (request, reply) =>
      // R11: who the ticket is for decides; what the query says was only for finding the way here.
      this.answer(request, reply, (asked) => this.discovery.user(asked, (this.tickets.ticketOf(request) as Ticket).user)),
    );
    refuseOthers(app, USER_PATH);
  }

  /** R2: a document that leads to HTTPS; a redirection by status would not be followed. */
  private plainRoutes(app: WebApp): void {
    app.addHook('onRequest', uncached);
    const plain: Answer = (asked) => this.discovery.plain(asked);
    this.route(app, '/', plain, true);
    for (const path of [ROOT_PATH, `${ROOT_PATH}/domain`, USER_PATH]) this.route(app, path, plain);
  }

  /** @param onDiscoveryHosts only when asked for by a name of discovery */
  private route(app: WebApp, path: string, answer: Answer, onDiscoveryHosts = false): void {
    const constraints = onDiscoveryHosts ? { constraints: { host: DISCOVERY_HOST } } : {};
    app.get(path, constraints, (request, reply) => this.answer(request, reply, answer));
    refuseOthers(app, path, constraints);
  }

  private answer(request: WebRequest, reply: WebReply, answer: Answer): WebReply {
    const queried = queriedAddress(request.url);
    if (queried === 'malformed') return reply.code(400).type('text/plain').send('sipuri is no SIP address\n');
    const { web } = this;
    const document = answer({ origin: web.originOf(request), baseUrl: web.urlFor(request), queried, url: request.url }, request);
    if (document === undefined) return reply.code(404).send(); // R10
    const { type, body } = writeDocument(document, request.headers.accept);
    // As bytes: of a string Fastify would write the type anew, with quotes that clients do not look for.
    return reply.header('Content-Type', type).send(Buffer.from(body));
  }
}

async function uncached(_request: WebRequest, reply: WebReply): Promise<void> {
  void reply.headers(UNCACHED);
}

/** R17. Before a body is read. */
function refuseOthers(app: WebApp, path: string, constraints: object = {}): void {
  const refuse = async (_request: WebRequest, reply: WebReply): Promise<WebReply> => reply.code(405).header('Allow', 'GET').send();
  app.route({ method: OTHER_METHODS, url: path, ...constraints, onRequest: refuse, handler: refuse });
}
