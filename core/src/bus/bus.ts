/** Publish and subscribe, ask and answer, between the rooms and nodes of a server. In-process here; a broker can implement the same interface. */

/** A typed subject. The name alone identifies it on the wire: dotted lower-case words, `registrar.bound`. */
export interface Subject<Message> {
  readonly name: string;
  /** Never set: it only carries the type. */
  readonly message?: Message;
}

/** A subject that is asked on, with the type of its answer. */
export interface RequestSubject<Request, Reply> extends Subject<Request> {
  /** Never set: it only carries the type. */
  readonly reply?: Reply;
}

/** Ends a subscription; calling it again does nothing. */
export type Unsubscribe = () => void;

/** How a question on the bus is asked. */
export interface RequestOptions {
  /** Milliseconds to wait for the answer; 5,000 when absent. */
  readonly timeoutMs?: number;
}

/** Messages must survive JSON: a broker carries them between processes. Subscribers must not change them. */
export interface Bus {
  /** Tells every subscriber. What one of them throws is logged and reaches neither the publisher nor the others. */
  publish<M>(subject: Subject<M>, message: M): void;
  subscribe<M>(subject: Subject<M>, listener: (message: M) => void | Promise<void>): Unsubscribe;
  /**
   * Asks the one who answers on this subject.
   * Throws BUS_NOBODY_ANSWERS, BUS_TIMEOUT, or the answerer's own error.
   */
  request<Q, R>(subject: RequestSubject<Q, R>, message: Q, options?: RequestOptions): Promise<R>;
  /** Answers on a subject. Throws BUS_ANSWERED_TWICE when somebody in this process does so already. */
  answer<Q, R>(subject: RequestSubject<Q, R>, answerer: (message: Q) => R | Promise<R>): Unsubscribe;
}

const SUBJECT_NAME = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)*$/;

/** Declares a subject to publish on. */
export function subject<M>(name: string): Subject<M> {
  return requestSubject<M, never>(name);
}

/** Declares a subject to ask on. */
export function requestSubject<Q, R>(name: string): RequestSubject<Q, R> {
  if (!SUBJECT_NAME.test(name)) throw new TypeError(`subject "${name}" must be lower-case words with dots between`);
  return Object.freeze({ name });
}
