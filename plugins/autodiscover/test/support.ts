/** Discovery on a host of literals; a ticket is a header with a name. */
import { fastify } from 'fastify';
import type { Transport } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';
import type { Web, WebApp, WebRequest } from '@parley/plugin-web/api';
import type { WebTickets } from '@parley/plugin-web-ticket/api';
import { AutodiscoverService } from '../src/autodiscover-service.ts';
import { AutodiscoverConfig } from '../src/config.ts';

/** What Lync clients accept. */
const XML = 'application/vnd.microsoft.rtc.autodiscover+xml;v=1';
const INSIDE = 'https://uc.example.com';
const OUTSIDE = 'https://ucext.example.com';

export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** How a request differs from a usual one. */
export interface Ask {
  readonly method?: string;
  readonly accept?: string;
  readonly plain?: boolean;
  readonly ticket?: string;
}

function user(name: string, homeServer: string | null): User {
  const names = { displayName: name, logins: [], phones: [], groups: [] };
  return { id: `id-${name}`, aor: `${name}@example.com`, ...names, enabled: true, homeServer, createdAt: 0, passwordChangedAt: 1 };
}

export class World {
  readonly listeners = [{ transport: 'TCP' }, { transport: 'TLS', advertised: { host: 'uc.example.com', port: 5061 } }];
  readonly offered: string[] = [];
  readonly service: AutodiscoverService;
  private readonly users = new Map(['alice', 'bob'].map((name) => [name, user(name, null)]));
  private readonly secure = newApp();
  private readonly plain = newApp();
  private readonly found = new WeakMap<WebRequest, User>();

  constructor(config: object = {}) {
    const transport = { listeners: this.listeners } as unknown as Transport;
    this.service = new AutodiscoverService(
      this.web(),
      this.tickets(),
      { fqdn: 'uc.example.com' },
      transport,
      AutodiscoverConfig.parse(config),
    );
  }

  static async open(config: object = {}): Promise<World> {
    const world = new World(config);
    await world.service.open();
    return world;
  }

  move(name: string, homeServer: string): void {
    this.users.set(name, user(name, homeServer));
  }

  async get(url: string, host = 'uc.example.com', { method = 'GET', accept = XML, plain = false, ticket }: Ask = {}): Promise<Answer> {
    const headers = { host, accept, ...(ticket === undefined ? {} : { 'x-ticket': ticket }) };
    const answer = await (plain ? this.plain : this.secure).inject({ method: method as 'GET', url, headers });
    return { status: answer.statusCode, headers: answer.headers, body: answer.body };
  }

  private web(): Web {
    const originOf = ({ headers }: WebRequest): 'external' | 'internal' =>
      /^(ucext|lyncdiscover)\./i.test(headers.host ?? '') ? 'external' : 'internal';
    const routes =
      (app: WebApp): Web['routes'] =>
      async (register) => {
        await app.register(async (instance) => register(instance));
        return async () => undefined;
      };
    return {
      baseUrl: INSIDE,
      internalUrl: INSIDE,
      externalUrl: OUTSIDE,
      plainPort: undefined,
      routes: routes(this.secure),
      plainRoutes: routes(this.plain),
      authenticate: async () => undefined,
      identityOf: () => undefined,
      originOf,
      urlFor: (request) => (originOf(request) === 'external' ? OUTSIDE : INSIDE),
      addressOf: () => '127.0.0.1',
    };
  }

  private tickets(): WebTickets {
    return {
      serviceUrl: () => `${INSIDE}/WebTicket`,
      metadata: () => '',
      offer: (path) => {
        this.offered.push(path);
        return () => undefined;
      },
      check: () => ({ failure: 'missing', detail: '' }),
      checkHeader: () => ({ failure: 'missing', detail: '' }),
      requireTicket: async (request, reply) => {
        const found = this.users.get(String(request.headers['x-ticket']));
        if (found === undefined) return reply.code(401).header('X-MS-WebTicketURL', `${INSIDE}/WebTicket`).send();
        this.found.set(request, found);
        return undefined;
      },
      ticketOf: (request) => {
        const found = this.found.get(request);
        return found === undefined ? undefined : { user: found, aor: found.aor, expiresAt: 0 };
      },
    };
  }
}

function newApp(): WebApp {
  return fastify({ exposeHeadRoutes: false, routerOptions: { caseSensitive: false } });
}
