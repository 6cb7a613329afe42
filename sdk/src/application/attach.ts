/** Applications in a process of their own that take part in a server's routing. */
import { readFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { ConnectionOptions } from 'node:tls';
import { ParleyError } from '@parley/core/errors';
import { ServerConnection } from './connection.ts';
import type { Handlers } from './connection.ts';
import { ApplicationErrors as E } from './errors.ts';
import { settleable } from './settleable.ts';
import type { ApplicationResponse } from './message.ts';
import type { OwnRequest } from './own-request.ts';

/** A server on another machine. */
export interface TlsPlace {
  readonly host: string;
  readonly port: number;
  /** PEM authorities that the server's certificate is verified against; the system's when left out. */
  readonly ca?: string | Buffer;
  /** PEM certificate and key of the application, where the server asks for one. */
  readonly certificate?: string | Buffer;
  readonly key?: string | Buffer;
  /** The name in the server's certificate; `host` when left out. */
  readonly serverName?: string;
}

/** How an application comes to its server. */
export interface AttachOptions {
  /** Path of the server's socket: `applications.sock` in its data folder. */
  readonly socket?: string;
  /** Or, over TLS. */
  readonly tls?: TlsPlace;
  /** Text of the application manifest; `manifestFile` says where it stands instead. */
  readonly manifest?: string;
  readonly manifestFile?: string;
  readonly handlers: Handlers;
  /** What server and application share; needed where the server's configuration has one for it. */
  readonly secret?: string;
  /** Connects again when the connection is lost, after 0.5 s and then ever longer, up to 10 s; true when left out. */
  readonly reconnect?: boolean;
  /** Told what handlers throw, what the server could not do, and once that it cannot be reached; written to standard error when left out. */
  onError?(error: unknown): void;
  /** In the chain, also again. @param name what the operator calls the application */
  onAttached?(name: string): void;
  /** Out of the chain. */
  onDetached?(reason: ParleyError): void;
}

/** An application that is, or tries to be, in a server's chain. */
export interface Application {
  readonly appUri: string;
  /** In the chain now. */
  readonly attached: boolean;
  /**
   * Sends a request of the application's own. Gives the final answer: of several endpoints of a user the best one; 408 when nobody
   * answers, 480 for a user who is nowhere, 503 without a way.
   * @throws (rejects) EXTERNAL_* when the server does not send it, APPLICATION_GONE without a connection or when that is lost meanwhile
   */
  send(request: OwnRequest): Promise<ApplicationResponse>;
  /** Leaves the chain; what is open is done without the application. */
  close(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/**
 * Joins the chain of a server. The promise is fulfilled when the server has taken the manifest.
 * @throws APPLICATION_UNREACHABLE when the first connection fails and `reconnect` is false; APPLICATION_REFUSED with the server's reason
 */
export function attach(options: AttachOptions): Promise<Application> {
  return new Client(options).start();
}

class Client implements Application {
  readonly appUri: string;
  attached = false;
  private readonly manifest: string;
  private connection: ServerConnection | undefined;
  private closed = false;
  /** The server has taken it once: what it is refused later, such as a twin that is still there, may pass. */
  private accepted = false;
  private pauseMs = FIRST_PAUSE_MS;
  private timer: NodeJS.Timeout | undefined;
  private readonly first = settleable<Application>();
  /** The present failure to connect has been told. */
  private told = false;

  constructor(private readonly options: AttachOptions) {
    const { manifest, manifestFile } = options;
    this.manifest = manifest ?? (manifestFile === undefined ? '' : readFileSync(manifestFile, 'utf8'));
    this.appUri = /\bappUri\s*=\s*["'\u201c]([^"'\u201d]*)/.exec(this.manifest)?.[1] ?? '';
  }

  start(): Promise<Application> {
    this.connect();
    return this.first.promise;
  }

  send(request: OwnRequest): Promise<ApplicationResponse> {
    const { connection } = this;
    if (connection === undefined || !this.attached) return Promise.reject(E.APPLICATION_GONE({ reason: 'there is none now' }));
    return connection.ask(request);
  }

  close(): void {
    this.closed = true;
    clearTimeout(this.timer);
    this.connection?.close();
    this.first.reject(E.APPLICATION_GONE({ reason: 'the application has closed it' }));
  }

  private connect(): void {
    const { handlers, secret } = this.options;
    const { appUri, manifest } = this;
    this.connection = new ServerConnection(open(this.options), {
      appUri,
      manifest,
      secret,
      handlers,
      onError: (error) => this.report(error),
      onAttached: (name) => {
        this.attached = true;
        this.accepted = true;
        this.pauseMs = FIRST_PAUSE_MS;
        this.told = false;
        this.options.onAttached?.(name);
        this.first.resolve(this);
      },
      onGone: (reason, refused) => this.gone(reason, refused),
    });
  }

  private gone(reason: ParleyError, refused: boolean): void {
    const wasAttached = this.attached;
    this.attached = false;
    if (wasAttached) this.options.onDetached?.(reason);
    if (this.closed) return;
    if (!this.accepted && (refused || this.options.reconnect === false)) {
      this.closed = true;
      this.first.reject(refused ? reason : E.APPLICATION_UNREACHABLE({ place: placeOf(this.options), reason: reason.message }));
      return;
    }
    if (this.options.reconnect === false) return;
    if (refused) this.report(reason);
    else if (!wasAttached) this.tellOnce(reason);
    this.timer = setTimeout(() => this.connect(), this.pauseMs);
    this.pauseMs = Math.min(this.pauseMs * 2, LONGEST_PAUSE_MS);
  }

  /** The first of a row of failures to connect: the rest would say the same again. */
  private tellOnce(reason: ParleyError): void {
    if (this.told) return;
    this.told = true;
    this.report(E.APPLICATION_WAITING({ place: placeOf(this.options), reason: reason.message }));
  }

  private report(error: unknown): void {
    if (this.options.onError === undefined) process.stderr.write(`${textOf(error)}\n`);
    else this.options.onError(error);
  }
}

function open({ socket, tls }: AttachOptions): Socket {
  if (tls === undefined) return connectPlain({ path: socket ?? '' });
  const { host, port, ca, certificate, key, serverName } = tls;
  const options: ConnectionOptions = { host, port, servername: serverName ?? host, minVersion: 'TLSv1.2' };
  if (ca !== undefined) options.ca = ca;
  if (certificate !== undefined) options.cert = certificate;
  if (key !== undefined) options.key = key;
  return connectTls(options);
}

function placeOf({ socket, tls }: AttachOptions): string {
  return tls === undefined ? (socket ?? 'no socket: name one') : `${tls.host}:${tls.port}`;
}

/** What server and client say of themselves needs no stack; what a handler throws does. */
function textOf(error: unknown): string {
  if (error instanceof ParleyError) return [error.message, error.fix].filter((part) => part !== '').join('\n');
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
