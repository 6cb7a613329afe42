/** The way of a message through the server: transport, gates, transactions, the application chain, the proxy core. */
import type { Clock } from '../clock/index.ts';
import { ParleyError } from '../errors/index.ts';
import { ApplicationChain, PATIENCE_MS, warningValue } from '../script/index.ts';
import type { ChainReports, ChainedApplication, ScriptEnvironment } from '../script/index.ts';
import { DialogErrors } from '../dialog/index.ts';
import type { DialogTable } from '../dialog/index.ts';
import { ProxyCore, unknownExtensions } from '../proxy/index.ts';
import type { Admitted, Located, Self } from '../proxy/index.ts';
import { H, SipResponse, decodeText } from '../sip/index.ts';
import type { SipRequest, SipUri } from '../sip/index.ts';
import { TransactionLayer } from '../transaction/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import type { Destination, Inbound, Resolver, TransportLayer, UnreadPolicy } from '../transport/index.ts';
import { isUnchallengeable } from './challenge.ts';
import type { Endpoints } from './endpoints.ts';
import { GatePassage } from './gate-passage.ts';
import type { Gatekeepers } from './gate-passage.ts';
import type { LoadShedder } from './load-shedder.ts';
import type { Log } from './log.ts';
import { ServerErrors } from './sip-server-errors.ts';

