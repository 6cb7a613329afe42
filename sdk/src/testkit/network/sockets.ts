/** Sockets of a virtual network, with the events and the order of calls of Node's own. */
import { EventEmitter } from 'node:events';
import { Duplex } from 'node:stream';
import type { Address } from '@parley/core';

/** What sockets need of their network. */
export interface Carrier {
  /** Brings a piece of a stream, its end (`null`) or its breaking (undefined) to the other side, in order. */
  stream(from: VirtualSocket, piece: Buffer | null | undefined): void;
  datagram(from: Address, to: Address, bytes: Buffer): void;
  /** Takes a port of a machine; the port that was given, a free one for 0. Undefined when it is taken. */
  bind(kind: 'datagram' | 'stream', address: Address, owner: VirtualDatagrams | VirtualServer): number | undefined;
  unbind(kind: 'datagram' | 'stream', address: Address): void;
}

/** One end of a stream connection. */
export class VirtualSocket extends Duplex {
  /** The other end, while the connection stands. */
  other: VirtualSocket | undefined = undefined;
  /** Nothing arrives before what was sent earlier: when the last piece does, by the network's clock. */
  lastArrival = 0;

  constructor(
    private readonly carrier: Carrier,
    readonly local: Address,
    readonly remote: Address,
  ) {
    super({ allowHalfOpen: true });
  }

  /** As of a socket of Node's. */
  get localAddress(): string {
    return this.local.host;
  }

  /** As of a socket of Node's. */
  get localPort(): number {
    return this.local.port;
  }

  /** As of a socket of Node's. */
  get remoteAddress(): string {
    return this.remote.host;
  }

  /** As of a socket of Node's. */
  get remotePort(): number {
    return this.remote.port;
  }

  override _read(): void {
    // What arrives is pushed at once.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.carrier.stream(this, chunk);
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.carrier.stream(this, null);
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    // What was closed in order has said so already.
    if (!this.writableFinished) this.carrier.stream(this, undefined);
    done(error);
  }
}

/** Accepts connections at one address. */
export class VirtualServer extends EventEmitter {
  listening = false;
  private bound: Address = { host: '', port: 0 };

  constructor(
    private readonly carrier: Carrier,
    /** Called with each connection. */
    readonly accept: (socket: VirtualSocket) => void,
  ) {
    super();
  }

  listen({ host, port }: Address, done: () => void): this {
    const taken = this.carrier.bind('stream', { host, port }, this);
    if (taken === undefined) {
      process.nextTick(() => this.emit('error', inUse(host, port)));
      return this;
    }
    this.bound = { host, port: taken };
    this.listening = true;
    process.nextTick(done);
    return this;
  }

  address(): { readonly address: string; readonly port: number } {
    return { address: this.bound.host, port: this.bound.port };
  }

  close(): this {
    if (this.listening) this.carrier.unbind('stream', this.bound);
    this.listening = false;
    return this;
  }
}

/** A UDP socket. */
export class VirtualDatagrams extends EventEmitter {
  private bound: Address | undefined = undefined;

  constructor(private readonly carrier: Carrier) {
    super();
  }

  bind({ address, port }: { readonly address: string; readonly port: number }, done: () => void): this {
    const taken = this.carrier.bind('datagram', { host: address, port }, this);
    if (taken === undefined) {
      process.nextTick(() => this.emit('error', inUse(address, port)));
      return this;
    }
    this.bound = { host: address, port: taken };
    process.nextTick(done);
    return this;
  }

  address(): { readonly address: string; readonly port: number } {
    return { address: this.bound?.host ?? '', port: this.bound?.port ?? 0 };
  }

  send(bytes: Buffer, port: number, host: string): void {
    if (this.bound !== undefined) this.carrier.datagram(this.bound, { host, port }, Buffer.from(bytes));
  }

  close(done: () => void): this {
    if (this.bound !== undefined) this.carrier.unbind('datagram', this.bound);
    this.bound = undefined;
    process.nextTick(done);
    return this;
  }

  /** Nothing waits in it. */
  getSendQueueSize(): number {
    return 0;
  }

  /** There is room for everything. */
  getRecvBufferSize(): number {
    return Infinity;
  }

  setRecvBufferSize(): void {
    // There is room for everything.
  }

  setSendBufferSize(): void {
    // There is room for everything.
  }
}

function inUse(host: string, port: number): Error {
  return Object.assign(new Error(`listen EADDRINUSE: address already in use ${host}:${port}`), { code: 'EADDRINUSE' });
}
