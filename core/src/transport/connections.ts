/** Makes connections from sockets, looks after them by the clock, and ends them. */
import type { Socket } from 'node:net';
import type { SecureContext } from 'node:tls';
import type { Clock, Timer } from '../clock/index.ts';
import type { SipLimits } from '../sip/index.ts';
import type { Connection, ConnectionHome, ConnectionStart } from './connection.ts';
import { ConnectionTable, outgoingKey } from './connection-table.ts';
import { describe, openSocket } from './connector.ts';
import { TransportErrors } from './errors.ts';
import type { Destination, Flow, TransportName } from './flow.ts';
import { FlushList } from './flush-list.ts';
import type { Intake } from './intake.ts';
import type { LogThrottle } from './log-throttle.ts';
import type { Network } from './network.ts';
import type { TransportLimits, TransportLog } from './options.ts';
import type { ByteStageFactory } from './stages.ts';
import type { Counters, DropCause } from './stats.ts';
import { StreamConnection } from './stream-connection.ts';
import type { ListenerHome, StreamListener } from './stream-listener.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/** What all connections share. */
export interface ConnectionsParts {
  readonly clock: Clock;
  readonly log: TransportLog;
  readonly throttle: LogThrottle;
  readonly limits: TransportLimits;
  readonly sipLimits: SipLimits;
  readonly counters: Counters;
  readonly intake: Intake;
  readonly pong: boolean;
  readonly network: Network;
  /** Sorted by their order. */
  readonly stages: readonly ByteStageFactory[];
  /** For TLS connections that we open. */
  secureContext(): SecureContext;
  flowClosed(flow: Flow, reason: string): void;
}

const SWEEP_MS = 1_000;
/** Ends that are everyday matters. */
const QUIET: ReadonlySet<DropCause> = new Set(['idle', 'connectionTimer', 'handshake', 'handshakeTime']);

export class Connections implements ConnectionHome, ListenerHome {
  readonly table: ConnectionTable;
  readonly flushes = new FlushList();
  readonly clock: Clock;
  readonly limits: TransportLimits;
  readonly sipLimits: SipLimits;
  readonly intake: Intake;
  readonly pong: boolean;
  readonly network: Network;
  /** Of new connections, sorted by their order. */
  stages: readonly ByteStageFactory[];
  private readonly opening = new Map<string, Promise<Connection>>();
  private sweepTimer: Timer | undefined = undefined;
  private closing = false;
  private allClosed: (() => void) | undefined = undefined;

  constructor(private readonly parts: ConnectionsParts) {
    this.clock = parts.clock;
    this.limits = parts.limits;
    this.sipLimits = parts.sipLimits;
    this.intake = parts.intake;
    this.pong = parts.pong;
    this.network = parts.network;
    this.stages = parts.stages;
    this.table = new ConnectionTable(parts.limits);
  }

  now(): number {
    return this.clock.now();
  }

  accepted(socket: Socket, listener: StreamListener, key: string): void {
    if (this.closing) {
      socket.destroy();
      return;
    }
    const { transport } = listener;
    const start = { id: this.table.nextId(), transport, socket, listener, counters: this.parts.counters.transports[transport] };
    start.counters.accepted++;
    if (listener.isWebSocket) this.begin(new WebSocketConnection(start, this, () => void this.table.endHandshake(key)));
    else this.begin(new StreamConnection(start, this, this.stages));
  }

  /** A connection to a destination; all who want it at the same time share one attempt. */
  open(destination: Destination): Promise<Connection> {
    if (this.closing) return Promise.reject(TransportErrors.TRANSPORT_CLOSED());
    const key = outgoingKey(destination);
    const running = this.opening.get(key);
    if (running !== undefined) return running;
    const attempt = this.attempt(destination).finally(() => this.opening.delete(key));
    this.opening.set(key, attempt);
    return attempt;
  }

  refused(cause: DropCause, transport: TransportName, remote: string, reason: string): void {
    this.parts.counters.drop(cause);
    const suppressed = this.parts.throttle.admit(`refused ${cause}`);
    if (suppressed !== undefined) this.parts.log.info({ cause, transport, remote, suppressed }, reason);
  }

  dropped(cause: DropCause, connection: Connection, reason: string): void {
    this.parts.counters.drop(cause);
    const { id, transport, remote } = connection;
    if (QUIET.has(cause)) {
      this.parts.log.debug({ cause, connection: id, transport, remote }, reason);
      return;
    }
    const suppressed = this.parts.throttle.admit(`dropped ${cause}`);
    if (suppressed !== undefined)
      this.parts.log.warn({ cause, connection: id, transport, remote, suppressed }, `connection closed: ${reason}`);
  }

  aliased(connection: Connection): void {
    this.table.addAlias(connection);
  }

  closed(connection: Connection, reason: string): void {
    this.table.remove(connection);
    connection.counters.open--;
    this.parts.flowClosed(connection, reason);
    if (this.table.size === 0) this.allClosed?.();
  }

  watch(): void {
    this.sweepTimer ??= this.clock.timers.start(SWEEP_MS, this.sweep);
  }

  /** Closes all in order; those that have not gone after `limits.closeMs` are cut off. */
  async close(): Promise<void> {
    this.closing = true;
    for (const socket of this.table.unfinished()) socket.destroy();
    for (const connection of this.table.all()) connection.close('the server is closing');
    if (this.table.size > 0) {
      const timer = this.clock.timers.start(this.limits.closeMs, this.cutOff);
      await new Promise<void>((resolve) => (this.allClosed = resolve));
      this.clock.timers.cancel(timer);
    }
    this.clock.timers.cancel(this.sweepTimer);
  }

  private readonly cutOff = (): void => {
    for (const connection of this.table.all()) connection.destroy('the server is closing');
  };

  private readonly sweep = (): void => {
    const now = this.clock.now();
    for (const connection of this.table.all()) connection.sweep(now);
    this.table.endOverdueHandshakes(now);
    this.sweepTimer = undefined;
    if (this.table.openSockets > 0) this.watch();
  };

  private begin<C extends Connection>(connection: C): C {
    connection.counters.open++;
    this.table.add(connection);
    this.watch();
    return connection;
  }

  private async attempt(destination: Destination): Promise<Connection> {
    if (this.table.admit('', undefined, false) !== undefined) {
      throw TransportErrors.TRANSPORT_CONNECT_FAILED({
        destination: describe(destination),
        reason: 'this server has as many connections as it may',
      });
    }
    const release = (): void => this.table.release('', undefined);
    try {
      const { clock, network, limits } = this;
      const secureContext = (): SecureContext => this.parts.secureContext();
      const socket = await openSocket(destination, { clock, network, timeoutMs: limits.connectMs, secureContext });
      return this.opened(socket, destination, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  private opened(socket: Socket, destination: Destination, release: () => void): Connection {
    if (this.closing) {
      socket.destroy();
      throw TransportErrors.TRANSPORT_CLOSED();
    }
    socket.once('close', release);
    const { transport } = destination;
    const counters = this.parts.counters.transports[transport];
    const start: ConnectionStart = { id: this.table.nextId(), transport, socket, listener: undefined, counters, destination };
    counters.opened++;
    return this.begin(new StreamConnection(start, this, this.stages));
  }
}
