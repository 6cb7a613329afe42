/** An application in the chain: what scripts dispatch to it, and what it decides. */
import { RequestContext, encodeText } from '@parley/sdk';
import type { Clock, ForkTarget, HandlerMethods, Log, ResponseEvent, Timer } from '@parley/sdk';
import type { ServerFrame, WireValue } from '@parley/sdk/application';
import type { Changes, EventFrame } from './application-frames.ts';
import { ExternalErrors as E } from './errors.ts';
import { applyChanges, headerOf, requestUri, wireRequest, wireResponse } from './wire-message.ts';

/** The way to the application's process. */
export interface Link {
  readonly open: boolean;
  /** Bytes that wait because the process does not read. */
  readonly backlog: number;
  send(frame: ServerFrame): void;
}

/** What a session has to know of its application. */
export interface SessionParts {
  readonly name: string;
  readonly appUri: string;
  readonly patienceMs: number;
  /** What becomes of a request that the application does not decide: true sends it on. */
  readonly proxyByDefault: boolean;
  readonly openTransactions: number;
  /** Bytes in `backlog` from which the application counts as overloaded. */
  readonly backlogBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

interface OpenRequest {
  readonly tx: RequestContext;
  timer: Timer | undefined;
}

interface HeldResponse {
  readonly event: ResponseEvent;
  readonly release: (passes: boolean) => void;
  readonly timer: Timer;
}

/** Figures for `parley plugins info` and metrics. */
export interface SessionFigures {
  requests: number;
  responses: number;
  notifications: number;
  timedOut: number;
  faults: number;
}

export class Session {
  readonly figures: SessionFigures = { requests: 0, responses: 0, notifications: 0, timedOut: 0, faults: 0 };
  private readonly requests = new Map<number, OpenRequest>();
  private readonly held = new Map<number, HeldResponse>();
  /** Numbers of transactions by what is the same for all their events. */
  private readonly numbers = new WeakMap<object, number>();
  private lastNumber = 0;
  private lastEvent = 0;
  private ended = false;

  constructor(
    private readonly link: Link,
    private readonly parts: SessionParts,
  ) {}

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

  /** The process has decided something. Throws EXTERNAL_LATE and EXTERNAL_CHANGE, which cost it nothing but this. */
  decide(frame: Exclude<EventFrame, { type: 'pong' }>): void {
    switch (frame.type) {
      case 'pass':
      case 'drop':
        return this.decideResponse(frame);
      case 'respond':
        return this.respond(frame);
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
    for (const event of this.held.keys()) this.letGo(event, true);
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
    transaction.onTerminated = () => this.link.send({ type: 'ended', transaction: number, status: transaction.finalSent });
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
    open.tx.respond(status, headers, options);
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
    const onResponse = watch === true ? (event: ResponseEvent): void => this.show(transaction, undefined, event) : undefined;
    this.edit(tx, changes, stamp);
    if (uri === undefined) tx.proxy(onResponse);
    else tx.fork([{ uri, onResponse }]);
  }

  private fork(tx: RequestContext, { transaction, targets, changes, stamp }: Extract<EventFrame, { type: 'fork' }>): void {
    if (tx.fixedRoute) throw E.EXTERNAL_CHANGE({ problem: 'the request follows a route set and cannot be forked' });
    const forks = targets.map(({ branch, uri, q, timeoutMs, watch }): ForkTarget => {
      const onResponse = watch === true ? (event: ResponseEvent): void => this.show(transaction, branch, event) : undefined;
      return { uri: requestUri(uri), q, timeoutMs, onResponse };
    });
    this.edit(tx, changes, stamp);
    tx.fork(forks);
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
    this.lastEvent++;
    const number = this.lastEvent;
    const { clock, patienceMs } = this.parts;
    const timer = clock.timers.start(patienceMs, () => {
      this.figures.timedOut++;
      this.letGo(number, true);
    });
    this.held.set(number, { event, release: event.hold(), timer });
    this.link.send({
      type: 'response',
      event: number,
      transaction,
      ...(branch === undefined ? {} : { branch }),
      ...(call === undefined ? {} : { call }),
      message: wireResponse(event.response, event.marshalContent),
    });
  }

  private decideResponse(frame: Extract<EventFrame, { type: 'pass' | 'drop' }>): void {
    const held = this.held.get(frame.event);
    if (held === undefined) throw E.EXTERNAL_LATE({ what: 'response', id: frame.event });
    if (frame.type === 'pass' && frame.changes !== undefined) applyChanges(held.event.response, frame.changes);
    this.letGo(frame.event, frame.type === 'pass');
  }

  private letGo(number: number, passes: boolean): void {
    const held = this.held.get(number);
    if (held === undefined) return;
    this.held.delete(number);
    this.parts.clock.timers.cancel(held.timer);
    held.release(passes);
  }
}
