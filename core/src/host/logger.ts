/** The log of a server: pino, to the terminal or a file, without secrets. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Writable } from 'node:stream';
import { destination, pino, stdTimeFunctions } from 'pino';
import type { DestinationStream } from 'pino';
import { build as prettyStream } from 'pino-pretty';
import type { Log } from './log.ts';
import { redactLine } from './redaction.ts';
import type { LogSettings } from './server-schema.ts';

/** A log and the means to end it. */
export interface Logger {
  readonly log: Log;
  /** Opens the file again, after it was moved away. Does nothing on a terminal. */
  reopen(): void;
  /** Writes what is still held back. */
  flush(): void;
}

/** How a log is written. */
export interface LoggerOptions extends LogSettings {
  /** Where lines go instead of standard output; for tests. */
  readonly output?: Writable;
}

/** Opens the log that the configuration describes. Throws what opening its file throws. */
export function openLog(options: LoggerOptions): Logger {
  const { stream, reopen, flush } = openStream(options);
  const log = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redactLine },
    },
    stream,
  );
  return { log, reopen, flush };
}

function openStream(options: LoggerOptions): { stream: DestinationStream; reopen: () => void; flush: () => void } {
  const nothing = (): void => undefined;
  if (options.file !== undefined) {
    mkdirSync(dirname(options.file), { recursive: true, mode: 0o700 });
    // Synchronous: the last lines before a crash are the ones that are wanted.
    const file = destination({ dest: options.file, mode: 0o600, sync: true });
    const stream = options.pretty === true ? prettyStream({ destination: file, colorize: false, ...PRETTY }) : file;
    return { stream, reopen: () => file.reopen(), flush: () => file.flushSync() };
  }
  const output = options.output ?? process.stdout;
  const pretty = options.pretty ?? (options.output === undefined && process.stdout.isTTY);
  if (!pretty) return { stream: options.output ?? destination({ dest: 1, sync: true }), reopen: nothing, flush: nothing };
  return {
    stream: prettyStream({ destination: output, colorize: options.output === undefined && process.stdout.hasColors(), ...PRETTY }),
    reopen: nothing,
    flush: nothing,
  };
}

const PRETTY = { translateTime: 'SYS:HH:MM:ss.l', singleLine: true } as const;

/** A log that keeps nothing. */
export const SILENT: Log = pino({ level: 'silent' });
