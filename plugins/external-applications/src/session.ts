/** An application in the chain: what scripts dispatch to it, and what it decides. */
import { RequestContext, encodeText, newTag } from '@parley/sdk';
import type { ForkTarget, HandlerMethods, ResponseEvent, Timer } from '@parley/sdk';
import type { WireValue } from '@parley/sdk/application';
import type { Changes, EventFrame } from './application-frames.ts';
import { ExternalErrors as E } from './errors.ts';
import { HeldResponses } from './held-responses.ts';
import { OwnRequests } from './own-requests.ts';
import { SeenDialogs } from './seen-dialogs.ts';
import type { Beginning } from './seen-dialogs.ts';
import type { Link, SessionFigures, SessionParts } from './session-parts.ts';
import { applyChanges, headerOf, requestUri, wireRequest, wireResponse } from './wire-message.ts';

interface OpenRequest {
  readonly tx: RequestContext;
  timer: Timer | undefined;
}

export class Session {
  readonly figures: SessionFigures = { requests: 0, responses: 0, notifications: 0, timedOut: 0, faults: 0 };
  /** What it sends itself. */
  readonly own: OwnRequests;
  private readonly seen: SeenDialogs;
  private readonly requests = new Map<number, OpenRequest>();
  private readonly held: HeldResponses;
  /** Numbers of transactions by what is the same for all their events. */
  private readonly numbers = new WeakMap<object, number>();
  private lastNumber = 0;
  private ended = false;

  constructor(
    private readonly link: Link,
    private readonly parts: SessionParts,
  ) {
    const { name, requests, outside, clock, patienceMs } = parts;
    this.held = new HeldResponses(clock, patienceMs, () => this.figures.timedOut++);
    this.seen = new SeenDialogs(parts.dialogs);
    this.own = new OwnRequests(name, requests, link, this.seen, outside, clock);
  }

  /** Messages pass an application by whose process is gone. */
  get available(): boolean {
    return !this.ended && this.link.open;
  }

  /** It has so much to do already that Dispatch is to give false. */
  get busy(): boolean {
    return this.open >= this.parts.openTransactions || this.link.backlog > this.parts.backlogBytes;
  }

  /** Requests and responses that wait for the application. */
  get open(): number {
    return this.requests.size + this.held.size;
  }

  /** What its script may dispatch to. */
  methods(calls: readonly string[]): HandlerMethods {
    return new Map(
      calls.map((call) => [
        call,
        (event: RequestContext | ResponseEvent): void => {
          if (event.notification) this.notify(call, event.parameters);
          else if (event instanceof RequestContext) this.request(call, event);
          else this.response(event, call);
        },
      ]),
    );
  }

  /** The process has decided something, or sends something. What this throws costs it nothing but this. */
  decide(frame: Exclude<EventFrame, { type: 'pong' }>): void {
    switch (frame.type) {
      case 'pass':
      case 'drop':
        return this.held.decide(frame);
      case 'respond':
        return this.respond(frame);
      case 'send':
        return this.own.send(frame);
      default: {
        const open = this.requestOf(frame.transaction);
        if (frame.type === 'fail') open.tx.respond(500);
        else if (frame.type === 'proxy') this.proxy(open.tx, frame);
        else this.fork(open.tx, frame);
        this.settle(frame.transaction, open);
      }
    }
  }

  /** The process is gone: what waits for it is done without it. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    const { log, name } = this.parts;
    if (this.open > 0) log.warn({ application: name, open: this.open }, 'an application has gone; what waited for it is done without it');
    for (const [number, open] of this.requests) this.without(number, open);
    this.held.end();
    this.own.end();
  }

  private notify(call: string, parameters: readonly WireValue[]): void {
    this.figures.notifications++;
    this.link.send({ type: 'notification', call, parameters });
  }

  private request(call: string, tx: RequestContext): void {
    const { appUri, patienceMs, clock } = this.parts;
    if (!this.available) return this.bypass(tx);
    this.figures.requests++;
    const number = this.numberOf(tx.key);
    const open: OpenRequest = { tx, timer: undefined };
    this.requests.set(number, open);
    open.timer = clock.timers.start(patienceMs, () => this.tooLate(number, open));
    this.link.send({
      type: 'request',
      transaction: number,
      call,
      parameters: tx.parameters,
      message: wireRequest(tx.request, tx.marshalContent),
      ...(tx.identity === undefined ? {} : { sender: tx.identity.aor }),
      routed: tx.routed,
      fixedRoute: tx.fixedRoute,
      stamps: tx.stamps(appUri),
      patience: patienceMs,
    });
    this.followEnd(number, tx);
  }

  /** Tells of a CANCEL and of the end; a request without a transaction (ACK) ends when it is decided. */
  private followEnd(number: number, tx: RequestContext): void {
    const { transaction } = tx;
    if (transaction === undefined) return;
    tx.onCancelled(() => {
      this.link.send({ type: 'cancelled', transaction: number });
      const open = this.requests.get(number);
      if (open === undefined) return;
      this.forget(number, open);
      open.tx.respond(487);
    });
    transaction.onSettled(() => this.link.send({ type: 'ended', transaction: number, status: transaction.finalSent }));
  }

