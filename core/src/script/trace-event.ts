/** What a trace of the chain tells, one event after the other. Plain data: it goes to terminals and over sockets. */

/** Something about a message that is another than before. Texts are Unicode; secrets are masked. */
export interface MessageChange {
  /** `Request-URI`, `Status-Line`, a header's name, or `body`. */
  readonly what: string;
  /** Undefined: it was not there. */
  readonly before?: string;
  /** Undefined: it is there no more. */
  readonly after?: string;
}

/** What an expression was, and what it came to. */
export interface TracedValue {
  /** The expression as the script writes it. */
  readonly text: string;
  /** `"alice@example.com"`, `true`, `null`, `3`. */
  readonly value: string;
}

interface Traced {
  /** Which copy of the request: 1, and further numbers for the branches of a fork. */
  readonly leg: number;
}

/** A message begins its way through the chain. A response comes once for each time that one arrives. */
export interface MessageEvent extends Traced {
  readonly kind: 'message';
  /** `INVITE sip:bob@example.com SIP/2.0`, `SIP/2.0 200 OK`. */
  readonly startLine: string;
  readonly from: string;
  readonly to: string;
  readonly callId: string;
  /** `TLS 192.0.2.7:50123`; undefined for a message that the server itself made. */
  readonly source?: string;
  /** Who sent it, as far as that is verified. */
  readonly identity?: string;
  /** Only when asked for. */
  readonly body?: string;
}

/** An application that did not see the message. */
export interface SkippedEvent extends Traced {
  readonly kind: 'skipped';
  readonly application: string;
  /** Its place in the chain, from 1. */
  readonly order: number;
  readonly why: string;
}

/** One statement that ran. */
export interface LineEvent extends Traced {
  readonly kind: 'line';
  readonly application: string;
  readonly file: string;
  readonly line: number;
  readonly column: number;
  /** The line of the manifest, without the blanks around it. */
  readonly text: string;
  readonly values: readonly TracedValue[];
  /** What it decided: `Respond 403 Forbidden`, `Dispatch onRegister`, `Log: ...`. */
  readonly actions: readonly string[];
  readonly changes: readonly MessageChange[];
  /** Critical errors, and what ended the script. */
  readonly faults: readonly string[];
}

/** An application is done with the message. */
export interface OutcomeEvent extends Traced {
  readonly kind: 'outcome';
  readonly application: string;
  /** Its place in the chain, from 1. */
  readonly order: number;
  readonly handled: 'responded' | 'dispatched' | 'proxied' | 'none';
  /** Does the message go on? Undefined while a handler decides that. */
  readonly goesOn: boolean | undefined;
  readonly criticalErrors: number;
  /** Sentence of what ended the script early. */
  readonly error?: string;
}

/** The request has left the chain. */
export interface SentEvent extends Traced {
  readonly kind: 'sent';
  /** Its Request-URI. */
  readonly what: string;
  /** All that is different from the request as it came. */
  readonly changes: readonly MessageChange[];
}

/** An answer was made here. */
export interface AnsweredEvent extends Traced {
  readonly kind: 'answered';
  /** `403 Forbidden` */
  readonly what: string;
  /** Whose script or handler answered; undefined when the chain itself did. */
  readonly application?: string;
}

/** One thing that a trace tells. */
export type TraceEvent = MessageEvent | SkippedEvent | LineEvent | OutcomeEvent | SentEvent | AnsweredEvent;
