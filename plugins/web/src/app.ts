/** The Fastify instance that routes are registered on: what holds for every request, whichever service answers it. */
import { STATUS_CODES } from 'node:http';
import { fastify } from 'fastify';
import type { FastifyError } from 'fastify';
import type { Log } from '@parley/sdk';
import type { WebApp, WebReply, WebRequest } from './api.ts';

/** What the instance is made with. */
export interface AppSettings {
  readonly bodyBytes: number;
  /** Seconds of Strict-Transport-Security; 0: none. */
  readonly hstsSeconds: number;
  readonly log: Pick<Log, 'error'>;
  /** False while the server starts: a route that is missing may come yet. */
  isUp(): boolean;
  /** After each response. */
  answered(request: WebRequest, reply: WebReply): void;
}

const XML_TYPES = ['text/xml', 'application/xml', 'application/soap+xml'];
const SECONDS_TO_WAIT_AT_START = 2;

/** Nothing here is a page of a browser, unless a service says so. */
const HEADERS = {
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Content-Security-Policy': "default-src 'none'; frame-ancestors 'none'",
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Cache-Control': 'no-store',
} as const;

/** An instance without routes. */
export function newApp(settings: AppSettings): WebApp {
  const { bodyBytes, hstsSeconds, log } = settings;
  const app = fastify({
    logger: false,
    bodyLimit: bodyBytes,
    exposeHeadRoutes: false,
    routerOptions: { caseSensitive: false, ignoreTrailingSlash: false, maxParamLength: 256 },
    forceCloseConnections: true,
  });
  const headers = hstsSeconds > 0 ? { ...HEADERS, 'Strict-Transport-Security': `max-age=${hstsSeconds}` } : HEADERS;
  app.addHook('onRequest', (_request, reply, done) => {
    reply.headers(headers);
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    settings.answered(request, reply);
    done();
  });
  app.addContentTypeParser(XML_TYPES, { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500;
    if (status >= 400 && status < 500) return say(reply, status, STATUS_CODES[status] ?? 'Bad Request');
    log.error({ err: error, reference: request.id, path: pathOf(request) }, 'a web service failed');
    return say(reply, 500, `Internal Server Error, reference ${request.id}`);
  });
  app.setNotFoundHandler((_request, reply) => {
    if (settings.isUp()) return say(reply, 404, 'Not Found');
    return say(reply.header('Retry-After', SECONDS_TO_WAIT_AT_START), 503, 'The server is starting');
  });
  return app;
}

/** A sentence for people; nothing of the request or of what went wrong is in it. A body that was not read ends the connection. */
function say(reply: WebReply, status: number, text: string): WebReply {
  if (status === 413) void reply.header('Connection', 'close');
  return reply.code(status).type('text/plain; charset=utf-8').send(`${text}\n`);
}

/** The path without its query, which may hold names of users; at most 200 characters. */
export function pathOf(request: WebRequest): string {
  return (request.url.split('?', 1)[0] as string).slice(0, 200);
}
