/** Matches messages with transactions, and makes new ones. RFC 3261 section 17, as corrected by RFC 4320 and RFC 6026. */
import type { Clock } from '../clock/index.ts';
import { H, SipResponse, newTag, transactionUnread } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { ClientTransaction, ClientUser } from './client-transaction.ts';
import { takeAnotherWay } from './another-way.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { TransactionErrors } from './errors.ts';
import { InviteServer } from './invite-server.ts';
import { clientKey, mayAnswer, sameSource, serverKey, unreadServerKey } from './matching.ts';
import { timerValues } from './options.ts';
import type { TransactionCounters, TransactionOptions, TransactionSizes, TransactionTransport } from './options.ts';
import type { ServerRecord } from './server-record.ts';
import type { ServerTransaction } from './server-transaction.ts';
import { TransactionTable } from './transaction-table.ts';

/** Sends requests, takes those that come, and absorbs what is repeated. RFC 3261 section 17. */
export class TransactionLayer {
  /** A new request; never an ACK or a CANCEL. What it throws becomes a 500. */
  onRequest: (transaction: ServerTransaction) => void = () => undefined;
  /**
   * An ACK that ends no transaction here: for a 2xx, or stray. With its INVITE's transaction only where that can be told (a client
   * without branches) and its user still wants to hear of it.
   */
  onAck: (ack: Inbound<SipRequest>, transaction: ServerTransaction | undefined) => void = () => undefined;
  /** A response that no client transaction waits for. A proxy does not forward it (RFC 6026 section 7.3). */
  onStrayResponse: (response: Inbound<SipResponse>) => void = () => undefined;
  /**
   * Asked before a new request gets a transaction: seconds for the Retry-After of a 503, or undefined to let it in. Not asked about
   * retransmissions, ACK and CANCEL. It runs for every request, most of all when there is no time for it: keep it cheap.
   */
  admission: ((inbound: Inbound<SipRequest>) => number | undefined) | undefined = undefined;
  /** A callback of a user has thrown; the transaction went on. Without a handler it is thrown again from a microtask. */
  onUserError: (error: unknown) => void = throwLater;

  private readonly table: TransactionTable;
  /** The To tag of stateless answers: by it the ACKs to them are known again. RFC 3261 8.2.7. */
  readonly statelessTag = newTag();
  private shed = 0;
  private absorbed = 0;
  private strayResponses = 0;
  private foreignResponses = 0;
  private keyedInbound: Inbound<SipRequest> | undefined = undefined;
  private key = '';
  private draining = false;
  private idle: { readonly promise: Promise<void>; readonly resolve: () => void } | undefined = undefined;

  constructor(transport: TransactionTransport, clock: Clock, options: Partial<TransactionOptions> = {}) {
    this.table = new TransactionTable(transport, clock, timerValues(options), {
      onAck: (ack, user) => this.tellAck(ack, user),
      onUserError: (error) => this.onUserError(error),
      onIdle: () => this.becameIdle(),
    });
  }

  /**
   * Takes a request that belongs to what is known already, and tells whether it did: a retransmission, the ACK to an error
   * response, the CANCEL of an INVITE that is here. The first copy has passed the gates, so these need not.
   */
  absorb(inbound: Inbound<SipRequest>): boolean {
    const { message: request, flow } = inbound;
    const key = this.keyOf(inbound);
    const record = this.table.servers.get(key);
    if (request.method === 'ACK') return this.absorbAck(request, record);
    if (record === undefined) {
      const known = isOfInvite(request) ? this.absorbAnswered(request, flow, key) : this.table.answerAgain(key, flow);
      if (known) this.absorbed++;
      return known;
    }
    if (request.method === 'CANCEL') return sameSource(flow, record.flow) && this.cancel(request, flow, record);
    this.absorbed++;
    record.absorb();
    return true;
  }

  /** May this unread request of a datagram be a copy of one that is known? Then it has to be read, and `absorb` asked. */
  mayBeKnown(bytes: Buffer, flow: Flow): boolean {
    const transaction = transactionUnread(bytes);
    if (transaction === undefined || transaction.method === 'ACK' || transaction.method === 'CANCEL') return true;
    const key = unreadServerKey(transaction);
    return this.table.servers.has(key) || this.table.hasAnswer(key, flow) || this.table.callerOf(key) !== undefined;
  }

