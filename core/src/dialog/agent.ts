/** What the parts of the dialog layer share: the way out, the clock, and the index of living dialogs. */
import type { Clock, Timer } from '../clock/index.ts';
import type { SipRequest, SipResponse, SipUri } from '../sip/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import type { Flow, Identity, TransportLayer } from '../transport/index.ts';
import type { Dialog } from './dialog.ts';

/**
 * Finds the flow for a request of a dialog. `next` is its first Route or its Request-URI, `last` the flow on which the other side was
 * heard last. Throws, or rejects with, what makes the request fail.
 */
export type NextHop = (next: SipUri, last: Flow | undefined, request: SipRequest) => Flow | Promise<Flow>;

export interface DialogOptions {
  /** First interval of repeated responses, ms. RFC 3261 13.3.1.4, RFC 3262 section 3. */
  readonly t1: number;
  /** Longest interval between copies of a 2xx, ms. */
  readonly t2: number;
  /** How long an INVITE of ours may ring before it is cancelled, ms. */
  readonly ringLimit: number;
  /** Dialogs that may live at once; new ones beyond are refused. */
  readonly maxDialogs: number;
}

export const DEFAULT_DIALOG_OPTIONS: DialogOptions = { t1: 500, t2: 4000, ringLimit: 180_000, maxDialogs: 200_000 };

/** What a user agent needs of the request that it answers; a ServerTransaction is one. */
export interface ReceivedRequest {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** Who sent it, where a gate has found out. */
  readonly identity?: Identity | undefined;
  readonly toTag: string;
  respond(response: SipResponse): boolean;
  /** Ends it without an answer. */
  abandon(): void;
  onCancel: ((cancel: SipRequest) => void) | undefined;
  onTerminated: (() => void) | undefined;
}

/** Something that lives in a dialog: a session, or one side of a subscription. RFC 5057. */
export interface Usage {
  readonly dialog: Dialog;
  /** The client's connection that it cannot outlive; undefined when there is none. */
  readonly lifeline?: Flow | undefined;
  /** Is this request of the dialog its own? */
  accepts(request: SipRequest): boolean;
  /** A request of the other side, in order. */
  receive(received: ReceivedRequest): void;
  /** False when the ACK is not for it. */
  receiveAck(ack: SipRequest, flow: Flow): boolean;
  /** Ends it, because the server closes or the endpoint is to have it no more. @param reason of a last notification, RFC 6665 4.1.3 */
  leave(reason: string): void;
  /** Its lifeline has closed: ends it, and sends nothing. */
  cutOff?(): void;
}

export interface Agent {
  readonly transactions: Pick<TransactionLayer, 'send'>;
  readonly transport: Pick<TransportLayer, 'viaFor' | 'send'>;
  readonly clock: Clock;
  readonly nextHop: NextHop;
  /**
   * Shows a request to whoever may change it or keep it before it is sent. @param send called once, now or later; with a response, the
   * request is not sent and this is its answer
   */
  review(request: SipRequest, send: (answer?: SipResponse) => void): void;
  readonly options: DialogOptions;
  /** 0 to 1. */
  random(): number;
  /** Calls back once, in so many ms; what is thrown is reported and costs no other timer anything. Cancelled by `clock.timers.cancel`. */
  after(ms: number, callback: () => void): Timer;
  /** Runs what calls back into a plugin; what is thrown is reported. */
  guard(callback: () => void): void;
  /** From now on requests of the dialog come to this usage, too. */
  add(usage: Usage): void;
  /** The usage is over; with its last usage a dialog is forgotten. */
  remove(usage: Usage): void;
  /** The usage has another lifeline than this one now. */
  moved(usage: Usage, from: Flow | undefined): void;
}
