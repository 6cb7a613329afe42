/** Where applications connect: a socket of this machine, and TLS. */
import { once } from 'node:events';
import { chmodSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Server as NetServer, Socket } from 'node:net';
import { isAbsolute, join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import type { TLSSocket, TlsOptions } from 'node:tls';
import type { ExternalConfig } from './config.ts';
import { ApplicationConnection } from './connection.ts';
import type { ConnectionSurroundings } from './connection.ts';
import { ExternalErrors as E } from './errors.ts';

/** Longest path that every system takes for a socket. */
const PATH_LIMIT = 100;

export class ApplicationListener {
  private readonly servers: NetServer[] = [];
  private readonly connections = new Set<ApplicationConnection>();
  /** Of the TLS listener, once it is open. */
  port: number | undefined = undefined;
  /** Of the socket, once it is open. */
  path: string | undefined = undefined;

  constructor(
    private readonly config: Pick<ExternalConfig, 'socket' | 'tls' | 'limits'>,
    private readonly around: ConnectionSurroundings,
  ) {}

  get size(): number {
    return this.connections.size;
  }

  /** Throws EXTERNAL_SOCKET and EXTERNAL_TLS. @param folder the data folder, which is the server's alone */
  async open(folder: string): Promise<void> {
    if (this.config.socket !== false)
      await this.openSocket(isAbsolute(this.config.socket) ? this.config.socket : join(folder, this.config.socket));
    if (this.config.tls !== undefined) await this.openTls(this.config.tls);
  }

  /** Hangs up on everyone. */
  async close(): Promise<void> {
    const closed = this.servers.map(async (server) => {
      const end = once(server, 'close');
      server.close();
      await end;
    });
    for (const connection of this.connections) connection.leave('the server closes');
    await Promise.all(closed);
  }

  private async openSocket(path: string): Promise<void> {
    if (path.length > PATH_LIMIT) throw E.EXTERNAL_SOCKET({ path, reason: `it has ${path.length} characters` });
    const server = createServer((socket) => this.accept(socket, true, undefined));
    try {
      // The folder's lock is ours: a socket that is found belongs to a server that is gone.
      rmSync(path, { force: true });
      server.listen(path);
      await once(server, 'listening');
      chmodSync(path, 0o600);
    } catch (error) {
      throw E.EXTERNAL_SOCKET({ path, reason: error instanceof Error ? error.message : String(error) });
    }
    this.keep(server);
    this.path = path;
  }

  private async openTls({ host, port, certFile, keyFile, caFile }: NonNullable<ExternalConfig['tls']>): Promise<void> {
    try {
      const options: TlsOptions = {
        cert: readFileSync(certFile),
        key: readFileSync(keyFile),
        minVersion: 'TLSv1.2',
        // Without authorities a certificate counts by its fingerprint alone.
        requestCert: true,
        rejectUnauthorized: caFile !== undefined,
        handshakeTimeout: this.config.limits.attachSeconds * 1_000,
      };
      if (caFile !== undefined) options.ca = readFileSync(caFile);
      const server = createTlsServer(options, (socket) => this.accept(socket, false, fingerprintOf(socket)));
      server.listen(port, host);
      await once(server, 'listening');
      const address = server.address();
      this.port = typeof address === 'object' && address !== null ? address.port : port;
      this.keep(server);
    } catch (error) {
      throw E.EXTERNAL_TLS({ place: `${host}:${port}`, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  private keep(server: NetServer): void {
    server.maxConnections = this.config.limits.connections;
    this.servers.push(server);
  }

  private accept(socket: Socket, local: boolean, fingerprint: string | undefined): void {
    socket.setNoDelay(true);
    const connection: ApplicationConnection = new ApplicationConnection(socket, local, fingerprint, this.around, () =>
      this.connections.delete(connection),
    );
    this.connections.add(connection);
  }
}

/** Undefined for a peer without a certificate. */
function fingerprintOf(socket: TLSSocket): string | undefined {
  const { fingerprint256 } = socket.getPeerCertificate();
  return typeof fingerprint256 === 'string' ? fingerprint256 : undefined;
}