  /** Takes a message that has passed the gates. */
  receive(inbound: Inbound): void {
    if (inbound.message.isRequest) this.receiveRequest(inbound as Inbound<SipRequest>);
    else this.receiveResponse(inbound as Inbound<SipResponse>);
  }

  /**
   * Sends `request`, whose top Via is already ours, and tells `user` what comes of it. `branch` spares the layer from reading it
   * out of the Via. Throws TRANSACTION_ACK, TRANSACTION_BRANCH, and what a stamp throws; nothing was sent then.
   */
  send(request: SipRequest, flow: Flow, user: ClientUser, branch: string | undefined = request.topVia.branch): ClientTransaction {
    if (request.method === 'ACK') throw TransactionErrors.TRANSACTION_ACK();
    if (branch === undefined) throw TransactionErrors.TRANSACTION_BRANCH({ found: 'no branch' });
    const key = clientKey(branch, request.method);
    if (this.table.clients.has(key)) {
      throw TransactionErrors.TRANSACTION_BRANCH({ found: `branch ${branch}, which belongs to a request that is still waiting` });
    }
    return this.table.startClient(request, flow, user, key, this.table.transport.encode(request, flow));
  }

  /** Answers without keeping state, and lets the ACK to the answer disappear. An ACK itself is not answered. RFC 3261 8.2.7. */
  refuse(inbound: Inbound<SipRequest>, status: number, reason?: string, headers?: readonly (readonly [string, string])[]): void {
    const { message, flow } = inbound;
    if (message.method === 'ACK') return;
    const response = SipResponse.reply(message, status, reason, this.statelessTag);
    if (headers !== undefined) for (const [name, value] of headers) response.append(name, value);
    flow.write(this.table.transport.encode(response, flow));
  }

  /** A connection is gone: client transactions that wait for an answer on it fail now instead of at their timeout. The host calls it. */
  flowClosed(flow: Flow): void {
    this.table.flowClosed(flow);
  }

  /**
   * Has this request come before, on another way, with another branch? The user agent that asks answers 482; a proxy does not ask.
   * True for every copy but the first that was asked about, as long as that has its transaction. RFC 3261 8.2.2.2.
   */
  isMerged(transaction: ServerTransaction): boolean {
    return this.table.isMerged(transaction);
  }

  /** Refuses new requests with 503 from now on; resolves when no transaction waits for a final response any more. May be asked again. */
  drain(): Promise<void> {
    this.draining = true;
    if (this.table.isIdle) return Promise.resolve();
    this.idle ??= Promise.withResolvers<void>();
    return this.idle.promise;
  }

  get size(): TransactionSizes {
    return this.table.sizes;
  }

  get counters(): TransactionCounters {
    const { shed, absorbed, strayResponses, foreignResponses } = this;
    return { shed, absorbed, strayResponses, foreignResponses, timeouts: this.table.timeouts };
  }

  private becameIdle(): void {
    this.idle?.resolve();
    this.idle = undefined;
  }

  private receiveRequest(inbound: Inbound<SipRequest>): void {
    if (this.absorb(inbound)) return;
    const { method } = inbound.message;
    if (method === 'ACK') return this.passAck(inbound);
    if (method === 'CANCEL') return this.refuse(inbound, 481);
    const retryAfter = this.shedding(inbound);
    if (retryAfter !== undefined) {
      this.shed++;
      return this.refuse(inbound, 503, undefined, [['Retry-After', String(retryAfter)]]);
    }
    this.tellUser(this.table.startServer(inbound, this.keyOf(inbound)));
  }

  /** The host asks `absorb` before the gates and gives the same message to `receive` after them: the key is made once. */
  private keyOf(inbound: Inbound<SipRequest>): string {
    if (inbound !== this.keyedInbound) {
      this.key = serverKey(inbound.message, inbound.flow);
      this.keyedInbound = inbound;
    }
    return this.key;
  }

  private tellUser(transaction: ServerTransaction): void {
    try {
      this.onRequest(transaction);
    } catch (error) {
      this.onUserError(error);
      this.table.guard(() => void transaction.respond(SipResponse.reply(transaction.request, 500, undefined, transaction.toTag)));
    }
  }

