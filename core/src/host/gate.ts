/** Gates: ordered checks that every request and response passes before a transaction sees it. */
import type { Inbound } from '../transport/index.ts';

/** The verdict that lets a message on to the next gate. */
export const PASS: unique symbol = Symbol('pass');

/** Let through, dropped with a reason for the log and the counters, or answered without a transaction (RFC 3261 section 8.2.7). */
export type GateVerdict =
  | typeof PASS
  | { readonly drop: string }
  | {
      readonly respond: number;
      /** The reason phrase; the standard one for the status when absent. */
      readonly reason?: string;
      readonly headers?: readonly (readonly [name: string, value: string])[];
    };

/** One check. Gates run in ascending `order`: 100 rate limits, 200 signatures, 300 authentication. */
export interface Gate {
  readonly name: string;
  readonly order: number;
  /** May fill `inbound.identity`. Answer synchronously where possible: a promise costs every message a turn of the event loop. */
  check(inbound: Inbound): GateVerdict | Promise<GateVerdict>;
}
