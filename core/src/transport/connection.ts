/** One connection: a flow over a byte stream, with its bounds. What the bytes mean is left to the subclasses. */
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Clock } from '../clock/index.ts';
import type { SipLimits, Via } from '../sip/index.ts';
import type { Address, Destination, TransportName } from './flow.ts';
import type { Flushable, FlushList } from './flush-list.ts';
import type { Intake, Source } from './intake.ts';
import type { Listener } from './listener.ts';
import type { TransportLimits } from './options.ts';
import { plainAddress } from './addresses.ts';
import { own, type SocketOwner } from './socket-owner.ts';
import { certifies, firstName } from './tls.ts';
import type { DropCause, TransportCounters } from './stats.ts';

/** What connections need of their layer. */
export interface ConnectionHome {
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly sipLimits: SipLimits;
  readonly flushes: FlushList;
  readonly intake: Intake;
  /** RFC 5626 section 4.4.1: answer CRLF CRLF with CRLF. */
  readonly pong: boolean;
  /** A connection ends for a reason of ours: count and log it. */
  dropped(cause: DropCause, connection: Connection, reason: string): void;
  /** The peer may be reached at `aliasPort` of its address over this connection. */
  aliased(connection: Connection): void;
  /** Called once, when the socket is closed. */
  closed(connection: Connection, reason: string): void;
}

/** Everything that tells one connection from another when it begins. */
export interface ConnectionStart {
  readonly id: number;
  readonly transport: TransportName;
  readonly socket: Socket;
  readonly listener: Listener | undefined;
  readonly counters: TransportCounters;
  /** Where to, for a connection that we opened. */
  readonly destination?: Destination;
}

const OPEN = 0;
const CLOSING = 1;
const CLOSED = 2;

/** Bytes of one turn that are worth a system call of their own; joining more would only copy more. */
const FLUSH_BYTES = 65_536;

export abstract class Connection implements Source, Flushable, SocketOwner {
  readonly id: number;
  readonly transport: TransportName;
  readonly listener: Listener | undefined;
  readonly counters: TransportCounters;
  /** Where to, for a connection that we opened. */
  readonly destination: Destination | undefined;
  readonly remote: Address;
  readonly local: Address;
  readonly tlsPeer: string;
  authenticated: boolean;
  protected readonly socket: Socket;
  protected partialSince = 0;
  private state = OPEN;
  private closeReason = '';
  /** When it was opened; while it is closing, when that began. */
  private since: number;
  private lastInput: number;
  private unauthenticatedBytes = 0;
  private queue: Buffer[] = [];
  private queuedBytes = 0;
  /** The port that the peer says it may be reached at; 0: it said nothing. Stays as it is once it is believed. */
  aliasPort = 0;
  private isAliased = false;
  private isTrusted: boolean;
  private cachedViaStamp: string | undefined = undefined;

  constructor(
    start: ConnectionStart,
    protected readonly home: ConnectionHome,
  ) {
    const { socket } = start;
    this.id = start.id;
    this.transport = start.transport;
    this.listener = start.listener;
    this.counters = start.counters;
    this.socket = socket;
    this.remote = { host: plainAddress(socket.remoteAddress ?? ''), port: socket.remotePort ?? 0 };
    this.local = { host: plainAddress(socket.localAddress ?? ''), port: socket.localPort ?? 0 };
    const weOpened = start.listener === undefined;
    this.authenticated = weOpened;
    this.isTrusted = weOpened;
    this.destination = start.destination;
    this.tlsPeer = start.destination?.serverName ?? (socket instanceof TLSSocket ? firstName(socket) : '');
    this.since = this.lastInput = home.clock.now();
    own(socket, this);
  }

  get reliable(): boolean {
    return true;
  }

  get secure(): boolean {
    return this.transport === 'TLS' || this.transport === 'WSS';
  }

  get open(): boolean {
    return this.state === OPEN;
  }

  get backlog(): number {
    return this.queuedBytes + this.socket.writableLength;
  }

  get trusted(): boolean {
    return this.isTrusted;
  }

  set trusted(value: boolean) {
    this.isTrusted = value;
    this.cachedViaStamp = undefined;
    if (value && this.aliasPort > 0 && !this.isAliased) this.becomeAlias();
  }

  /** [MS-SIPRE] section 3.5: what a client's top Via is completed with. */
  get viaStamp(): string {
    this.cachedViaStamp ??= this.isTrusted
      ? ''
      : `;ms-received-port=${this.remote.port};ms-received-cid=${this.id.toString(16).toUpperCase()}`;
    return this.cachedViaStamp;
  }

  hasTlsName(name: string): boolean {
    return this.socket instanceof TLSSocket && certifies(this.socket, name);
  }

  /**
   * RFC 5923 section 8: a peer says that it may be reached over this connection. Believed when its certificate carries the name that
   * it claims, or when a gate trusts it; and then only for its own address.
   */
  offerAlias(via: Via, port: number): void {
    if (this.listener === undefined || this.isAliased) return;
    this.aliasPort = port;
    if (this.isTrusted || this.hasTlsName(via.host)) this.becomeAlias();
  }

  /** Responses on a connection go down that connection, whatever the Via says. */
  answerAt(): void {}

