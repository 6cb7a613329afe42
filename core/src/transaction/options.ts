/** The timers and bounds of the transaction layer. RFC 3261 section 17 and its table 4. */
import type { TransportLayer } from '../transport/index.ts';

/**
 * What the layer needs of the transport: to stamp and serialise a message for a flow and, where there is such a thing, another way for
 * a final response whose connection is gone (RFC 3261 18.2.2).
 */
export type TransactionTransport = Pick<TransportLayer, 'encode'> & Partial<Pick<TransportLayer, 'responseFlow'>>;

/** Timers and bounds of a transaction layer. */
export interface TransactionOptions {
  /** Round-trip estimate, ms. Timers A, B, E, F, G, H, J, L and M are multiples of it. */
  readonly t1: number;
  /** The longest interval between retransmissions of a non-INVITE request or an INVITE response, ms. */
  readonly t2: number;
  /** How long a message may stay in the network, ms: timers I and K. */
  readonly t4: number;
  /** Timer D over UDP, ms; at least 32,000. */
  readonly timerD: number;
  /** An INVITE that its user has not answered after this time gets 100 Trying from the layer, ms. RFC 3261 17.2.1. */
  readonly tryingAfter: number;
  /** An INVITE whose user has said nothing for this long gets 408 from the layer, ms: no forgotten INVITE stays for ever. */
  readonly silenceLimit: number;
  /** Transactions of both roles that may wait for a final response at once. Beyond, new requests get 503 statelessly. */
  readonly maxTransactions: number;
  /** The same with those that only linger for retransmissions and late 2xx; answered calls that were handed over do not count. */
  readonly maxRecords: number;
  /** How many more there may be for requests inside dialogs: old work before new. */
  readonly reserveForDialogs: number;
  /** Retry-After of a 503 for want of room or while draining, seconds. */
  readonly retryAfter: number;
}

/** The timers of RFC 3261 table 4, and bounds for a server of one machine. */
export const DEFAULT_TRANSACTION_OPTIONS: TransactionOptions = {
  t1: 500,
  t2: 4000,
  t4: 5000,
  timerD: 32_000,
  tryingAfter: 200,
  silenceLimit: 900_000,
  maxTransactions: 200_000,
  maxRecords: 800_000,
  reserveForDialogs: 20_000,
  retryAfter: 10,
};

/** The options with what follows from them, computed once; all in ms. */
export interface TimerValues extends TransactionOptions {
  /** 64*T1: timers B, F, H, J (over UDP), L and M. */
  readonly patience: number;
  /** How long a client's timer E takes to reach T2: when a non-INVITE request without an answer gets its 100. RFC 4320 section 4.1. */
  readonly nonInviteTryingAfter: number;
}

export function timerValues(options: Partial<TransactionOptions>): TimerValues {
  const values = { ...DEFAULT_TRANSACTION_OPTIONS, ...options };
  let nonInviteTryingAfter = 0;
  for (let interval = values.t1; interval < values.t2; interval *= 2) nonInviteTryingAfter += interval;
  return { ...values, patience: 64 * values.t1, nonInviteTryingAfter };
}

/** How many transactions live, by role and kind. */
export interface TransactionSizes {
  readonly server: { readonly invite: number; readonly nonInvite: number };
  readonly client: { readonly invite: number; readonly nonInvite: number };
  /** Calls of the last 64*T1 whose transactions have ended but for copies of the INVITE and late 2xx. */
  readonly answeredCalls: number;
}

/** Counted since the start of the process. */
export interface TransactionCounters {
  /** Requests refused with 503: no room, draining, or by the admission hook. */
  readonly shed: number;
  /** Requests that were recognised as retransmissions. */
  readonly absorbed: number;
  /** Responses that no client transaction waits for. */
  readonly strayResponses: number;
  /** Responses that named a client transaction but came from elsewhere than its request went to; dropped. */
  readonly foreignResponses: number;
  /** Client transactions that ended without a final response in time: timers B and F, and after CANCEL. */
  readonly timeouts: number;
}
