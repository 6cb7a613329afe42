/** The bus as one of those on it sees it: what its subscribers throw is told as its own. */
import type { Bus, RequestOptions, RequestSubject, Subject, Unsubscribe } from './bus.ts';

/** Told of a subscriber that threw, or whose promise was rejected. */
export type SubscriberFailed = (subject: string, error: unknown) => void;

/** Passes everything on to the bus, and tells `failed` what its own subscribers throw. */
export class OwnedBus implements Bus {
  constructor(
    private readonly bus: Bus,
    private readonly failed: SubscriberFailed,
  ) {}

  publish<M>(subject: Subject<M>, message: M): void {
    this.bus.publish(subject, message);
  }

  subscribe<M>(subject: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe {
    const failed = (error: unknown): void => this.failed(subject.name, error);
    return this.bus.subscribe(subject, (message: M) => {
      try {
        const done = listener(message);
        if (done instanceof Promise) done.catch(failed);
      } catch (error) {
        failed(error);
      }
    });
  }

  request<Q, R>(subject: RequestSubject<Q, R>, message: Q, options?: RequestOptions): Promise<R> {
    return this.bus.request(subject, message, options);
  }

  answer<Q, R>(subject: RequestSubject<Q, R>, answerer: (message: Q) => R | Promise<R>): Unsubscribe {
    return this.bus.answer(subject, answerer);
  }
}
