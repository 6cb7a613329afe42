/** A bus that a test can follow step by step. */
import { BusErrors } from '@parley/core';
import type { Bus, RequestSubject, Subject, Unsubscribe } from '@parley/core';

/** What was told on the bus. */
export interface Published {
  /** Name of the subject. */
  readonly subject: string;
  readonly message: unknown;
}

/** Tells and asks within the call, where a server's bus does so after it, and keeps what was told. What a listener throws reaches the test. */
export class TestBus implements Bus {
  /** In the order of telling. */
  readonly published: Published[] = [];
  private readonly listeners = new Map<string, Set<(message: never) => unknown>>();
  private readonly answerers = new Map<string, (message: never) => unknown>();
  private underWay: unknown[] = [];

  publish<M>({ name }: Subject<M>, message: M): void {
    this.published.push({ subject: name, message });
    // Who subscribes meanwhile is not told of this one.
    const told = [...(this.listeners.get(name) ?? [])];
    for (const listener of told) {
      const done = listener(message as never);
      // Nobody may be waiting yet: `idle` is told of a failure all the same.
      if (done instanceof Promise) done.catch(() => undefined);
      this.underWay.push(done);
    }
  }

  subscribe<M>({ name }: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe {
    const added = (message: M): void | Promise<void> => listener(message);
    const known = this.listeners.get(name) ?? new Set();
    this.listeners.set(name, known.add(added));
    return () => void known.delete(added);
  }

  async request<Q, R>({ name }: RequestSubject<Q, R>, message: Q): Promise<R> {
    const answerer = this.answerers.get(name);
    if (answerer === undefined) throw BusErrors.BUS_NOBODY_ANSWERS({ subject: name });
    return (await answerer(message as never)) as R;
  }

  answer<Q, R>({ name }: RequestSubject<Q, R>, answerer: (message: Q) => R | Promise<R>): Unsubscribe {
    if (this.answerers.has(name)) throw BusErrors.BUS_ANSWERED_TWICE({ subject: name });
    this.answerers.set(name, answerer);
    return () => void this.answerers.delete(name);
  }

  /** Messages that were told on this subject. */
  of<M>({ name }: Subject<M>): M[] {
    return this.published.filter(({ subject }) => subject === name).map(({ message }) => message as M);
  }

  /** Resolves when the listeners that were told are done; rejects with what one of them threw. */
  async idle(): Promise<void> {
    while (this.underWay.length > 0) await Promise.all(this.underWay.splice(0));
  }

  close(): Promise<void> {
    this.listeners.clear();
    this.answerers.clear();
    return Promise.resolve();
  }
}

/** A bus without anybody on it. */
export function testBus(): TestBus {
  return new TestBus();
}
