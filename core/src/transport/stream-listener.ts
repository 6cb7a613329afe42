/** Listeners for TCP, TLS, WS and WSS: what is accepted, what is turned away, and who certifies the server. */
import type { Server, Socket } from 'node:net';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';
import { advertisedAddress, plainAddress } from './addresses.ts';
import { socketKey, type Accepting, type ConnectionTable } from './connection-table.ts';
import { TransportErrors } from './errors.ts';
import type { Address, TransportName } from './flow.ts';
import { listenError } from './listen-error.ts';
import type { Listener, ListenerSpec, TlsSettings } from './listener.ts';
import type { Network } from './network.ts';
import type { TransportLimits } from './options.ts';
import type { DropCause } from './stats.ts';
import { serverContextOptions, verifiesClients } from './tls.ts';

/** What a listener needs of its layer. */
export interface ListenerHome {
  readonly table: ConnectionTable;
  readonly limits: TransportLimits;
  readonly network: Network;
  now(): number;
  /** A socket is ready for SIP, or with a WebSocket listener for its HTTP request. */
  accepted(socket: Socket, listener: StreamListener, key: string): void;
  /** A socket was turned away, or failed before it became a connection. */
  refused(cause: DropCause, transport: TransportName, remote: string, reason: string): void;
  /** There is something for the clock to look after. */
  watch(): void;
}

/** Connections that the kernel holds until they are accepted; it cuts this to net.core.somaxconn. */
const BACKLOG = 4_096;
/** Our own clock ends handshakes; OpenSSL's is only to be later than that. */
const TLS_TIMER_FACTOR = 4;

export class StreamListener implements Listener, Accepting {
  accepted = 0;
  address: Address;
  advertised: Address;
  private readonly server: Server;
  /** Never listens itself: it is given the sockets that the caps let through. */
  private tlsServer: TlsServer | undefined;
  private currentTls: TlsSettings | undefined;

  /** @throws TRANSPORT_TLS_SETTINGS, TRANSPORT_ADVERTISE */
  constructor(
    readonly spec: ListenerSpec,
    private readonly home: ListenerHome,
  ) {
    this.address = { host: spec.host, port: spec.port };
    this.advertised = advertisedAddress(spec.advertise, this.address);
    if (this.isSecure) this.setTls(requiredTls(spec));
    this.server = home.network.streamServer((socket) => this.accept(socket));
  }

  get transport(): TransportName {
    return this.spec.transport;
  }

  get connections(): number {
    return this.accepted;
  }

  get maxConnections(): number {
    return this.spec.maxConnections ?? Infinity;
  }

  get isListening(): boolean {
    return this.server.listening;
  }

  get isWebSocket(): boolean {
    return this.transport === 'WS' || this.transport === 'WSS';
  }

  /** The settings in force; undefined on TCP and WS. */
  get tls(): TlsSettings | undefined {
    return this.currentTls;
  }