  /** Seconds after which the sender may try again, when there is no room for its request. */
  private shedding(inbound: Inbound<SipRequest>): number | undefined {
    const { values } = this.table;
    if (this.draining) return values.retryAfter;
    const over = Math.max(this.table.waitingForFinal - values.maxTransactions, this.table.count - values.maxRecords);
    // Old work before new: what belongs to a dialog ends it, or keeps it going, and has a reserve of its own.
    if (over >= 0 && (over >= values.reserveForDialogs || inbound.message.to.tag === undefined)) return values.retryAfter;
    return this.admission?.(inbound);
  }

  private absorbAck(ack: SipRequest, record: ServerRecord | undefined): boolean {
    // An ACK for a 2xx is for the user, and no part of the INVITE's transaction, though clients without branches make it look so.
    if (record instanceof InviteServer && record.state !== 'accepted' && record.takesAck(ack)) {
      record.input('ack');
      return true;
    }
    return ack.first(H.To)?.includes(this.statelessTag) === true;
  }

  private passAck(ack: Inbound<SipRequest>): void {
    const record = this.table.servers.get(this.keyOf(ack));
    if (record instanceof InviteServer && record.state === 'accepted') record.receiveAck(ack);
    else this.tellAck(ack, undefined);
  }

  private tellAck(ack: Inbound<SipRequest>, user: ServerTransaction | undefined): void {
    this.table.guard(() => this.onAck(ack, user));
  }

  /** RFC 3261 9.2. Answered without state: the same CANCEL gets the same answer as long as its INVITE is here. */
  private cancel(cancel: SipRequest, flow: Flow, record: ServerRecord): boolean {
    if (!(record instanceof InviteServer)) return false;
    record.toTag ??= newTag();
    this.answerCancel(cancel, flow, record.toTag);
    record.cancel(cancel);
    return true;
  }

  /** A copy of an INVITE whose call was answered, or a CANCEL that comes too late for it: neither changes anything. RFC 6026 7.1. */
  private absorbAnswered(request: SipRequest, flow: Flow, key: string): boolean {
    const caller = this.table.callerOf(key);
    if (caller === undefined) return false;
    if (request.method !== 'CANCEL') return true;
    if (!sameSource(flow, caller)) return false;
    this.answerCancel(request, flow, this.statelessTag);
    return true;
  }

  private answerCancel(cancel: SipRequest, flow: Flow, toTag: string): void {
    flow.write(this.table.transport.encode(SipResponse.reply(cancel, 200, undefined, toTag), flow));
  }

  private receiveResponse(inbound: Inbound<SipResponse>): void {
    const { message: response, flow } = inbound;
    const { method } = response.cseq;
    const { branch } = response.topVia;
    const key = branch === undefined ? '' : clientKey(branch, method);
    const transaction = this.table.clients.get(key);
    if (transaction === undefined || transaction.method !== method) {
      const call = method === 'INVITE' ? this.table.callOf(key) : undefined;
      if (call !== undefined) return this.passLate(inbound, call);
      this.strayResponses++;
      return this.table.guard(() => this.onStrayResponse(inbound));
    }
    if (mayAnswer(flow, transaction.flow)) transaction.receive(inbound);
    else this.foreignResponses++;
  }

  /** A further 2xx to an INVITE: the same again, or of another phone, in a dialog that only the caller can end. RFC 6026 7.2. */
  private passLate({ message: response, flow }: Inbound<SipResponse>, { caller, callee }: AnsweredCall): void {
    if (response.status < 200 || response.status >= 300) return;
    if (!mayAnswer(flow, callee)) {
      this.foreignResponses++;
      return;
    }
    const { transport } = this.table;
    response.shift(H.Via);
    // Whom it does not reach has hung up or will ask again; its phone ends the call when no ACK comes.
    if (!caller.write(transport.encode(response, caller))) takeAnotherWay(transport, response, caller, () => undefined);
  }
}

/** Has it the key of an INVITE? */
function isOfInvite({ method }: SipRequest): boolean {
  return method === 'INVITE' || method === 'CANCEL';
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}
