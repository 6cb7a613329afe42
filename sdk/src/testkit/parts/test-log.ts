/** A log that a test reads. */
import type { Log, LogMethod } from '@parley/core';

/** One line. */
export interface TestLogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal';
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps its lines, and those of its children. */
export interface TestLog extends Log {
  readonly lines: readonly TestLogLine[];
}

/** A log without a line in it. Every level is kept. */
export function testLog(): TestLog {
  return logInto([], {});
}

function logInto(lines: TestLogLine[], always: Readonly<Record<string, unknown>>): TestLog {
  const at =
    (level: TestLogLine['level']): LogMethod =>
    (first: object | string, text?: string) => {
      const [fields, message = ''] = typeof first === 'string' ? [{}, first] : [first, text];
      lines.push({ level, message, fields: { ...always, ...fields } });
    };
  return {
    lines,
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    fatal: at('fatal'),
    child: (fields) => logInto(lines, { ...always, ...fields }),
  };
}
