/** What the parts of an endpoint know of each other and of the world around them. */
import type { ParleyError, ServerTransaction, SipRequest } from '@parley/core';
import type { SignIn } from '../sign-in/sign-in.ts';
import type { Timeline } from '../timeline.ts';
import type { TestDialog } from './dialog.ts';
import type { Match } from './match.ts';
import type { Received } from './received.ts';
import type { Repetitions } from './repetition.ts';
import type { Station } from './station.ts';

/** An endpoint or peer as its calls and requests see it. */
export interface Party {
  readonly name: string;
  readonly station: Station;
  readonly timeline: Timeline;
  /** What it answers challenges with. */
  readonly signIn: SignIn | undefined;
  /** Its 2xx that wait for an ACK. */
  readonly repetitions: Repetitions;
  /** Our Contact value, once there is a flow. */
  readonly contact: string;
  readonly userAgent: string | undefined;
  /** Fills in what only a flow tells: the Contact of a request that has an empty one. */
  complete(request: SipRequest): void;
  /** Requests inside the dialog are answered as dialogs are, and found by `expect` of its call. */
  keep(dialog: TestDialog): void;
  /** The next request of that method that nobody has looked at. @param dialog of this dialog alone */
  receive(method: string, match: Match, dialog?: TestDialog): ExpectedRequest;
  /** The error of an expectation that was not met. */
  unexpected(expected: string, heard: string): ParleyError;
  /** The error of a silence that was broken. */
  notQuiet(heard: string): ParleyError;
}

/** A request that is expected; it can be answered before it has come. */
export type ExpectedRequest = Promise<Received> & Pick<AnswerLater, 'answer'>;

interface AnswerLater {
  /** Answers it when it has come. */
  answer(...parameters: Parameters<Received['answer']>): Promise<Received>;
}

/** A request that has come, and how it is answered; an ACK or BENOTIFY has no transaction. */
export interface Arrival {
  readonly request: SipRequest;
  readonly transaction: ServerTransaction | undefined;
  /** The dialog that it is of, when we know that. */
  readonly dialog: TestDialog | undefined;
}
