/** One port of the HTTPS host: sockets, their limits, and the certificate that new connections get. */
import { createServer as createPlainServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer as createTlsServer, Server as TlsServer } from 'node:https';
import type { AddressInfo, BlockList, Socket } from 'node:net';
import type { SecureContextOptions } from 'node:tls';
import type { TlsMaterial } from '@parley/plugin-pki/api';
import type { WebConfig } from './config.ts';
import { WebErrors } from './errors.ts';
import { contains, plainAddress } from './networks.ts';

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

const HANDSHAKE_MS = 10_000;
/** Slow senders are looked for this often. */
const CHECK_MS = 5_000;
/** OpenSSL refuses the signatures of TLS 1.0 and 1.1 at its usual security level. */
const OLD_CIPHERS = 'DEFAULT@SECLEVEL=0';

/** A listening socket and its connections. */
export class WebListener {
  private readonly server: Server | TlsServer;
  private readonly sockets = new Map<string, number>();

  /**
   * @param material the certificate; undefined: no TLS
   * Throws WEB_TLS_SETTINGS.
   */
  constructor(
    private readonly config: Pick<WebConfig, 'limits' | 'tls'>,
    private readonly proxies: BlockList,
    material: TlsMaterial | undefined,
    handler: Handler,
  ) {
    const { headerBytes, requestSeconds, idleSeconds, connections } = config.limits;
    const options = {
      maxHeaderSize: headerBytes,
      headersTimeout: requestSeconds * 1000,
      requestTimeout: requestSeconds * 1000,
      keepAliveTimeout: idleSeconds * 1000,
      connectionsCheckingInterval: CHECK_MS,
    };
    this.server =
      material === undefined
        ? createPlainServer(options, handler)
        : usable(() => createTlsServer({ ...options, handshakeTimeout: HANDSHAKE_MS, ...this.context(material) }, handler));
    this.server.maxConnections = connections;
    this.server.on('connection', (socket: Socket) => this.connected(socket));
  }

  /** Resolves with the bound port. Throws WEB_ADDRESS. */
  listen(host: string, port: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const failed = (cause: Error): void =>
        reject(WebErrors.WEB_ADDRESS({ address: `${host}:${port}`, reason: cause.message }, { cause }));
      this.server.once('error', failed);
      this.server.listen({ host, port }, () => {
        this.server.off('error', failed);
        resolve((this.server.address() as AddressInfo).port);
      });
    });
  }

  /** Open connections. */
  get connections(): number {
    let count = 0;
    for (const ofAddress of this.sockets.values()) count += ofAddress;
    return count;
  }

  /** New connections get this certificate; those that are open keep theirs. */
  renew(material: TlsMaterial): void {
    if (this.server instanceof TlsServer) this.server.setSecureContext(this.context(material));
  }

  /** No new connections; resolves when those that are open have ended. */
  drain(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeIdleConnections();
    });
  }

  /** Ends everything. */
  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  private connected(socket: Socket): void {
    const address = plainAddress(socket.remoteAddress);
    const open = this.sockets.get(address) ?? 0;
    if (open >= this.config.limits.connectionsPerAddress && !contains(this.proxies, address)) {
      socket.destroy();
      return;
    }
    this.sockets.set(address, open + 1);
    socket.once('close', () => this.closed(address));
  }

  private closed(address: string): void {
    const left = (this.sockets.get(address) ?? 1) - 1;
    if (left > 0) this.sockets.set(address, left);
    else this.sockets.delete(address);
  }

  private context({ cert, key }: TlsMaterial): SecureContextOptions {
    const { minVersion, ciphers } = this.config.tls;
    const isOld = minVersion === 'TLSv1' || minVersion === 'TLSv1.1';
    const chosen = ciphers ?? (isOld ? OLD_CIPHERS : undefined);
    return { cert, key, minVersion, ...(chosen === undefined ? {} : { ciphers: chosen }) };
  }
}

function usable<T>(make: () => T): T {
  try {
    return make();
  } catch (cause) {
    throw WebErrors.WEB_TLS_SETTINGS({ reason: (cause as Error).message }, { cause });
  }
}
