/** What other plugins may know of the HTTPS host: they put their routes on it and learn who asks. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { token } from '@parley/sdk';
import type { Token } from '@parley/sdk';
import type { User } from '@parley/plugin-directory/api';

/** What routes are registered on; each plugin has an instance of its own, hooks and parsers included. */
export type WebApp = FastifyInstance;
export type WebRequest = FastifyRequest;
export type WebReply = FastifyReply;

/** An `onRequest` or `preHandler` hook. */
export type WebHook = (request: WebRequest, reply: WebReply) => Promise<WebReply | undefined>;

/** Which side of the organisation's border a request came from, as far as names and proxies tell. [MS-OCDISCWS] R6. */
export type Origin = 'internal' | 'external';

/** Mechanisms by which {@link Web.authenticate} can establish a user. */
export type WebScheme = 'NTLM' | 'Negotiate' | 'Basic';

/** Who a request is from. */
export interface WebIdentity {
  readonly user: User;
  readonly scheme: WebScheme;
}

/**
 * The HTTPS host. It listens before the plugins that need it are made, so its addresses are known to them; what is asked for before
 * the whole server is up gets 503 unless its route is there already.
 *
 * Bodies of `text/xml`, `application/xml` and `application/soap+xml` arrive as Buffers; paths are compared without regard to case.
 */
export interface Web {
  /** `https://host` or `https://host:port`, without a slash at the end: where clients inside the organisation reach the host. The same as `internalUrl`. */
  readonly baseUrl: string;
  readonly internalUrl: string;
  /** Where clients outside reach it; `internalUrl` when no other name was configured. */
  readonly externalUrl: string;
  /** Port of the HTTPS listener; undefined while there is none. */
  readonly port: number | undefined;
  /** Port of the plain HTTP listener; undefined when there is none. */
  readonly plainPort: number | undefined;
  /**
   * Adds HTTPS routes: `scope.onClose(await web.routes((app) => app.get(...)))`. They are there when the promise resolves; the function
   * that it gives takes them away. Rejects with WEB_ROUTES_REFUSED, and changes nothing, when a route is there already.
   */
  routes(register: (app: WebApp) => void | Promise<void>): Promise<() => Promise<void>>;
  /** The same for the plain HTTP listener, where nothing secret may be said. Without one the routes are kept for nobody. */
  plainRoutes(register: (app: WebApp) => void | Promise<void>): Promise<() => Promise<void>>;
  /**
   * The `onRequest` hook of routes for signed-in users: Windows authentication ([MS-OCAUTHWS] R4: NTLM on the connection, Negotiate) and
   * Basic, all of it over TLS only. Without good credentials it answers 401 with the challenges; beyond the limits of failed attempts, 503.
   */
  readonly authenticate: WebHook;
  /** Whom `authenticate` let in; undefined before it ran. */
  identityOf(request: WebRequest): WebIdentity | undefined;
  originOf(request: WebRequest): Origin;
  /** `internalUrl` or `externalUrl`, whichever the request's origin can reach. */
  urlFor(request: WebRequest): string;
  /** The client's IP address; behind a proxy that the configuration trusts, what that says. */
  addressOf(request: WebRequest): string;
}
export const Web: Token<Web> = token<Web>('web');
