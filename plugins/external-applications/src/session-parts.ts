/** What a session has around it: the way to its process, and what the configuration says of its application. */
import type { Clock, Log } from '@parley/sdk';
import type { ServerFrame } from '@parley/sdk/application';
import type { ApplicationConfig } from './config.ts';
import type { Outside } from './own-requests.ts';

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
  /** What it may send of its own; undefined: nothing. */
  readonly requests: ApplicationConfig['requests'];
  /** Dialogs that are remembered for that. */
  readonly dialogs: number;
  readonly outside: Outside;
  /** Bytes in `backlog` from which the application counts as overloaded. */
  readonly backlogBytes: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Figures for `parley plugin info` and metrics. */
export interface SessionFigures {
  requests: number;
  responses: number;
  notifications: number;
  timedOut: number;
  faults: number;
}
