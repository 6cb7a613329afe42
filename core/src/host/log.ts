/** Logging as the rooms and plugins see it: one line an event that an operator can act on. */

/** A log method: fields first, then the sentence. */
export interface LogMethod {
  (fields: object, message: string): void;
  (message: string): void;
}

/** The part of pino that Parley uses. Fields with a fixed name: `callId`, `user`, `plugin`, `err`. */
export interface Log {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
  readonly fatal: LogMethod;
  /** A log that adds these fields to each of its lines. */
  child(fields: Readonly<Record<string, unknown>>): Log;
}
