/** A client of the HTTPS host, over real sockets of the loopback interface: the plugin `web` opens a port of its own. */
import { Agent as PlainAgent, request as plainRequest } from 'node:http';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { token } from '@parley/core';
import type { Token } from '@parley/core';

/** Where the plugin `web` listens, as far as the testkit needs to know it. */
export interface WebPorts {
  readonly port: number | undefined;
  readonly plainPort: number | undefined;
}
/** The token of the plugin `web`. */
export const WebPorts: Token<WebPorts> = token<WebPorts>('web');

/** How a request differs from a GET over TLS. */
export interface WebRequestParts {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
  /** Goes to the listener without TLS. */
  readonly plain?: boolean;
}

/** What came back. */
export interface WebAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Each WWW-Authenticate field. */
  readonly challenges: readonly string[];
  readonly body: string;
  /** The port that the client sent from: tells connections apart. */
  readonly connection: number | undefined;
  /** SHA-256 fingerprint of the server's certificate; undefined without TLS. */
  readonly certificate: string | undefined;
}

const LOOPBACK = '127.0.0.1';

/**
 * Keeps its connection from request to request, as sign-in by NTLM wants it, and takes any certificate. Made by `server.web()`.
 *
 * The server's clock stands still while it waits: what a service does only after some time has to be brought about by `advance`.
 */
export class WebClient {
  private readonly secure = new SecureAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false });
  private readonly plain = new PlainAgent({ keepAlive: true, maxSockets: 1 });

  /** @internal use server.web() @param always header fields of each request */
  constructor(
    private readonly ports: () => WebPorts,
    private readonly fqdn: string,
    private readonly always: Readonly<Record<string, string>>,
  ) {}

  /** @param target a path, or a URL whose host becomes the Host field; the request goes to the server of the test in any case */
  get(target: string, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.ask(target, { headers });
  }

  /** Posts XML, unless the headers name another type. */
  post(target: string, body: string | Buffer, headers: Readonly<Record<string, string>> = {}): Promise<WebAnswer> {
    return this.ask(target, { method: 'POST', headers: { 'content-type': 'text/xml; charset=utf-8', ...headers }, body });
  }

  /** Any request; `plain` without TLS. Rejects when the connection breaks. */
  ask(target: string, { method = 'GET', headers = {}, body, plain = false }: WebRequestParts = {}): Promise<WebAnswer> {
    const { host, path } = split(target, this.fqdn);
    const { port, plainPort } = this.ports();
    const options = { host: LOOPBACK, path, method, headers: { host, ...this.always, ...headers } };
    return new Promise((resolve, reject) => {
      const sent = plain
        ? plainRequest({ ...options, port: plainPort, agent: this.plain })
        : secureRequest({ ...options, port, agent: this.secure, servername: this.fqdn });
      sent.on('error', reject);
      sent.on('response', (response) => void answerOf(response).then(resolve, reject));
      sent.end(body);
    });
  }

  /** Ends its connections; the next request opens a new one. */
  hangUp(): void {
    this.secure.destroy();
    this.plain.destroy();
  }
}

/** The Authorization of Basic. RFC 7617 */
export function basicCredentials(login: string, password: string): string {
  return `Basic ${Buffer.from(`${login}:${password}`).toString('base64')}`;
}

/** The path is kept as it is written: a URL would be normalised. */
function split(target: string, fqdn: string): { host: string; path: string } {
  const [, host = fqdn, path = '/'] = /^https?:\/\/([^/]+)(\/.*)?$/.exec(target) ?? [undefined, undefined, target];
  return { host, path };
}

async function answerOf(response: IncomingMessage): Promise<WebAnswer> {
  const socket = response.socket as Partial<TLSSocket>;
  const certificate = socket.getPeerCertificate?.().fingerprint256;
  const connection = socket.localPort;
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk as Buffer);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    challenges: response.headersDistinct['www-authenticate'] ?? [],
    body: Buffer.concat(chunks).toString(),
    connection,
    certificate,
  };
}