/** What may be repeated to the sender of it. RFC 3261 section 25.1, token. */
const OPTION_TAG = /^[\w.!%*+`'~-]{1,100}$/;

/** A Contact that may be a GRUU: [MS-SIPRE] section 3.3, RFC 5627. */
const NAMES_ENDPOINT = /;\s*(?:gruu|gr)\b/i;

/** Orders of the gates that establish who sends: signatures and authentication; see gate.ts. */
const FIRST_IDENTITY_GATE = 200;
const LAST_IDENTITY_GATE = 300;

/** When the server is overloaded: new work waits, what has begun is finished first. */
const RETRY_LATER: readonly (readonly [string, string])[] = [['Retry-After', '10']];

/** Refuses new requests before they are read, which costs a third. */
function unreadPolicy(shedder: LoadShedder, transactions: TransactionLayer): UnreadPolicy {
  const headers = RETRY_LATER.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return {
    answer: { statusLine: 'SIP/2.0 503 Service Unavailable', headers, toTag: transactions.statelessTag },
    isFull: () => shedder.isFull(),
    mayBeKnown: (bytes, flow) => transactions.mayBeKnown(bytes, flow),
    refused: () => shedder.refused(),
  };
}

function isNewWork(request: SipRequest): boolean {
  return request.method !== 'ACK' && request.method !== 'CANCEL' && request.to.tag === undefined;
}

export interface SipServerParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly transport: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly resolver: Resolver;
  readonly endpoints: Endpoints;
  /** Dialogs of plugins: their requests pass the scripts by. */
  readonly dialogs: Pick<DialogTable, 'receive' | 'receiveAck' | 'flowClosed'>;
  readonly environment: ScriptEnvironment;
  /** Names that Route and Request-URI may call this server by, besides its listeners' addresses; lower-case. */
  readonly names: ReadonlySet<string>;
  readonly timerCMs: number;
  /** Turns new work away when there is too much of it; undefined: all is let in. */
  readonly shedder: LoadShedder | undefined;
  /** Signs Record-Route values; 32 bytes that outlive restarts. */
  readonly routeSecret: Buffer;
  /** Counts and logs what a plugin's code threw. */
  pluginFault(plugin: string, where: string, error: unknown, fields: Readonly<Record<string, unknown>>): void;
  /** The same of a gate, by its name, or of a challenger. */
  gateFault(gate: string, error: unknown): void;
  /** The plugin in whose code an error arose; undefined when in none. */
  ownerOf(error: unknown): string | undefined;
}

export class SipServer {
  readonly chain: ApplicationChain;
  private readonly proxy: ProxyCore;
  private readonly gates: GatePassage;
  /** Some gate finds out who sends; without one every connection that speaks SIP is as good as any. */
  private authenticates = true;

  constructor(private readonly parts: SipServerParts) {
    const { transport, transactions, resolver, clock, timerCMs, routeSecret } = parts;
    const self: Self = { isOwnAddress: (host, port) => this.isOwnAddress(host, port) };
    this.proxy = new ProxyCore(transactions, transport, resolver, self, clock, {
      timerCMs,
      routeSecret,
      locate: (contact) => this.locate(contact),
      report: (error, destination) => this.unreachable(error, destination),
    });
    const reports: ChainReports = {
      handlerFailed: (application, method, error) => this.handlerFailed(application, method, error),
      disabled: (application) => this.disabled(application),
      undecided: (application, method, request) => this.undecided(application, method, request),
    };
    this.chain = new ApplicationChain(this.proxy, parts.environment, reports, clock.timers);
    this.gates = new GatePassage(transactions, clock, (gate, error) => parts.gateFault(gate, error));
    transport.onMessage = (inbound) => this.onMessage(inbound);
    if (parts.shedder !== undefined) transport.unreadPolicy = unreadPolicy(parts.shedder, transactions);
    transport.onFlowClosed((flow) => {
      transactions.flowClosed(flow);
      parts.dialogs.flowClosed(flow);
    });
    transactions.onRequest = (transaction) => this.onRequest(transaction);
    transactions.onAck = (ack) => this.onAck(ack);
    transactions.onUserError = (error) => this.fault(error, {}, 'a fault in Parley: what was to happen next with a message did not');
  }

  /** The gates, in order, that every message passes from now on, and who challenges at them. */
  useGates(keepers: Gatekeepers): void {
    this.gates.use(keepers);
    this.authenticates = keepers.gates.some(({ order }) => order >= FIRST_IDENTITY_GATE && order <= LAST_IDENTITY_GATE);
  }

  private onMessage(inbound: Inbound): void {
    if (!this.authenticates) inbound.flow.authenticated = true;
    if (inbound.message.isRequest) {
      const request = inbound as Inbound<SipRequest>;
      // A retransmission, an ACK or a CANCEL of a transaction that is known has passed the gates with the first copy; but ACKs and
      // CANCELs that are signed by themselves are verified by themselves.
      const isGuarded = isUnchallengeable(request.message) && this.gates.isGuarded(request.flow);
      if (!isGuarded && this.parts.transactions.absorb(request)) return;
      if (this.parts.shedder !== undefined && isNewWork(request.message) && !this.parts.shedder.admit()) {
        this.parts.transactions.refuse(request, 503, undefined, RETRY_LATER);
        return;
      }
    }
    this.gates.pass(inbound);
  }

  private onRequest(transaction: ServerTransaction): void {
    try {
      const foreign = this.foreignContact(transaction.inbound);
      if (foreign !== undefined) {
        this.refuse(transaction, foreign);
        return;
      }
      if (this.parts.dialogs.receive(transaction)) return;
      const admitted = this.proxy.admit(transaction.inbound);
      if (admitted instanceof ParleyError) this.refuse(transaction, admitted);
      else if (this.isOfDeadDialog(transaction.request, admitted))
        this.refuse(transaction, DialogErrors.DIALOG_UNKNOWN({ method: transaction.request.method }));
      else this.chain.request(transaction, admitted);
    } catch (error) {
      this.failed(transaction, error);
    }
  }

  private onAck(ack: Inbound<SipRequest>): void {
    try {
      if (this.parts.dialogs.receiveAck(ack)) return;
      const admitted = this.proxy.admit(ack);
      if (!(admitted instanceof ParleyError)) this.chain.ack(ack, admitted);
    } catch (error) {
      // An ACK that makes no sense has no answer; only a fault of ours is worth a line.
      if (error instanceof ParleyError && error.status !== undefined) return;
      this.fault(error, { callId: ack.message.callId }, 'an ACK could not be handled and was dropped');
    }
  }

  /** It goes to our own Contact with a tag of ours, and no dialog has taken it. RFC 3261 12.2.2. */
  private isOfDeadDialog(request: SipRequest, { fixedRoute }: Admitted): boolean {
    if (fixedRoute || request.to.tag === undefined) return false;
    const { isSip, user, host, port } = request.requestUri;
    return isSip && user === undefined && this.parts.transport.isOwnAddress(host, port);
  }

  /** Requests of a dialog go to its Contact: nobody may direct them to another user's endpoint. */
  private foreignContact({ message, identity }: Inbound<SipRequest>): ParleyError | undefined {
    if (identity === undefined || identity.trusted === true || !message.has(H.Contact)) return undefined;
    if (!NAMES_ENDPOINT.test(message.first(H.Contact) ?? '')) return undefined;
    const { contacts } = message;
    const [contact] = contacts.star ? [] : contacts.list;
    const owner = contact === undefined ? undefined : this.parts.endpoints.aorOf(decodeText(contact.uri.raw));
    if (owner === undefined || owner === identity.aor) return undefined;
    return ServerErrors.HOST_CONTACT_NOT_YOURS({ owner, identity: identity.aor });
  }

  private refuse(transaction: ServerTransaction, error: ParleyError): void {
    const response = SipResponse.reply(transaction.request, error.status ?? 500, undefined, transaction.toTag);
    if (error.status === 420) {
      for (const tag of unknownExtensions(transaction.request)) if (OPTION_TAG.test(tag)) response.append('Unsupported', tag);
    }
    response.append('Warning', warningValue(error, this.parts.environment.fqdn));
    transaction.respond(response);
  }

  private failed(transaction: ServerTransaction, error: unknown): void {
    const { request } = transaction;
    if (error instanceof ParleyError && error.status !== undefined) {
      this.refuse(transaction, error);
      return;
    }
    this.fault(error, { callId: request.callId, method: request.method }, 'the request could not be handled: a fault in Parley');
    transaction.respond(SipResponse.reply(request, 500, undefined, transaction.toTag));
  }

  /** An error that came up to here may still be a plugin's: of what it knows of endpoints, or does with a transaction. */
  private fault(error: unknown, fields: Readonly<Record<string, unknown>>, text: string): void {
    const plugin = this.parts.ownerOf(error);
    if (plugin === undefined) this.parts.log.error({ ...fields, err: error }, text);
    else this.parts.pluginFault(plugin, 'the way of a message', error, fields);
  }

  private isOwnAddress(host: string, port: number | undefined): boolean {
    if (this.parts.transport.isOwnAddress(host, port)) return true;
    if (!this.parts.names.has(host)) return false;
    return (
      port === undefined ||
      this.parts.transport.listeners.some((listener) => listener.advertised.port === port || listener.address.port === port)
    );
  }

  private locate(uri: SipUri): Located | undefined {
    return this.parts.endpoints.byContact(decodeText(uri.raw));
  }

  private unreachable(error: ParleyError, destination: Destination): void {
    const { transport, host, port } = destination;
    this.parts.log.warn({ code: error.code, destination: `${transport} ${host}:${port}` }, `${error.message} ${error.fix}`);
  }

  private handlerFailed(application: ChainedApplication, method: string, error: unknown): void {
    this.parts.pluginFault(application.plugin ?? application.name, method, error, { application: application.name });
  }

  private disabled(application: ChainedApplication): void {
    const error = ServerErrors.HOST_APPLICATION_DISABLED({ name: application.name });
    this.parts.log.error({ code: error.code, plugin: application.plugin, application: application.name }, `${error.message} ${error.fix}`);
  }
  private undecided({ name, plugin = name }: ChainedApplication, method: string, request: SipRequest): void {
    const seconds = PATIENCE_MS / 1000;
    const error = ServerErrors.HOST_HANDLER_UNDECIDED({ plugin, method, request: request.method, seconds });
    this.parts.log.warn({ code: error.code, plugin, application: name, callId: request.callId }, `${error.message} ${error.fix}`);
  }
}
