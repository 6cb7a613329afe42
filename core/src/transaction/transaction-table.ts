/** The transactions that live: found by key, counted, and by the connection on which they wait for an answer. */
import type { Clock, Timers } from '../clock/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { ClientHome, ClientTransaction, ClientUser } from './client-transaction.ts';
import { InviteClient } from './invite-client.ts';
import { InviteServer } from './invite-server.ts';
import { AnswerMemory } from './answer-memory.ts';
import type { AnsweredCall } from './answered-calls.ts';
import { AnsweredCalls } from './answered-calls.ts';
import { answerKey, clientKey, mergeKey } from './matching.ts';
import { NonInviteClient } from './non-invite-client.ts';
import { NonInviteServer } from './non-invite-server.ts';
import type { TimerValues, TransactionSizes, TransactionTransport } from './options.ts';
import { KeyedTable } from './keyed-table.ts';
import { WaitingList } from './waiting-list.ts';
import type { ServerHome, ServerRecord } from './server-record.ts';
import { ServerTransaction } from './server-transaction.ts';

/** What the table tells the layer. */
export interface TableEvents {
  onAck(ack: Inbound<SipRequest>, user: ServerTransaction | undefined): void;
  onUserError(error: unknown): void;
  /** No transaction waits for a final response. */
  onIdle(): void;
}

/** Nobody wants to know what becomes of a CANCEL: the response to the INVITE tells. */
const NOBODY: ClientUser = { onResponse: () => undefined, onTimeout: () => undefined, onTransportError: () => undefined };

export class TransactionTable implements ServerHome, ClientHome {
  readonly servers = new KeyedTable<ServerRecord>();
  readonly clients = new KeyedTable<ClientTransaction>();
  /** The first copy of each request that a user agent asked `isMerged` about. */
  private readonly merging = new Map<string, ServerRecord>();
  readonly timers: Timers;
  timeouts = 0;
  private inviteServers = 0;
  private inviteClients = 0;
  /** Transactions that wait for a final response. */
  private open = 0;
  private readonly answers: AnswerMemory;
  private readonly calls: AnsweredCalls;
  private forgetting = false;
  /** By connection, until that closes. */
  private readonly waiting = new Map<Flow, WaitingList<ClientTransaction>>();

  constructor(
    readonly transport: TransactionTransport,
    readonly clock: Clock,
    readonly values: TimerValues,
    private readonly events: TableEvents,
  ) {
    this.timers = clock.timers;
    this.answers = new AnswerMemory(values.patience);
    this.calls = new AnsweredCalls(values.patience);
  }

  get isIdle(): boolean {
    return this.open === 0;
  }

  /** Is this a copy of a request that was asked about before and still has its transaction? */
  isMerged(transaction: ServerTransaction): boolean {
    const { record, request } = transaction;
    if (request.to.tag !== undefined || record.state === 'terminated') return false;
    const key = mergeKey(request);
    const first = this.merging.get(key);
    if (first !== undefined) return first !== record;
    record.mergeKey = key;
    this.merging.set(key, record);
    return false;
  }

  /** Those that wait for a final response, in both roles. */
  get waitingForFinal(): number {
    return this.open;
  }

  /** All that live, in both roles. */
  get count(): number {
    return this.servers.size + this.clients.size;
  }

  get sizes(): TransactionSizes {
    return {
      server: { invite: this.inviteServers, nonInvite: this.servers.size - this.inviteServers },
      client: { invite: this.inviteClients, nonInvite: this.clients.size - this.inviteClients },
      answeredCalls: this.calls.size,
    };
  }

  startServer(inbound: Inbound<SipRequest>, key: string): ServerTransaction {
    const isInvite = inbound.message.method === 'INVITE';
    const record = isInvite ? new InviteServer(this, key, inbound.flow) : new NonInviteServer(this, key, inbound.flow);
    const transaction = new ServerTransaction(inbound, record);
    this.servers.add(record);
    if (isInvite) this.inviteServers++;
    this.open++;
    record.begin(transaction);
    return transaction;
  }

