/** Gates: ordered checks that every request and response passes before a transaction sees it. */
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';

/** The verdict that lets a message on to the next gate. */
export const PASS: unique symbol = Symbol('pass');

/**
 * Lets a message on to the next gate, and in although nobody knows who sends it: from an exempt network, or of a method that needs
 * no authentication. A gate that knows the sender says so by `inbound.identity` and PASS.
 */
export const ADMIT: unique symbol = Symbol('admit');

/** Header fields of an answer, byte strings. */
export type GateHeaders = readonly (readonly [name: string, value: string])[];

/** Let through, dropped with a reason for the log and the counters, or answered without a transaction (RFC 3261 section 8.2.7). */
export type GateVerdict =
  | typeof PASS
  | typeof ADMIT
  | { readonly drop: string }
  | {
      readonly respond: number;
      /** The reason phrase; the standard one for the status when absent. */
      readonly reason?: string;
      readonly headers?: GateHeaders;
    }
  /** Asked who it is: answered with the challenges of every challenger that suits it. An ACK or CANCEL, which cannot be, is dropped. */
  | { readonly challenge: 401 | 407; readonly headers?: GateHeaders };

/** One check. Gates run in ascending `order`: 100 rate limits, 200 signatures, 300 authentication. */
export interface Gate {
  readonly name: string;
  readonly order: number;
  /** May fill `inbound.identity`. Answer synchronously where possible: a promise costs every message a turn of the event loop. */
  check(inbound: Inbound): GateVerdict | Promise<GateVerdict>;
  /**
   * Must it see the ACKs and CANCELs of this connection that belong to transactions which are known? Their INVITE has passed the
   * gates already; absent: no.
   */
  guards?(flow: Flow): boolean;
}

/** One way of proving who one is. Whenever a request is challenged, all challengers that suit it put their values into the one 401 or 407. */
export interface Challenger {
  readonly name: string;
  /** Low numbers first: clients that look at the first challenge only see that. 10 NTLM, 20 Kerberos, 30 TLS-DSK, 100 digest. */
  readonly order: number;
  /**
   * Whether the request shows that its sender knows this scheme; absent: always. To others it is offered only when there is nothing
   * else to offer: some phones give up at a scheme that they do not know, wherever it stands among the challenges.
   */
  suits?(inbound: Inbound<SipRequest>): boolean;
  /** Values of WWW-Authenticate or Proxy-Authenticate; none when it has nothing to offer for this request. */
  challenge(inbound: Inbound<SipRequest>): readonly string[];
}