  write(bytes: Buffer): boolean {
    if (!this.open || bytes.length === 0 || !this.enqueueFramed(bytes)) return false;
    this.counters.messagesOut++;
    return true;
  }

  close(reason: string): void {
    if (this.state !== OPEN) return;
    this.farewell();
    this.flush();
    if (this.state !== OPEN) return; // the farewell found that the peer does not read
    this.state = CLOSING;
    this.closeReason = reason;
    this.since = this.home.clock.now();
    this.socket.end();
  }

  /** Ends it at once; what is queued is lost. */
  destroy(reason: string): void {
    if (this.state === OPEN) this.closeReason = reason;
    if (this.state !== CLOSED) this.state = CLOSING;
    this.queue = [];
    this.queuedBytes = 0;
    this.socket.destroy();
  }

  /** False: a byte stage failed and the connection with it, or the connection cannot take more. */
  protected enqueueFramed(bytes: Buffer): boolean {
    let framed: Buffer;
    try {
      framed = this.frame(bytes);
    } catch (error) {
      this.drop('byteStage', `a byte stage failed on the way out: ${(error as Error).message}`);
      return false;
    }
    return this.enqueue(framed);
  }

  flush(): void {
    const { queue } = this;
    if (queue.length === 0) return;
    const bytes = queue.length === 1 ? (queue[0] as Buffer) : Buffer.concat(queue, this.queuedBytes);
    queue.length = 0;
    this.queuedBytes = 0;
    if (this.state === OPEN) this.socket.write(bytes);
  }

  /** Looks at the clock for this connection; called about once a second. */
  sweep(now: number): void {
    const { limits } = this.home;
    if (this.state === CLOSING) {
      if (now - this.since >= limits.closeMs) this.socket.destroy();
    } else if (isOver(now - this.since, limits.connectionTimerMs) && !this.authenticated) {
      this.expire('connectionTimer', `nobody was authenticated within ${limits.connectionTimerMs} ms`);
    } else if (isOver(now - this.lastInput, limits.idleMs)) {
      this.expire('idle', `nothing came for ${limits.idleMs} ms`);
    } else if (this.partialSince > 0 && isOver(now - this.partialSince, limits.messageMs)) {
      this.expire('halfMessage', `a message was not complete after ${limits.messageMs} ms`);
    }
  }

  /** Bytes came in. */
  received(chunk: Buffer): void {
    if (this.state !== OPEN) return;
    this.lastInput = this.home.clock.now();
    this.counters.bytesIn += chunk.length;
    if (!this.authenticated && !this.admits(chunk.length)) return;
    this.read(chunk);
    if (!this.isPartial) this.partialSince = 0;
    else if (this.partialSince === 0) this.partialSince = this.lastInput;
  }

  /** The peer will send no more. */
  ended(): void {
    this.close('the peer closed the connection');
  }

  failed(error: Error): void {
    if (this.closeReason === '') this.closeReason = `the connection broke: ${error.message}`;
  }

  socketClosed(): void {
    if (this.state === CLOSED) return;
    this.state = CLOSED;
    this.queue = [];
    this.home.closed(this, this.closeReason === '' ? 'the connection was closed' : this.closeReason);
  }

  /** Bytes that belong to this connection, before framing. Must not throw. */
  protected abstract read(chunk: Buffer): void;

  /** One message as it goes into the socket. May throw. */
  protected abstract frame(message: Buffer): Buffer;

  /** Has a message begun that is not complete? */
  protected abstract readonly isPartial: boolean;

  /** What is said before a connection is closed in order. */
  protected farewell(): void {}

  /** Queues bytes that are framed already. */
  protected enqueue(bytes: Buffer): boolean {
    const waiting = this.queuedBytes + bytes.length;
    if (waiting + this.socket.writableLength > this.home.limits.maxSendBytes) {
      this.drop('slowReader', `the peer does not read: ${this.home.limits.maxSendBytes} bytes wait for it`);
      return false;
    }
    this.counters.bytesOut += bytes.length;
    this.queuedBytes = waiting;
    if (this.queue.push(bytes) === 1) this.home.flushes.add(this);
    if (waiting >= FLUSH_BYTES) this.flush();
    return true;
  }

  /** Cuts the connection off for a reason of ours. */
  protected drop(cause: DropCause, reason: string): void {
    if (this.state !== OPEN) return;
    this.home.dropped(cause, this, reason);
    this.destroy(reason);
  }

  /** Closes the connection in order for a reason of ours. */
  protected expire(cause: DropCause, reason: string): void {
    if (this.state !== OPEN) return;
    this.home.dropped(cause, this, reason);
    this.close(reason);
  }

  private becomeAlias(): void {
    this.isAliased = true;
    this.home.aliased(this);
  }

  private admits(bytes: number): boolean {
    const max = this.home.limits.maxUnauthenticatedBytes;
    this.unauthenticatedBytes += bytes;
    if (!isOver(this.unauthenticatedBytes, max)) return true;
    this.drop('unauthenticatedBytes', `more than ${max} bytes came, and nobody was authenticated`);
    return false;
  }
}

/** Is a value over its bound, 0 being none? */
function isOver(value: number, bound: number): boolean {
  return bound > 0 && value >= bound;
}