  private numberOf(key: object): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.lastNumber++;
    this.numbers.set(key, this.lastNumber);
    return this.lastNumber;
  }

  private tooLate(number: number, open: OpenRequest): void {
    this.figures.timedOut++;
    this.parts.log.warn(
      { application: this.parts.name, callId: open.tx.request.callId },
      'an application has not decided about a request in time',
    );
    this.link.send({ type: 'timedOut', transaction: number });
    this.without(number, open);
  }

  private without(number: number, open: OpenRequest): void {
    this.forget(number, open);
    this.bypass(open.tx);
    if (open.tx.transaction === undefined) this.link.send({ type: 'ended', transaction: number, status: 0 });
  }

  /** What the manifest says of requests that nobody has handled. */
  private bypass(tx: RequestContext): void {
    if (this.parts.proxyByDefault) tx.proxy();
    else tx.respond(503, { 'Retry-After': '10' });
  }

  private requestOf(number: number): OpenRequest {
    const open = this.requests.get(number);
    if (open === undefined) throw E.EXTERNAL_LATE({ what: 'transaction', id: number });
    return open;
  }

  private forget(number: number, open: OpenRequest): void {
    this.parts.clock.timers.cancel(open.timer);
    this.requests.delete(number);
  }

  private settle(number: number, open: OpenRequest): void {
    this.forget(number, open);
    if (open.tx.transaction === undefined) this.link.send({ type: 'ended', transaction: number, status: 0 });
  }

  private respond(frame: Extract<EventFrame, { type: 'respond' }>): void {
    const { transaction, status, reason, body, contentType } = frame;
    const open = this.requestOf(transaction);
    const headers: Record<string, string[]> = {};
    for (const [name, value] of (frame.headers ?? []).map(headerOf)) (headers[name] ??= []).push(value);
    const options = {
      ...(reason === undefined ? {} : { reason: encodeText(reason.replaceAll(/[\r\n\0]/g, ' ')) }),
      ...(body === undefined ? {} : { body: Buffer.from(body, 'base64') }),
      ...(contentType === undefined ? {} : { contentType }),
    };
    const begun = status >= 200 && status < 300 ? this.beginHere(transaction, open.tx, headers) : {};
    open.tx.respond(status, headers, { ...options, ...begun });
    if (status >= 200) {
      this.settle(transaction, open);
      return;
    }
    // It works on it: it gets as much time again.
    this.parts.clock.timers.cancel(open.timer);
    open.timer = this.parts.clock.timers.start(this.parts.patienceMs, () => this.tooLate(transaction, open));
  }

  private proxy(tx: RequestContext, { transaction, changes, stamp, watch }: Extract<EventFrame, { type: 'proxy' }>): void {
    const uri = changes?.uri === undefined ? undefined : requestUri(changes.uri);
    const onResponse = this.onResponse(tx, transaction, undefined, watch);
    this.edit(tx, changes, stamp);
    if (uri === undefined) tx.proxy(onResponse);
    else tx.fork([{ uri, onResponse }]);
  }

  private fork(tx: RequestContext, { transaction, targets, changes, stamp }: Extract<EventFrame, { type: 'fork' }>): void {
    if (tx.fixedRoute) throw E.EXTERNAL_CHANGE({ problem: 'the request follows a route set and cannot be forked' });
    const forks = targets.map(({ branch, uri, q, timeoutMs, watch }): ForkTarget => {
      const onResponse = this.onResponse(tx, transaction, branch, watch);
      return { uri: requestUri(uri), q, timeoutMs, onResponse };
    });
    this.edit(tx, changes, stamp);
    tx.fork(forks);
  }

  /** Looks at the answers for a dialog that begins, and shows them to the application where it wants to see them. */
  private onResponse(
    tx: RequestContext,
    transaction: number,
    branch: number | undefined,
    watch = false,
  ): ((event: ResponseEvent) => void) | undefined {
    const beginning = this.beginningOf(transaction, tx);
    if (beginning === undefined && !watch) return undefined;
    return (event) => {
      beginning?.answered(event.response, event.request);
      if (watch) this.show(transaction, branch, event);
    };
  }

  /** Of the dialog that the request may begin, as long as the application may send something inside it. */
  private beginningOf(transaction: number, tx: RequestContext): Beginning | undefined {
    return this.parts.requests === undefined || tx.transaction === undefined ? undefined : this.seen.begin(transaction, tx);
  }

  /** The application accepts a dialog itself: its answer needs a Contact and a tag that is known here. */
  private beginHere(transaction: number, tx: RequestContext, headers: Record<string, string[]>): { readonly toTag?: string } {
    const beginning = this.beginningOf(transaction, tx);
    if (beginning === undefined) return {};
    const own = Object.entries(headers).find(([name]) => /^(contact|m)$/i.test(name))?.[1][0];
    const contact = own ?? this.parts.outside.dialogs.contact(tx.flow);
    if (own === undefined) headers['Contact'] = [contact];
    const toTag = newTag();
    beginning.answeredHere(toTag, contact);
    return { toTag };
  }

  private edit(tx: RequestContext, changes: Changes | undefined, stamp: string | undefined): void {
    if (changes !== undefined) applyChanges(tx.request, changes);
    if (stamp !== undefined && !tx.stamp(this.parts.appUri, stamp))
      throw E.EXTERNAL_CHANGE({ problem: 'the request carries too many stamps' });
  }

  /** A response that the script has dispatched. */
  private response(event: ResponseEvent, call: string): void {
    this.show(this.numberOf(event.transaction ?? event.request), undefined, event, call);
  }

  /** Shows a response to the application, which holds it until it has decided. */
  private show(transaction: number, branch: number | undefined, event: ResponseEvent, call?: string): void {
    // Nobody is there, or there is too much to do: it goes on.
    if (!this.available || this.busy) return;
    this.figures.responses++;
    this.link.send({
      type: 'response',
      event: this.held.hold(event),
      transaction,
      ...(branch === undefined ? {} : { branch }),
      ...(call === undefined ? {} : { call }),
      message: wireResponse(event.response, event.marshalContent),
    });
  }
}
