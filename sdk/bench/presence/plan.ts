/** What the benchmark tells the load process of presence, and what it hears. Types and constants alone. */

/** What the load process is started with, as JSON. */
export interface PeerPlan {
  readonly port: number;
  /** TCP connections, which the users share. */
  readonly connections: number;
}

/** One line on its standard input. */
export type Command =
  /** Users sign in, so many at once. */
  | { readonly do: 'register'; readonly first: number; readonly count: number }
  /** Each subscribes once to `contacts` users from number `contact` on: as a list, or to the one that it names. */
  | { readonly do: 'watch'; readonly first: number; readonly count: number; readonly contact: number; readonly contacts: number }
  /** Users publish another state again and again, `atOnce` of them at any time, each waiting for its answer. */
  | { readonly do: 'publish'; readonly first: number; readonly count: number; readonly atOnce: number; readonly seconds: number }
  /** From now on users publish another state in turn, so many times a second in all; 0: no more. */
  | { readonly do: 'change'; readonly first: number; readonly count: number; readonly perSecond: number }
  /** Only counts what comes. */
  | { readonly do: 'count'; readonly seconds: number };

/** One line on its standard output for each command. */
export interface PeerReport {
  /** Requests that were answered with 200. */
  readonly completed: number;
  readonly failed: number;
  /** The first failure, for people. */
  readonly reason: string;
  readonly seconds: number;
  /** Milliseconds from a request to its answer. */
  readonly p50: number;
  readonly p99: number;
  /** Notifications that came meanwhile, on all connections. */
  readonly notifications: number;
  readonly notificationBytes: number;
  /** Part of its core that the load process used. */
  readonly load: number;
}
