/** One machine of the virtual network with a SIP stack of its own: what endpoints and peers stand on. */
import { Inbound, SILENT, SipResponse, TransactionLayer, TransportLayer } from '@parley/core';
import type { Address, Flow, Listener, Network, ServerTransaction, SipMessage, SipRequest, TransportName } from '@parley/core';
import type { Clock } from '@parley/core';
import { READING_LIMITS } from '../reading-limits.ts';

/** Hears what comes in. */
export interface StationUser {
  onRequest(transaction: ServerTransaction): void;
  onCancel(cancel: SipRequest): void;
  onAck(ack: SipRequest): void;
  /** A response that no transaction of ours waits for: to what was written literally. */
  onStray(response: SipResponse): void;
  /** Every message, before all else. */
  onMessage(message: SipMessage, flow: Flow): void;
  /** The last change of every message that leaves. */
  sign(message: SipMessage, flow: Flow): void;
}

/** Where a station is, and where the server is that it speaks to. */
export interface StationPlace {
  readonly network: Network;
  readonly clock: Clock;
  readonly host: string;
  readonly transport: TransportName;
  readonly server: Address;
  /** Listens on the standard port, as servers do and as UDP needs. */
  readonly listens: boolean;
}

const PORTS: Readonly<Partial<Record<TransportName, number>>> = { UDP: 5060, TCP: 5060, TLS: 5061 };

/** Speaks to the server on one flow, which it opens when it first needs it. */
export class Station {
  readonly transactions: TransactionLayer;
  /** Transport of the station, for Via values and raw bytes. */
  readonly transport: TransportLayer;
  private current: Flow | undefined = undefined;
  private opening: Promise<Flow> | undefined = undefined;
  private listener: Promise<Listener> | undefined = undefined;

  constructor(
    private readonly place: StationPlace,
    user: StationUser,
  ) {
    const { network, clock } = place;
    const limits = { connectionTimerMs: 0, maxUnauthenticatedBytes: 0, idleMs: 0, messageMs: 0 };
    this.transport = new TransportLayer({
      clock,
      network,
      log: SILENT,
      sipLimits: READING_LIMITS,
      limits,
      stamps: [{ name: 'sign-in', order: 0, apply: (message, flow) => user.sign(message, flow) }],
    });
    this.transactions = new TransactionLayer(this.transport, clock);
    this.transport.onMessage = (inbound) => this.receive(inbound, user);
    this.transport.onFlowClosed((flow) => this.transactions.flowClosed(flow));
    this.transactions.onRequest = (transaction) => {
      transaction.onCancel = (cancel) => {
        transaction.respond(SipResponse.reply(transaction.request, 487, undefined, transaction.toTag));
        user.onCancel(cancel);
      };
      user.onRequest(transaction);
    };
    this.transactions.onAck = (ack) => user.onAck(ack.message);
    this.transactions.onStrayResponse = ({ message }) => user.onStray(message);
  }

  /** The way to the server; opened when there is none. */
  flow(): Flow | Promise<Flow> {
    if (this.current?.open === true) return this.current;
    this.opening ??= this.open().finally(() => (this.opening = undefined));
    return this.opening;
  }

  /** `host:port` that the server sees, once there is a flow. */
  get address(): Address | undefined {
    return this.current?.local;
  }

  /** Via of its own: a client, which is no server that could be reached by its connection. */
  via(flow: Flow, branch: string): string {
    const { host, port } = flow.local;
    return `SIP/2.0/${flow.transport} ${host}:${port};branch=${branch}${flow.transport === 'UDP' ? ';rport' : ''}`;
  }

  /** Listens, where that is its way. */
  listen(): Promise<unknown> {
    const { transport, host, listens } = this.place;
    if (!listens) return Promise.resolve();
    this.listener ??= this.transport.listen({ transport, host, port: PORTS[transport] ?? 5060, ...plainTls(transport) });
    return this.listener;
  }

  /** The connection breaks, without a word. */
  disconnect(): void {
    this.current?.close('the endpoint has gone');
    this.current = undefined;
  }

  async close(): Promise<void> {
    await this.transport.close();
  }

  private async open(): Promise<Flow> {
    await this.listen();
    const { transport, server } = this.place;
    this.current = await this.transport.connect({ transport, ...server });
    return this.current;
  }

  private receive(inbound: Inbound, user: StationUser): void {
    const { message, flow } = inbound;
    user.onMessage(message, flow);
    // A stray CANCEL or an ACK to an error is nobody's business.
    if (message instanceof SipResponse || message.method !== 'BENOTIFY') {
      this.transactions.receive(inbound);
      return;
    }
    // [MS-SIP] BENOTIFY has no answer, and so no transaction.
    user.onAck(message);
  }
}

/** Connections of secure listeners carry plain bytes here: what they would be certified by is never looked at. */
function plainTls(transport: TransportName): { readonly tls?: { readonly certificate: string; readonly key: string } } {
  return transport === 'TLS' ? { tls: { certificate: '', key: '' } } : {};
}
