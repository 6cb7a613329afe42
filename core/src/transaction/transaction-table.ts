/** The transactions that live: found by key, counted, and by the connection on which they wait for an answer. */
import type { Clock, TimerWheel } from '../clock/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { ClientHome, ClientTransaction, ClientUser } from './client-transaction.ts';
import { InviteClient } from './invite-client.ts';
import { InviteServer } from './invite-server.ts';
import { clientKey, mergeKey } from './matching.ts';
import { NonInviteClient } from './non-invite-client.ts';
import { NonInviteServer } from './non-invite-server.ts';
import type { TimerValues, TransactionSizes, TransactionTransport } from './options.ts';
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
  readonly servers = new Map<string, ServerRecord>();
  readonly clients = new Map<string, ClientTransaction>();
  /** The first copy of each request that a user agent asked `isMerged` about. */
  private readonly merging = new Map<string, ServerRecord>();
  readonly timers: TimerWheel;
  timeouts = 0;
  private inviteServers = 0;
  private inviteClients = 0;
  /** Transactions that wait for a final response. */
  private open = 0;
  private readonly waiting = new Map<Flow, Set<ClientTransaction>>();

  constructor(
    readonly transport: TransactionTransport,
    readonly clock: Clock,
    readonly values: TimerValues,
    private readonly events: TableEvents,
  ) {
    this.timers = clock.timers;
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

  /** All that live, in both roles. */
  get count(): number {
    return this.servers.size + this.clients.size;
  }

  get sizes(): TransactionSizes {
    return {
      server: { invite: this.inviteServers, nonInvite: this.servers.size - this.inviteServers },
      client: { invite: this.inviteClients, nonInvite: this.clients.size - this.inviteClients },
    };
  }

  startServer(inbound: Inbound<SipRequest>, key: string): ServerTransaction {
    const isInvite = inbound.message.method === 'INVITE';
    const record = isInvite ? new InviteServer(this, key, inbound.flow) : new NonInviteServer(this, key, inbound.flow);
    const transaction = new ServerTransaction(inbound, record);
    this.servers.set(key, record);
    if (isInvite) this.inviteServers++;
    this.open++;
    record.begin(transaction);
    return transaction;
  }

  /** @param bytes the request as it goes out */
  startClient(request: SipRequest, flow: Flow, user: ClientUser, key: string, bytes: Buffer): ClientTransaction {
    const isInvite = request.method === 'INVITE';
    const transaction = isInvite ? new InviteClient(this, key, request, flow, user) : new NonInviteClient(this, key, request, flow, user);
    this.clients.set(key, transaction);
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
    for (const transaction of waiting) transaction.connectionLost();
  }

  settled(): void {
    if (--this.open === 0) this.events.onIdle();
  }

  serverEnded(record: ServerRecord): void {
    this.servers.delete(record.key);
    if (record.isInvite) this.inviteServers--;
    if (record.mergeKey !== undefined) this.merging.delete(record.mergeKey);
  }

  clientSettled(transaction: ClientTransaction): void {
    const { flow } = transaction;
    if (flow.reliable) {
      const waiting = this.waiting.get(flow);
      waiting?.delete(transaction);
      if (waiting?.size === 0) this.waiting.delete(flow);
    }
    this.settled();
  }

  clientEnded(transaction: ClientTransaction): void {
    this.clients.delete(transaction.key);
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
    const waiting = this.waiting.get(flow);
    if (waiting === undefined) this.waiting.set(flow, new Set([transaction]));
    else waiting.add(transaction);
  }
}