  /** @throws what listenError makes of the system's error */
  async listen(): Promise<void> {
    const { host, port } = this.spec;
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', (error) => reject(listenError(this.spec, error)));
      this.server.listen({ host, port, backlog: BACKLOG, exclusive: true }, resolve);
    });
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error('a TCP listener without an address');
    this.address = { host, port: bound.port };
    this.advertised = advertisedAddress(this.spec.advertise, this.address);
    this.server.removeAllListeners('error');
    this.server.on('error', (error) => this.home.refused('accept', this.transport, '', `accepting failed: ${error.message}`));
  }

  setTls(settings: TlsSettings): void {
    if (!this.isSecure) throw TransportErrors.TRANSPORT_NOT_TLS({ transport: this.transport });
    if (this.home.network.encrypts) this.tlsServer = this.secureServer(settings);
    this.currentTls = settings;
  }

  close(): Promise<void> {
    // The server reports itself closed when its last connection is; those are closed by the layer.
    if (this.server.listening) this.server.close();
    return Promise.resolve();
  }

  private get isSecure(): boolean {
    return this.transport === 'TLS' || this.transport === 'WSS';
  }

  private accept(socket: Socket): void {
    const remote = plainAddress(socket.remoteAddress ?? '');
    const handshakes = this.tlsServer !== undefined || this.isWebSocket;
    const cause = remote === '' ? 'accept' : this.home.table.admit(remote, this, handshakes);
    if (cause !== undefined) {
      socket.destroy();
      this.home.refused(cause, this.transport, remote, 'a connection was turned away');
      return;
    }
    const slot = new Slot(this.home, remote, this, socketKey(socket));
    occupy(socket, slot);
    this.home.watch();
    if (handshakes) {
      const seconds = this.home.limits.handshakeMs / 1000;
      const overdue = (): void => this.home.refused('handshakeTime', this.transport, remote, `no handshake within ${seconds} s`);
      this.home.table.beginHandshake(slot.key, socket, this.home.now(), overdue);
    }
    if (this.tlsServer === undefined) this.home.accepted(socket, this, slot.key);
    else this.tlsServer.emit('connection', socket);
  }

  private secureServer(settings: TlsSettings): TlsServer {
    const options = {
      ...serverContextOptions(settings),
      requestCert: verifiesClients(settings),
      rejectUnauthorized: settings.clientCertificates === 'require',
      handshakeTimeout: this.home.limits.handshakeMs * TLS_TIMER_FACTOR,
      allowHalfOpen: true,
    };
    let server: TlsServer;
    try {
      server = createTlsServer(options);
    } catch (error) {
      throw TransportErrors.TRANSPORT_TLS_SETTINGS({ reason: (error as Error).message }, { cause: error });
    }
    server.on('secureConnection', (socket) => this.secured(socket));
    server.on('tlsClientError', (error, socket) => this.insecure(error, socket));
    return server;
  }

  private secured(socket: TLSSocket): void {
    const key = socketKey(socket);
    // A WebSocket's handshake goes on with its HTTP request.
    const inTime = this.isWebSocket || this.home.table.endHandshake(key);
    if (!inTime || socket.remoteAddress === undefined) socket.destroy();
    else this.home.accepted(socket, this, key);
  }

  private insecure(error: Error, socket: TLSSocket): void {
    // Without an address it is closed: that was told when it happened, by the clock or by the slot.
    if (socket.remoteAddress !== undefined) {
      this.home.table.endHandshake(socketKey(socket));
      this.home.refused('handshake', this.transport, plainAddress(socket.remoteAddress), `TLS handshake failed: ${error.message}`);
    }
    socket.destroy();
  }
}

function requiredTls(spec: ListenerSpec): TlsSettings {
  if (spec.tls === undefined) throw TransportErrors.TRANSPORT_TLS_SETTINGS({ reason: `the ${spec.transport} listener has none` });
  return spec.tls;
}

/** The place that an accepted socket takes up in the counts, from accept to close. */
class Slot {
  constructor(
    private readonly home: Pick<ListenerHome, 'table' | 'refused'>,
    private readonly remote: string,
    private readonly listener: StreamListener,
    readonly key: string,
  ) {}

  leave(): void {
    const { table } = this.home;
    // Of a WebSocket's handshake its connection tells.
    if (table.endHandshake(this.key) && !this.listener.isWebSocket) {
      this.home.refused('handshake', this.listener.transport, this.remote, 'the connection was closed during the handshake');
    }
    table.release(this.remote, this.listener);
  }
}

interface SlottedSocket extends Socket {
  parleySlot: Slot;
}

function occupy(socket: Socket, slot: Slot): void {
  (socket as SlottedSocket).parleySlot = slot;
  socket.on('close', leave);
  socket.on('error', ignore);
}

function leave(this: Socket): void {
  (this as SlottedSocket).parleySlot.leave();
}

/** Whoever reads the socket hears of the error too; without a listener here a broken handshake would end the process. */
function ignore(): void {}
