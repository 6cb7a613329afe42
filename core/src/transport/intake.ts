/** From the bytes of one message to a checked message, its top Via completed. RFC 3261 sections 18.1.2 and 18.2.1. */
import { createHmac, randomBytes } from 'node:crypto';
import { ParleyError } from '../errors/index.ts';
import {
  answerUnread,
  checkRequest,
  checkResponse,
  H,
  parseMessage,
  SipResponse,
  type SipLimits,
  type SipMessage,
  type SipRequest,
  type UnreadAnswer,
  type Via,
} from '../sip/index.ts';
import { Inbound, type Flow } from './flow.ts';
import type { LogThrottle } from './log-throttle.ts';
import type { TransportLog } from './options.ts';
import type { Counters, TransportCounters } from './stats.ts';
import { completeVia } from './via.ts';

/** A flow as its receiving end sees it. */
export interface Source extends Flow {
  readonly counters: TransportCounters;
  /** Appended to the top Via of requests: `;ms-received-port=...;ms-received-cid=...`, or ''. */
  readonly viaStamp: string;
  /** The peer asks to be reached at `port` over this flow (RFC 5923). */
  offerAlias(via: Via, port: number): void;
  /** Where responses go, when the request does not ask for the port it came from (RFC 3261 section 18.2.2, RFC 3581 section 4). */
  answerAt(port: number): void;
}

/** What the layer does with what came in. */
export interface IntakeOwner {
  readonly onMessage: (inbound: Inbound) => void;
  readonly unread: UnreadPolicy | undefined;
  send(message: SipMessage, flow: Flow): boolean;
}

/** Turns requests away before they are read, when reading them all is more than the server can do. */
export interface UnreadPolicy {
  readonly answer: UnreadAnswer;
  /** Is there too much to do? Called for each message; has to be cheap. */
  isFull(): boolean;
  /** May this datagram be a copy of a request that is being served, or was answered? It is not new work then. */
  mayBeKnown(bytes: Buffer, flow: Flow): boolean;
  /** One request was answered unread. */
  refused(): void;
}

const CR = 0x0d;
const LF = 0x0a;
const TAG_DIGITS = 16;

export class Intake {
  private readonly tagSecret = randomBytes(16);

  constructor(
    private readonly owner: IntakeOwner,
    private readonly limits: SipLimits,
    private readonly counters: Counters,
    private readonly log: TransportLog,
    private readonly throttle: LogThrottle,
  ) {}

  /**
   * Takes one message: a datagram, a WebSocket message, or what a framer cut out of a stream. Never throws.
   * @returns false when it was no SIP at all, so that a stream had better be closed
   */
  receive(bytes: Buffer, source: Source): boolean {
    const { unread } = this.owner;
    if (unread?.isFull() === true && this.refuseUnread(bytes, unread, source)) return true;
    const result = parseMessage(bytes, this.limits);
    if (!result.ok) return this.unparsed(bytes, result.error, result.request, source);
    const { message } = result;
    source.counters.messagesIn++;
    if (message.isRequest) this.request(message, source);
    else this.response(message, source);
    return true;
  }

  /**
   * Answers a request with an error, statelessly, if it can be answered: it is no ACK and its Via says where it came from.
   * Counted either way.
   */
  refuse(request: SipRequest | undefined, error: ParleyError, source: Source): void {
    this.counters.drop('malformedRequest');
    this.note('malformed', source, error);
    if (request === undefined || request.method === 'ACK' || !isAnswerable(request)) return;
    // With a top Via that cannot be read, the answer goes where the request came from, which is where its sender is.
    if (hasTopVia(request)) this.completeTopVia(request, source);
    const response = SipResponse.refuse(request, error, this.toTag(request));
    this.counters.refuse(response.status);
    this.owner.send(response, source);
  }

  private refuseUnread(bytes: Buffer, unread: UnreadPolicy, source: Source): boolean {
    const { remote, viaStamp, reliable } = source;
    if (!reliable && unread.mayBeKnown(bytes, source)) return false;
    const text = answerUnread(bytes, unread.answer, { host: remote.host, port: reliable ? undefined : remote.port, viaStamp });
    if (text === undefined) return false;
    source.counters.messagesIn++;
    unread.refused();
    source.write(Buffer.from(text, 'latin1'));
    return true;
  }

  private request(request: SipRequest, source: Source): void {
    const error = checkRequest(request);
    if (error !== undefined) {
      this.refuse(request, error, source);
      return;
    }
    this.completeTopVia(request, source);
    this.deliver(request, source);
  }

  private response(response: SipResponse, source: Source): void {
    const error = checkResponse(response);
    if (error === undefined) {
      this.deliver(response, source);
      return;
    }
    this.counters.drop('malformedResponse');
    this.note('malformedResponse', source, error);
  }

  private deliver(message: SipRequest | SipResponse, source: Source): void {
    try {
      this.owner.onMessage(new Inbound(message, source));
    } catch (error) {
      this.counters.drop('handler');
      this.log.error({ err: error, remote: source.remote, transport: source.transport }, 'a received message was lost: its handler failed');
    }
  }

  private unparsed(bytes: Buffer, error: ParleyError, request: SipRequest | undefined, source: Source): boolean {
    if (isKeepAlive(bytes)) {
      this.counters.drop('keepAlive');
      return true;
    }
    if (request !== undefined) {
      source.counters.messagesIn++;
      this.refuse(request, error, source);
      return true;
    }
    const isResponse = bytes.toString('latin1', 0, 4).toUpperCase() === 'SIP/';
    this.counters.drop(isResponse ? 'malformedResponse' : 'notSip');
    this.note('notSip', source, error);
    return isResponse;
  }

  private completeTopVia(request: SipRequest, source: Source): void {
    const via = request.topVia;
    if (via.params.has('alias')) source.offerAlias(via, via.port ?? (source.secure ? 5061 : 5060));
    if (!source.reliable && via.rport === undefined) source.answerAt(via.port ?? 5060);
    completeVia(request, via, source.remote, source.viaStamp);
  }

  /** The same for each retransmission of the same request, since nothing is remembered of it. RFC 3261 section 8.2.7. */
  private toTag(request: SipRequest): string {
    const identity = `${request.first(H.Via)}\n${request.first(H.CallId)}\n${request.first(H.CSeq)}\n${request.first(H.From)}`;
    return createHmac('sha256', this.tagSecret).update(identity, 'latin1').digest('hex').slice(0, TAG_DIGITS);
  }

  private note(kind: string, source: Source, error: ParleyError): void {
    const suppressed = this.throttle.admit(kind);
    if (suppressed === undefined) return;
    this.log.info({ code: error.code, remote: source.remote, transport: source.transport, suppressed }, `bad message: ${error.message}`);
  }
}

/** Line breaks or NULs alone keep a NAT's binding open. RFC 5626 section 3.5.1 and custom. */
function isKeepAlive(bytes: Buffer): boolean {
  for (const byte of bytes) {
    if (byte !== CR && byte !== LF && byte !== 0) return false;
  }
  return true;
}

const SIP_VIA = /^SIP\s*\/\s*[\d.]+\s*\//i;

function isAnswerable(request: SipRequest): boolean {
  return request.has(H.CSeq) && SIP_VIA.test(request.first(H.Via) ?? '');
}

function hasTopVia(request: SipRequest): boolean {
  try {
    return request.topVia.host !== '';
  } catch {
    return false;
  }
}
