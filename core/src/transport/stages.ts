/** What plugins put between a message and its bytes: stamps on messages, byte stages on connections. */
import type { SipMessage } from '../sip/index.ts';
import type { Flow } from './flow.ts';

/** Runs on every message that leaves, after routing and before serialising: signing, stripping of internal headers. */
export interface Stamp {
  readonly name: string;
  /** Low numbers first. */
  readonly order: number;
  /** May change the message. What it throws costs that message only. */
  apply(message: SipMessage, flow: Flow): void;
}

/** One connection's transformation of its bytes, such as compression. What it throws closes that connection. */
export interface ByteStage {
  /** Bytes as received; returns those that are ready to be framed, possibly none. The result may alias `chunk`. */
  inbound(chunk: Buffer): Buffer;
  /** Bytes of one message (or several); called in the order of sending, at the moment of sending. */
  outbound(bytes: Buffer): Buffer;
}

/** Asked once for every TCP and TLS connection. Datagrams and WebSocket messages have no byte stages. */
export interface ByteStageFactory {
  readonly name: string;
  /** Low numbers are nearer to SIP: first on the way out, last on the way in. */
  readonly order: number;
  /** undefined: this connection needs none. */
  open(flow: Flow): ByteStage | undefined;
}
