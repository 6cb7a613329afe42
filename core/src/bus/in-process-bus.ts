/** The bus of a server that is one process. */
import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../clock/index.ts';
import type { Bus, RequestOptions, RequestSubject, Subject, Unsubscribe } from './bus.ts';
import { BusErrors } from './errors.ts';

/** Where errors of subscribers go: the part of a log that the bus uses. */
export interface BusLog {
  error(fields: object, message: string): void;
}

type Listener = (message: unknown) => unknown;

interface Publication {
  readonly subject: string;
  readonly message: unknown;
}

interface Waiting {
  fail(error: Error): void;
}

const REQUEST_MS = 5_000;

/**
 * Delivers after the publisher has returned, in the order of publishing, as a broker would: no subscriber runs inside the
 * publisher's call, or inside its transaction.
 */
export class InProcessBus implements Bus {
  private readonly listeners = new Map<string, readonly Listener[]>();
  private readonly answerers = new Map<string, Listener>();
  private readonly waiting = new Set<Waiting>();
  private pending: Publication[] = [];
  private closed = false;
  /** Subscribers belong to no request, so they run in the context that the bus was made in. */
  private readonly context = new AsyncResource('ParleyBus');

  constructor(
    private readonly clock: Clock,
    private readonly log: BusLog,
  ) {}

  publish<M>(subject: Subject<M>, message: M): void {
    if (this.closed || !this.listeners.has(subject.name)) return;
    this.pending.push({ subject: subject.name, message });
    if (this.pending.length === 1) queueMicrotask(() => this.context.runInAsyncScope(() => this.deliver()));
  }

  subscribe<M>(subject: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe {
    const added: Listener = (message) => listener(message as M);
    this.listeners.set(subject.name, [...(this.listeners.get(subject.name) ?? []), added]);
    return () => {
      const left = (this.listeners.get(subject.name) ?? []).filter((other) => other !== added);
      if (left.length > 0) this.listeners.set(subject.name, left);
      else this.listeners.delete(subject.name);
    };
  }

  request<Q, R>(subject: RequestSubject<Q, R>, message: Q, options: RequestOptions = {}): Promise<R> {
    if (this.closed) return Promise.reject(BusErrors.BUS_CLOSED());
    const answerer = this.answerers.get(subject.name);
    if (answerer === undefined) return Promise.reject(BusErrors.BUS_NOBODY_ANSWERS({ subject: subject.name }));
    const ms = options.timeoutMs ?? REQUEST_MS;
    return new Promise<R>((resolve, reject) => {
      const timer = this.clock.timers.start(ms, () => waiting.fail(BusErrors.BUS_TIMEOUT({ subject: subject.name, ms })));
      const waiting: Waiting = {
        fail: (error) => {
          this.settle(waiting, timer);
          reject(error);
        },
      };
      this.waiting.add(waiting);
      const answer = this.context.runInAsyncScope(() => Promise.resolve(message).then(answerer));
      answer.then(
        (reply) => {
          this.settle(waiting, timer);
          resolve(reply as R);
        },
        (error: unknown) => {
          this.settle(waiting, timer);
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  answer<Q, R>(subject: RequestSubject<Q, R>, answerer: (message: Q) => R | Promise<R>): Unsubscribe {
    if (this.answerers.has(subject.name)) throw BusErrors.BUS_ANSWERED_TWICE({ subject: subject.name });
    const added: Listener = (message) => answerer(message as Q);
    this.answerers.set(subject.name, added);
    return () => {
      if (this.answerers.get(subject.name) === added) this.answerers.delete(subject.name);
    };
  }

  /** Ends every subscription and fails what waits for an answer. */
  close(): Promise<void> {
    this.closed = true;
    this.pending = [];
    this.listeners.clear();
    this.answerers.clear();
    for (const waiting of this.waiting) waiting.fail(BusErrors.BUS_CLOSED());
    return Promise.resolve();
  }

  private settle(waiting: Waiting, timer: Parameters<Clock['timers']['cancel']>[0]): void {
    this.waiting.delete(waiting);
    this.clock.timers.cancel(timer);
  }

  private deliver(): void {
    // What is published meanwhile belongs to the next round.
    const round = this.pending;
    this.pending = [];
    for (const { subject, message } of round) {
      for (const listener of this.listeners.get(subject) ?? []) this.call(listener, subject, message);
    }
  }

  private call(listener: Listener, subject: string, message: unknown): void {
    try {
      const done = listener(message);
      if (done instanceof Promise) done.catch((err: unknown) => this.report(subject, err));
    } catch (err) {
      this.report(subject, err);
    }
  }

  private report(subject: string, err: unknown): void {
    this.log.error({ err, subject }, 'a subscriber failed on a message of the bus');
  }
}
