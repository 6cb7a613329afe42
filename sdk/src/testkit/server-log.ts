/** The log of a test's server: the lines that the test asked for, and what it says of requests that nobody decides about. */
import { Writable } from 'node:stream';
import { openLog } from '@parley/core';
import type { Logger } from '@parley/core';
import type { TestServerOptions } from './options.ts';

type Level = NonNullable<TestServerOptions['log']>;
type Line = Readonly<Record<string, unknown>>;

/** From the least important on. */
const LEVELS: readonly unknown[] = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] satisfies (Level | 'fatal')[];
/** Of the line of a handler that has not decided. */
const UNDECIDED_LEVEL = 'warn';

/** Keeps lines of the log. */
export class ServerLog {
  /** Lines from the level on that was asked for, each an object as in the JSON log. */
  readonly lines: Line[] = [];
  /** What the host said in this life of requests that a handler has not decided about, by their Call-ID. */
  readonly undecided = new Map<string, string>();

  constructor(private readonly level: Level = 'silent') {}

  /** The log of one life of the server. */
  open(): Logger {
    this.undecided.clear();
    const level = isFrom(this.level, UNDECIDED_LEVEL) ? UNDECIDED_LEVEL : this.level;
    const output = new Writable({
      write: (chunk: Buffer, _encoding, done) => {
        for (const line of chunk.toString('utf8').trimEnd().split('\n')) this.take(JSON.parse(line) as Line);
        done();
      },
    });
    return openLog({ level, output });
  }

  private take(line: Line): void {
    if (isFrom(line['level'], this.level)) this.lines.push(line);
    const { code, callId, msg } = line;
    if (code === 'HOST_HANDLER_UNDECIDED') this.undecided.set(String(callId), String(msg));
  }
}

function isFrom(level: unknown, least: Level): boolean {
  return LEVELS.indexOf(level) >= LEVELS.indexOf(least);
}
