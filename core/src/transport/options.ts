/** What a transport layer is made with, and its bounds. */
import type { Clock } from '../clock/index.ts';
import type { SipLimits } from '../sip/index.ts';
import type { Network } from './network.ts';
import type { ByteStageFactory, Stamp } from './stages.ts';

/** The part of a pino logger that this room uses. */
export interface TransportLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** Bounds of one transport layer. Times in milliseconds, sizes in bytes; 0 switches a bound off where that is said. */
export interface TransportLimits {
  /** Open connections in total. */
  readonly maxConnections: number;
  /** Open connections from one address. */
  readonly maxConnectionsPerAddress: number;
  /** Connections whose TLS handshake or WebSocket upgrade is not done. */
  readonly maxHalfOpen: number;
  /** Time for TLS handshake and WebSocket upgrade together. */
  readonly handshakeMs: number;
  /** The connection timer of [MS-CONMGMT] section 6: time until a gate sets `flow.authenticated`. 0: off, for a server without authentication. */
  readonly connectionTimerMs: number;
  /** Bytes that a connection may send before `flow.authenticated`. 0: off. */
  readonly maxUnauthenticatedBytes: number;
  /** The idle timer of [MS-CONMGMT] R5, R7, R8; restarted by any byte received. 0: off. */
  readonly idleMs: number;
  /** Time for a message that has begun to arrive to be complete. 0: off. */
  readonly messageMs: number;
  /** Bytes queued for one connection beyond what the kernel took; a peer over it is cut off. */
  readonly maxSendBytes: number;
  /** Bytes queued in one UDP socket beyond what the kernel took; datagrams over it are dropped. */
  readonly maxUdpQueueBytes: number;
  /** Time for an outgoing connection, TLS handshake included. */
  readonly connectMs: number;
  /** Time that `close()` gives connections to send what is queued. */
  readonly closeMs: number;
}

/** Bounds for a server of one machine. */
export const DEFAULT_TRANSPORT_LIMITS: TransportLimits = {
  maxConnections: 20_000,
  maxConnectionsPerAddress: 1_000,
  maxHalfOpen: 2_000,
  handshakeMs: 10_000,
  connectionTimerMs: 30_000,
  maxUnauthenticatedBytes: 262_144,
  idleMs: 360_000,
  messageMs: 60_000,
  maxSendBytes: 4_194_304,
  maxUdpQueueBytes: 4_194_304,
  connectMs: 5_000,
  closeMs: 2_000,
};

/** Rules for connections that we open. */
export interface OutgoingTls {
  /** Authorities (PEM) beyond the system's. */
  readonly ca?: readonly (string | Buffer)[];
}

/** What a transport layer is made with. */
export interface TransportOptions {
  readonly clock: Clock;
  readonly log: TransportLog;
  /** Merged over DEFAULT_TRANSPORT_LIMITS. */
  readonly limits?: Partial<TransportLimits>;
  /** Bounds of one message; sip/'s defaults when absent. */
  readonly sipLimits?: SipLimits;
  readonly stages?: readonly ByteStageFactory[];
  readonly stamps?: readonly Stamp[];
  readonly outgoingTls?: OutgoingTls;
  /** Answer a keep-alive CRLF CRLF on a stream with CRLF (RFC 5626 section 4.4.1); clients that expect none skip it. Default true. */
  readonly pong?: boolean;
  /** Where sockets come from; the machine's network when absent. */
  readonly network?: Network;
}
