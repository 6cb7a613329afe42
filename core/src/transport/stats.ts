/** Counters of the transport layer. */
import type { TransportName } from './flow.ts';

export const TRANSPORTS = ['UDP', 'TCP', 'TLS', 'WS', 'WSS'] as const satisfies readonly TransportName[];

/** Why something from the wire went no further, or a connection did not live on. */
const DROP_CAUSES = [
  'malformedRequest',
  'malformedResponse',
  'notSip',
  'keepAlive',
  'framing',
  'websocket',
  'byteStage',
  'stamp',
  'handler',
  'udpQueue',
  'udpTooLarge',
  'slowReader',
  'accept',
  'connectionCap',
  'listenerCap',
  'addressCap',
  'halfOpenCap',
  'handshakeTime',
  'handshake',
  'connectionTimer',
  'unauthenticatedBytes',
  'idle',
  'halfMessage',
] as const;
/** Why something from the wire went no further, or a connection did not live on. */
export type DropCause = (typeof DROP_CAUSES)[number];

/** Of one transport, since the start. */
export interface TransportCounters {
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Connections that peers opened. */
  accepted: number;
  /** Connections that we opened. */
  opened: number;
  /** Connections open now. */
  open: number;
}

/** Counters of a transport layer, as they are now. */
export interface TransportStats {
  readonly transports: Readonly<Record<TransportName, Readonly<TransportCounters>>>;
  readonly drops: Readonly<Record<DropCause, number>>;
  /** Requests that were answered here with an error status, by status. */
  readonly refused: Readonly<Record<number, number>>;
  readonly connections: number;
  /** Connections whose TLS handshake or WebSocket upgrade is under way. */
  readonly halfOpen: number;
}

/** The counters themselves; read through `TransportLayer.stats()`. */
export class Counters {
  readonly transports = record(TRANSPORTS, newCounters);
  readonly drops = record(DROP_CAUSES, () => 0);
  readonly refused: Record<number, number> = {};

  drop(cause: DropCause): void {
    this.drops[cause]++;
  }

  refuse(status: number): void {
    this.refused[status] = (this.refused[status] ?? 0) + 1;
  }
}

function newCounters(): TransportCounters {
  return { messagesIn: 0, messagesOut: 0, bytesIn: 0, bytesOut: 0, accepted: 0, opened: 0, open: 0 };
}

function record<K extends string, V>(keys: readonly K[], value: () => V): Record<K, V> {
  return Object.fromEntries(keys.map((k) => [k, value()])) as Record<K, V>;
}
