/** A user agent on the in-memory network: transactions and dialogs, with what it sends and hears written down. */
import { DialogLayer } from '../../src/dialog/index.ts';
import type {
  DialogOptions,
  EndReason,
  IncomingInvite,
  IncomingRequest,
  InviteUser,
  Session,
  SessionUser,
} from '../../src/dialog/index.ts';
import type { Content } from '../../src/dialog/index.ts';
import { SipResponse } from '../../src/sip/index.ts';
import type { SipMessage, SipRequest } from '../../src/sip/index.ts';
import type { ServerTransaction } from '../../src/transaction/index.ts';
import type { Flow, Inbound } from '../../src/transport/index.ts';
import { serializing } from './lossy-network.ts';
import type { LossyNetwork, NetworkFlow } from './lossy-network.ts';
import { message } from './sip-text.ts';
import { Station } from './station.ts';

/** Session descriptions are text that nobody reads here. */
export const OFFER: Content = { body: 'v=0 offer', contentType: 'application/sdp' };
export const ANSWER: Content = { body: 'v=0 answer', contentType: 'application/sdp' };

export class UserAgent {
  readonly station: Station;
  readonly dialogs: DialogLayer;
  /** Requests that belong to no dialog, for the test to answer. */
  readonly requests: ServerTransaction[] = [];
  /** Where its requests go; set by `meet`. */
  flow: Flow | undefined = undefined;
  /** Asked for each request of a dialog, when set. */
  route: ((last: Flow | undefined) => Flow | Promise<Flow>) | undefined = undefined;

  constructor(
    readonly network: LossyNetwork,
    readonly name: string,
    readonly host: string,
    options: Partial<DialogOptions> = {},
  ) {
    this.station = new Station(network, host);
    const transport = {
      viaFor: (flow: Flow, branch: string) => `SIP/2.0/${flow.transport} ${flow.local.host}:${flow.local.port};branch=${branch}`,
      send: (one: SipMessage, flow: Flow) => flow.write(serializing.encode(one)),
    };
    const nextHop = (_next: unknown, last: Flow | undefined): Flow | Promise<Flow> => {
      const flow = this.route === undefined ? this.flow : this.route(last);
      if (flow === undefined) throw new Error('nowhere to go');
      return flow;
    };
    this.dialogs = new DialogLayer(this.station.layer, transport, network.clock, nextHop, options, () => 0.5);
    this.dialogs.onUserError = (error) => this.station.errors.push(error);
    this.station.layer.onRequest = (transaction) => this.receive(transaction);
    this.station.layer.onAck = (ack) => this.acknowledge(ack);
  }

  get uri(): string {
    return `sip:${this.name}@example.com`;
  }

  get contact(): string {
    return `<sip:${this.name}@${this.host}>`;
  }

  /** ACKs that no dialog took. */
  get strayAcks(): readonly SipRequest[] {
    return this.station.acks.map(({ ack }) => ack);
  }

  /** The first request that has come, to be answered. */
  get request(): ServerTransaction {
    const [first] = this.requests;
    if (first === undefined) throw new Error(`nothing has come to ${this.name}`);
    return first;
  }

  call(other: UserAgent, user: InviteUser, content: Content = OFFER, sessionUser: SessionUser = {}) {
    return this.dialogs.invite({ uri: other.uri, from: `<${this.uri}>`, contact: this.contact, ...content }, user, sessionUser);
  }

  answer(user: SessionUser = {}): IncomingInvite {
    return this.dialogs.answer(this.request, this.contact, user);
  }

  /** First lines of what it sent: `INVITE`, `200 INVITE`. */
  get log(): string[] {
    return this.sentMessages.map((one) => {
      const { method } = one.cseq;
      return one instanceof SipResponse ? `${one.status} ${method}` : method;
    });
  }

  /** What it sent, lost or not. */
  get sentMessages(): (SipRequest | SipResponse)[] {
    return this.network.sent.filter(({ from }) => from === this.station.endpoint.name).map(({ text }) => message(...text.split('\r\n')));
  }

  /** The last request of that method that it sent. */
  lastRequest(method: string): SipRequest {
    const found = this.sentMessages.findLast((one): one is SipRequest => !(one instanceof SipResponse) && one.method === method);
    if (found === undefined) throw new Error(`${this.name} has sent no ${method}`);
    return found;
  }

  private receive(transaction: ServerTransaction): void {
    if (this.dialogs.receive(transaction)) return;
    this.requests.push(transaction);
    if (transaction.request.to.tag !== undefined) transaction.respond(SipResponse.reply(transaction.request, 481));
  }

  private acknowledge(ack: Inbound<SipRequest>): void {
    if (!this.dialogs.receiveAck(ack)) this.station.acks.push({ ack: ack.message, of: undefined });
  }
}

/** Each of the two sends to the other. */
export function meet(one: UserAgent, other: UserAgent, transport: 'UDP' | 'TCP' = 'TCP'): NetworkFlow {
  const flow = one.station.endpoint.flowTo(other.station.endpoint, transport);
  one.flow = flow;
  other.flow = flow.opposite;
  return flow;
}

/** A caller that writes down what becomes of its INVITE. */
export class RecordingCaller implements InviteUser {
  readonly heard: string[] = [];
  readonly sessions: Session[] = [];
  takesForks = false;
  /** What goes onto the ACK, and onto PRACKs. */
  answer: Content | undefined = undefined;

  onProgress(response: SipResponse, session: Session): Content | undefined {
    this.heard.push(String(response.status));
    if (!this.sessions.includes(session)) this.sessions.push(session);
    return this.answer;
  }

  onAnswer(response: SipResponse, session: Session): Content | undefined {
    this.heard.push(String(response.status));
    if (!this.sessions.includes(session)) this.sessions.push(session);
    return this.answer;
  }

  onRefused(response: SipResponse): void {
    this.heard.push(`refused ${response.status}`);
  }

  get session(): Session {
    const [first] = this.sessions;
    if (first === undefined) throw new Error('nobody has answered');
    return first;
  }
}

/** The user of a session that writes down what it hears, and keeps what is to be answered. */
export class RecordingSession implements SessionUser {
  readonly heard: string[] = [];
  readonly invites: IncomingInvite[] = [];
  readonly requests: IncomingRequest[] = [];
  readonly acks: SipRequest[] = [];
  readonly ends: EndReason[] = [];

  onInvite(invite: IncomingInvite): void {
    this.heard.push('INVITE');
    this.invites.push(invite);
  }

  onUpdate(update: IncomingRequest): void {
    this.heard.push('UPDATE');
    this.requests.push(update);
  }

  onRequest(request: IncomingRequest): void {
    this.heard.push(request.request.method);
    this.requests.push(request);
  }

  onAck(ack: SipRequest): void {
    this.heard.push('ACK');
    this.acks.push(ack);
  }

  onEnded(reason: EndReason): void {
    this.heard.push(`ended: ${reason}`);
    this.ends.push(reason);
  }
}
