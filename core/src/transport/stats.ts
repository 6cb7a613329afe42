/** Counters of the transport layer. */
import type { TransportName } from './flow.ts';

/** Why something from the wire went no further. */
export type DropCause =
  | 'malformed'
  | 'malformedResponse'
  | 'malformedAck'
  | 'keepAlive'
  | 'notSip'
  | 'framing'
  | 'stageFailed'
  | 'stampFailed'
  | 'handlerFailed'
  | 'udpQueueFull'
  | 'udpTooLarge'
  | 'slowReader'
  | 'connectionCap'
  | 'addressCap'
  | 'halfOpenCap'
  | 'handshakeTime'
  | 'handshakeFailed'
  | 'connectionTimer'
  | 'unauthenticatedBytes'
  | 'idle'
  | 'halfMessage';

export interface TransportCounters {
  messagesIn: number;
  messagesOut: number;
  bytesIn: number;
  bytesOut: number;
  /** Connections accepted since the start. */
  accepted: number;
  /** Connections that we opened since the start. */
  opened: number;
  /** Connections open now. */
  open: number;
}

export interface TransportStats {
  readonly transports: Readonly<Record<TransportName, Readonly<TransportCounters>>>;
  readonly drops: Readonly<Record<DropCause, number>>;
  readonly connections: number;
  readonly halfOpen: number;
  /** Messages that were answered here with an error status, by status. */
  readonly refused: Readonly<Record<number, number>>;
}
