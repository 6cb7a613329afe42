/** Sockets that tests speak raw SIP through: UDP, TCP and TLS, with an inbox to wait on. */
import { createSocket } from 'node:dgram';
import type { Socket as UdpSocket } from 'node:dgram';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { firstMessageLength, readMessage, request, status, value } from './wire.ts';
import type { RequestParts, WireMessage } from './wire.ts';

const WAIT_MS = 5000;

/** What has arrived, in order; tests wait for what they expect. */
export class Inbox {
  readonly messages: WireMessage[] = [];
  readonly #waiting = new Set<() => void>();

  push(message: WireMessage): void {
    this.messages.push(message);
    for (const look of this.#waiting) look();
  }

  /** The first message, arrived or still to come, that fits. @throws Error with everything that did arrive */
  wait(fits: (message: WireMessage) => boolean, what: string, ms: number = WAIT_MS): Promise<WireMessage> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        const found = this.messages.find(fits);
        if (found === undefined) return;
        clearTimeout(timer);
        this.#waiting.delete(look);
        resolve(found);
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(look);
        const seen = this.messages.map((m) => `${m.startLine} (${value(m, 'CSeq')}, ${value(m, 'Call-ID')})`).join('\n  ');
        reject(new Error(`${what} did not come within ${ms} ms. What came:\n  ${seen === '' ? 'nothing' : seen}`));
      }, ms);
      this.#waiting.add(look);
      look();
    });
  }

  /** The first final response to a request of that Call-ID. */
  final(callId: string, ms?: number): Promise<WireMessage> {
    return this.wait((m) => status(m) >= 200 && value(m, 'Call-ID') === callId, `a final response for ${callId}`, ms);
  }

  clear(): void {
    this.messages.length = 0;
  }
}

/** One end of a conversation with the server, whatever the transport. */
export interface Peer {
  readonly inbox: Inbox;
  /** `UDP 127.0.0.1:40000`: for Via. */
  readonly via: string;
  /** Called with each message as it comes in. */
  onMessage: (message: WireMessage) => void;
  send(bytes: Buffer | string): void;
  close(): void;
  /** False once the other side has closed. */
  readonly open: boolean;
}

/** A UDP socket of its own. Sends to one server, receives from anybody. */
export class UdpPeer implements Peer {
  readonly inbox = new Inbox();
  readonly via: string;
  readonly host: string;
  readonly port: number;
  onMessage: (message: WireMessage) => void = () => undefined;
  /** Whatever comes is thrown away. */
  discard = false;
  readonly #socket: UdpSocket;
  readonly #server: { readonly host: string; readonly port: number };
  #open = true;

  private constructor(socket: UdpSocket, server: { readonly host: string; readonly port: number }) {
    this.#socket = socket;
    this.#server = server;
    const { address, port } = socket.address();
    this.host = address;
    this.port = port;
    this.via = `UDP ${address}:${port}`;
    socket.on('message', (bytes) => {
      if (this.discard || bytes.indexOf('\r\n\r\n') <= 0) return;
      const message = readMessage(bytes);
      this.inbox.push(message);
      this.onMessage(message);
    });
  }

  static open(server: { readonly host: string; readonly port: number }, host = '127.0.0.1', port = 0): Promise<UdpPeer> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 << 20 });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.bind(port, host, () => {
        socket.off('error', reject);
        socket.on('error', () => undefined); // ICMP refusals of a server that is gone
        resolve(new UdpPeer(socket, server));
      });
    });
  }

  get open(): boolean {
    return this.#open;
  }

  send(bytes: Buffer | string): void {
    if (this.#open) this.#socket.send(bytes, this.#server.port, this.#server.host);
  }

  close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#socket.close();
  }
}

/** A TCP or TLS connection to the server. */
export class StreamPeer implements Peer {
  readonly inbox = new Inbox();
  readonly via: string;
  readonly socket: Socket;
  /** Everything that came in, messages or not. */
  bytesReceived = 0;
  /** Whatever comes is counted and thrown away. */
  discard = false;
  onMessage: (message: WireMessage) => void = () => undefined;
  #rest: Buffer = Buffer.alloc(0);
  #open = true;
  readonly #closed: Promise<void>;

  private constructor(socket: Socket, transport: 'TCP' | 'TLS') {
    this.socket = socket;
    this.via = `${transport} ${socket.localAddress ?? ''}:${socket.localPort ?? 0}`;
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#open = false;
        resolve();
      });
    });
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
  }

  static tcp(server: { readonly host: string; readonly port: number }, localAddress?: string): Promise<StreamPeer> {
    const socket = connect({ ...server, ...(localAddress !== undefined && { localAddress }) });
    return ready(socket, 'connect', () => new StreamPeer(socket, 'TCP'));
  }

  static tls(
    server: { readonly host: string; readonly port: number },
    options: { ca?: string; servername?: string } = {},
  ): Promise<StreamPeer> {
    const socket = connectTls({ ...server, ...options, rejectUnauthorized: options.ca !== undefined });
    return ready(socket, 'secureConnect', () => new StreamPeer(socket, 'TLS'));
  }

  get open(): boolean {
    return this.#open;
  }

  /** Resolves once the connection is gone. @throws Error when it stays */
  async closed(ms: number = WAIT_MS): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`the connection was still open after ${ms} ms`)), ms);
    });
    await Promise.race([this.#closed, late]).finally(() => clearTimeout(timer));
  }

  send(bytes: Buffer | string): void {
    if (this.#open) this.socket.write(bytes);
  }

  close(): void {
    this.socket.destroy();
  }

  #take(chunk: Buffer): void {
    this.bytesReceived += chunk.length;
    if (this.discard) return;
    this.#rest = Buffer.concat([this.#rest, chunk]);
    for (;;) {
      const { skip, length } = firstMessageLength(this.#rest);
      if (length === 0) {
        this.#rest = this.#rest.subarray(skip);
        return;
      }
      const message = readMessage(this.#rest.subarray(skip, skip + length));
      this.#rest = this.#rest.subarray(skip + length);
      this.inbox.push(message);
      this.onMessage(message);
    }
  }
}

/** Sends a request and waits for its final response. */
export async function ask(peer: Peer, parts: Omit<RequestParts, 'via'>, ms?: number): Promise<WireMessage> {
  const bytes = request({ ...parts, via: peer.via });
  peer.send(bytes);
  return peer.inbox.final(value(readMessage(bytes), 'Call-ID'), ms);
}

function ready<T>(socket: Socket, event: string, made: () => T): Promise<T> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once(event, () => {
      socket.off('error', reject);
      resolve(made());
    });
  });
}
