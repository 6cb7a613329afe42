/** A client of the server, or another server, that a test speaks through. */
import { createHash } from 'node:crypto';
import { newCallId, newTag } from '@parley/core';
import type { Flow, ParleyError, ServerTransaction, SipMessage, SipRequest, SipResponse, TransportName } from '@parley/core';
import { instanceOfEpid } from '../../endpoint/index.ts';
import type { WireMessage } from '../conversation.ts';
import type { Duration } from '../duration.ts';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { Timeline } from '../timeline.ts';
import { Call, Subscription } from './call.ts';
import { makeRequest } from './dialog.ts';
import type { Parts, TestDialog } from './dialog.ts';
import type { EndpointOptions, EndpointPlace, RequestParts } from './endpoint-options.ts';
import { Expectations } from './expectations.ts';
import { Inbox } from './inbox.ts';
import { literalBytes } from './literal.ts';
import { isStatus } from './match.ts';
import type { Match, Status } from './match.ts';
import type { ExpectedRequest, Party } from './party.ts';
import { OFFER, Received } from './received.ts';
import { Repetitions } from './repetition.ts';
import { Sent } from './sent.ts';
import { Station } from './station.ts';

const CONTACT_LATER = '<sip:placeholder.invalid>';
/** How long signing in may take on a network that loses things. */
const REGISTER_MS = 32_000;

/** One endpoint: it registers, calls, is called. */
export class Endpoint implements Party {
  readonly station: Station;
  readonly signIn: SignIn | undefined;
  readonly repetitions: Repetitions;
  /** Of its options; one is made up for endpoints that sign. */
  readonly epid: string | undefined;
  private readonly inbox = new Inbox();
  private readonly expectations: Expectations;
  private readonly user: string;
  private readonly instance: string | undefined;
  private registration: { readonly callId: string; readonly tag: string; sequence: number; last: Sent | undefined } | undefined = undefined;

  /** @internal made by TestServer */
  constructor(
    /** What the ladder calls it. */
    readonly name: string,
    private readonly place: EndpointPlace,
    private readonly options: EndpointOptions = {},
  ) {
    this.user = options.user ?? name;
    this.expectations = new Expectations(name, place, this.inbox);
    this.signIn = place.signIn;
    // An association is of an endpoint, which has to have a name of its own.
    this.epid = options.epid ?? (this.signIn?.finish === undefined ? undefined : epidOf(name));
    this.instance = options.instance ?? (this.epid === undefined ? undefined : instanceOfEpid(this.epid));
    const { timeline, network, host, transport, server, listens } = place;
    this.repetitions = new Repetitions(timeline.world.timers);
    this.station = new Station(
      { network: network.machine(host), clock: timeline.world, host, transport, server, listens },
      {
        onRequest: (transaction) => this.arrived(transaction),
        onCancel: (cancel) => this.inbox.add(new Received(this, { request: cancel, transaction: undefined, dialog: undefined })),
        onAck: (ack) => this.acknowledged(ack),
        onStray: (response) => this.inbox.addStray(response),
        onMessage: (message, flow) => this.verify(message, flow),
        sign: (message, flow) => this.signIn?.finish?.(message, flow),
      },
    );
  }

  get timeline(): Timeline {
    return this.place.timeline;
  }

  get userAgent(): string | undefined {
    return this.options.userAgent;
  }

  /** `TLS`. */
  get transport(): TransportName {
    return this.place.transport;
  }

  /** `sip:alice@example.com`. */
  get uri(): string {
    return `sip:${this.aor}`;
  }

  /** `alice@example.com`. */
  get aor(): string {
    return this.user.includes('@') ? this.user : `${this.user}@${this.place.domain}`;
  }

  /** Where the server sees it: `192.0.2.11:49152`; before there is a connection, its address alone. */
  get address(): string {
    const seen = this.station.address;
    return seen === undefined ? this.place.host : `${seen.host}:${seen.port}`;
  }

  /** Its Contact value; before there is a connection, one that is replaced when it is sent. */
  get contact(): string {
    if (this.station.address === undefined) return CONTACT_LATER;
    const name = this.aor.slice(0, this.aor.indexOf('@'));
    const { transport } = this.place;
    const suffix = transport === 'UDP' ? '' : `;transport=${transport.toLowerCase()}`;
    const instance = this.instance === undefined ? '' : `;+sip.instance="<urn:uuid:${this.instance}>"`;
    return `<sip:${name}@${this.address}${suffix}>${instance}`;
  }

  /** Registers, and signs in when it is challenged. Throws TESTKIT_UNEXPECTED. @param parts `expires` in seconds */
  async register({ expires, ...parts }: Parts & { readonly expires?: number } = {}): Promise<this> {
    const headers = { ...(expires === undefined ? {} : { Expires: String(expires) }), ...parts.headers };
    await this.registering({ ...parts, headers }).expect(200, this.patience);
    return this;
  }

  /** Takes its registration back. Throws TESTKIT_UNEXPECTED. */
  async unregister(): Promise<void> {
    await this.registering({ headers: { Expires: '0' } }).expect(200, this.patience);
  }

  /** Sends a REGISTER, for tests that look at the answer. */
  registering(parts: Parts = {}): Sent {
    this.registration ??= { callId: newCallId(this.place.host), tag: newTag(), sequence: 0, last: undefined };
    const { registration } = this;
    // Each challenge took a number, too.
    const sequence = Math.max(registration.sequence, registration.last?.request.cseq.number ?? 0) + 1;
    registration.sequence = sequence + 1;
    const sent = new Sent(
      this,
      makeRequest(
        {
          method: 'REGISTER',
          uri: `sip:${this.place.domain}`,
          from: this.from(undefined, registration.tag),
          to: `<${this.uri}>`,
          callId: registration.callId,
          sequence,
          contact: this.contact,
          userAgent: this.userAgent,
        },
        parts,
      ),
    );
    registration.last = sent;
    return sent;
  }