  /** @param bytes the request as it goes out */
  startClient(request: SipRequest, flow: Flow, user: ClientUser, key: string, bytes: Buffer): ClientTransaction {
    const isInvite = request.method === 'INVITE';
    const transaction = isInvite ? new InviteClient(this, key, request, flow, user) : new NonInviteClient(this, key, request, flow, user);
    this.clients.add(transaction);
    if (isInvite) this.inviteClients++;
    this.open++;
    if (flow.reliable) this.waitOn(flow, transaction);
    transaction.begin(bytes);
    return transaction;
  }

  /** A connection is gone, and with it the answers that were to come on it. */
  flowClosed(flow: Flow): void {
    const waiting = this.waiting.get(flow);
    if (waiting === undefined) return;
    // Taken out first: a user that tries again on this flow is not to be told in the same round.
    this.waiting.delete(flow);
    for (const transaction of waiting.takeAll()) transaction.connectionLost();
  }

  settled(): void {
    if (--this.open === 0) this.events.onIdle();
  }

  serverEnded(record: ServerRecord): void {
    this.servers.delete(record);
    if (record.isInvite) this.inviteServers--;
    if (record.mergeKey !== undefined) this.merging.delete(record.mergeKey);
  }

  remember(record: ServerRecord, answer: Buffer): void {
    this.answers.remember(answerKey(record.key, record.flow), answer, this.clock.now());
    this.forgetLater();
  }

  rememberInvite(record: ServerRecord): void {
    this.calls.rememberInvite(record.key, record.flow, this.clock.now());
    this.forgetLater();
  }

  rememberBranch(transaction: ClientTransaction, caller: Flow): void {
    this.calls.rememberBranch(transaction.key, { caller, callee: transaction.flow }, this.clock.now());
    this.forgetLater();
  }

  /** Where the INVITE with this key came from, when it was answered and handed over. */
  callerOf(inviteKey: string): Flow | undefined {
    return this.calls.callerOf(inviteKey, this.clock.now());
  }

  /** Between whom further 2xx to the branch with this key go, when it was answered and handed over. */
  callOf(branchKey: string): AnsweredCall | undefined {
    return this.calls.callOf(branchKey, this.clock.now());
  }

  /** Answers a non-INVITE request that came over UDP before and has been answered. False when there was no such request. */
  answerAgain(key: string, flow: Flow): boolean {
    const answer = flow.reliable ? undefined : this.answers.recall(answerKey(key, flow), this.clock.now());
    // Copied: what is sent later may be forgotten by then.
    return answer !== undefined && (flow.write(Buffer.from(answer)), true);
  }

  /** Would `answerAgain` find an answer? */
  hasAnswer(key: string, flow: Flow): boolean {
    return this.answers.recall(answerKey(key, flow), this.clock.now()) !== undefined;
  }

  private forgetLater(): void {
    if (this.forgetting) return;
    this.forgetting = true;
    this.timers.start(this.values.patience, () => this.forget());
  }

  private forget(): void {
    this.answers.forget(this.clock.now());
    this.calls.forget(this.clock.now());
    this.forgetting = this.answers.size + this.calls.size > 0;
    if (this.forgetting) this.timers.start(this.values.patience / 8, () => this.forget());
  }

  clientSettled(transaction: ClientTransaction): void {
    const { flow } = transaction;
    if (flow.reliable) this.waiting.get(flow)?.delete(transaction);
    this.settled();
  }

  clientEnded(transaction: ClientTransaction): void {
    this.clients.delete(transaction);
    if (transaction.isInvite) this.inviteClients--;
  }

  timedOut(): void {
    this.timeouts++;
  }

  sendCancel(invite: ClientTransaction, cancel: SipRequest): void {
    const key = clientKey(invite.key, 'CANCEL');
    if (this.clients.has(key)) return;
    this.guard(() => this.startClient(cancel, invite.flow, NOBODY, key, this.transport.encode(cancel, invite.flow)));
  }

  passAck(ack: Inbound<SipRequest>, user: ServerTransaction | undefined): void {
    this.events.onAck(ack, user);
  }

  reportUserError(error: unknown): void {
    this.events.onUserError(error);
  }

  guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.events.onUserError(error);
    }
  }

  private waitOn(flow: Flow, transaction: ClientTransaction): void {
    let waiting = this.waiting.get(flow);
    if (waiting === undefined) {
      waiting = new WaitingList();
      this.waiting.set(flow, waiting);
    }
    waiting.add(transaction);
  }
}