  /** Sends a request outside of dialogs. @param to `bob`, `bob@example.org` or a URI */
  send(method: string, to: string, parts: RequestParts = {}): Sent {
    return new Sent(this, this.makeRequest(method, to, parts));
  }

  /** Sends a text. */
  message(to: string, text: string, parts: RequestParts = {}): Sent {
    return this.send('MESSAGE', to, { contentType: 'text/plain', ...parts, body: text });
  }

  /** Calls, with `OFFER` unless another body is given. */
  invite(to: string, parts: RequestParts = {}): Call {
    return new Call(this, this.makeRequest('INVITE', to, { body: OFFER, ...parts }));
  }

  /** Subscribes to an event package. */
  subscribe(to: string, event: string, parts: RequestParts & { readonly expires?: number } = {}): Subscription {
    const { expires = 3600, ...others } = parts;
    const headers = { Event: event, Expires: String(expires), ...others.headers };
    return new Subscription(this, this.makeRequest('SUBSCRIBE', to, { ...others, headers }));
  }

  /** Sends a text, or captured bytes, as it stands, with CRLF at line ends of the head and the right Content-Length. Answers come to `expect(status)`. */
  async write(message: string | Buffer): Promise<void> {
    const flow = await this.station.flow();
    flow.write(literalBytes(message));
  }

  /** The next request of that method, or the next response to something literal. Throws TESTKIT_UNEXPECTED. */
  expect(status: Status, match?: Match): Promise<SipResponse>;
  expect(method: string, match?: Match): ExpectedRequest;
  expect(what: number | string, match: Match = {}): Promise<SipResponse> | ExpectedRequest {
    return isStatus(what) ? this.expectations.response(what, match) : this.receive(what, match);
  }

  /**
   * The next message of any kind, as it came, for tests that look at bytes. It counts by itself: what `expect` has taken comes here, too.
   * Throws TESTKIT_UNEXPECTED.
   */
  next(within?: Duration): Promise<WireMessage> {
    return this.expectations.message(within);
  }

  /** Fails when a request (of that method) has come that nobody has looked at, or comes without time passing. Throws TESTKIT_NOT_QUIET. */
  expectNothing(method?: string): Promise<void> {
    return this.expectations.nothing(method);
  }

  /** The connection breaks, without a word. The next request opens another one. */
  disconnect(): void {
    this.station.disconnect();
  }

  /** @internal of Party */
  complete(request: SipRequest): void {
    if (request.first('Contact') === CONTACT_LATER) request.set('Contact', this.contact);
  }

  /** @internal of Party */
  keep(dialog: TestDialog): void {
    this.inbox.keep(dialog);
  }

  /** @internal of Party */
  receive(method: string, match: Match, dialog?: TestDialog): ExpectedRequest {
    const found = this.expectations.request(method, match, dialog);
    const answer = async (...parameters: Parameters<Received['answer']>): Promise<Received> => (await found).answer(...parameters);
    return Object.assign(found, { answer });
  }

  /** @internal of Party */
  unexpected(expected: string, heard: string): ParleyError {
    return this.place.unexpected(this.name, expected, heard);
  }

  /** @internal of Party */
  notQuiet(heard: string): ParleyError {
    return this.place.notQuiet(this.name, heard);
  }

  /** @internal lets go of everything it has open */
  async close(): Promise<void> {
    await this.station.close();
  }

  /** On a network that loses things it may take time. Handshakes take none, but turns of the event loop, and would time out. */
  private get patience(): Match {
    return this.signIn?.finish === undefined ? { within: REGISTER_MS } : {};
  }

  /** `bob` is `sip:bob@example.com`. */
  private expand(to: string): string {
    if (/^[a-z]+:/i.test(to)) return to;
    return to.includes('@') ? `sip:${to}` : `sip:${to}@${this.place.domain}`;
  }

  private from(given: string | undefined, tag: string): string {
    const { epid } = this;
    const value = `${given ?? `<${this.uri}>`};tag=${tag}`;
    return epid === undefined ? value : `${value};epid=${epid}`;
  }

  private makeRequest(method: string, to: string, { from, to: toHeader, callId, ...parts }: RequestParts): SipRequest {
    const uri = this.expand(to);
    const head = {
      method,
      uri,
      from: this.from(from, newTag()),
      to: toHeader ?? `<${uri}>`,
      callId: callId ?? newCallId(this.place.host),
      sequence: 1,
      // RFC 3428 section 4: a MESSAGE has no Contact.
      contact: method === 'MESSAGE' ? undefined : this.contact,
      userAgent: this.userAgent,
    };
    return makeRequest(head, parts);
  }

  private verify(message: SipMessage, flow: Flow): void {
    const why = this.signIn?.doubt?.(message, flow);
    if (why !== undefined) this.place.distrust(this.name, message, why);
  }

  private acknowledged(ack: SipRequest): void {
    this.repetitions.stop(ack);
    this.inbox.add(new Received(this, { request: ack, transaction: undefined, dialog: this.inbox.dialogOf(ack) }));
  }

  private arrived(transaction: ServerTransaction): void {
    const { request } = transaction;
    const dialog = this.inbox.dialogOf(request);
    const received = new Received(this, { request, transaction, dialog });
    this.inbox.add(received);
    if (dialog === undefined || this.options.answers === 'nothing') return;
    if (request.method === 'BYE' || request.method === 'NOTIFY') received.answerByItself(200);
  }
}

/** Twelve hexadecimal digits, as of a network card. */
function epidOf(name: string): string {
  return createHash('sha256').update(name).digest('hex').slice(0, 12);
}
