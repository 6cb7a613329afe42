/** Events of a trace as lines for people. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { MessageChange, TraceEvent } from '@parley/core';

const INDENT = '       ';

/** How to write. */
export interface TraceStyle {
  readonly colour: boolean;
  /** Characters of a line at most; Infinity where nothing is to be cut. */
  readonly width: number;
  /** Name each application at each of its lines; else once, above them. */
  readonly running?: boolean;
  /** What stands before the start line of a message, such as the time. */
  readonly stamp?: string;
}

type Colour = 'bold' | 'dim' | 'red' | 'green' | 'cyan';
/** Makes one line: as wide as it may be, in its colour. */
type Write = (text: string, colour?: Colour) => string;

/** The lines of one event. */
export function traceLines(event: TraceEvent, { colour: coloured, width, running = false, stamp = '' }: TraceStyle): string[] {
  const write: Write = (text, colour) => {
    const line = fit(text, width);
    return coloured && colour !== undefined ? styleText(colour, line, { validateStream: false }) : line;
  };
  const leg = event.leg > 1 ? `[branch ${event.leg}] ` : '';
  switch (event.kind) {
    case 'message': {
      const from = event.source === undefined ? '' : `  (${event.source}${event.identity === undefined ? '' : `, ${event.identity}`})`;
      const body =
        event.body === undefined
          ? []
          : clean(event.body, true)
              .split('\n')
              .map((line) => write(`${INDENT}| ${line}`));
      const parties = running ? [] : [write(`  From ${clean(event.from)}`), write(`  To   ${clean(event.to)}`)];
      return ['', write(`${stamp}${leg}${clean(event.startLine)}${from}`, 'bold'), ...parties, ...body];
    }
    case 'skipped':
      return [write(`  ${leg}${event.order}. ${event.application}: not shown (${event.why})`, 'dim')];
    case 'line': {
      const where = running ? `${event.application}:${event.line}` : String(event.line).padStart(5);
      return [
        write(`  ${leg}${where}  ${clean(event.text)}`),
        ...event.values.map(({ text, value }) => write(`${INDENT}  ${valueText(clean(text), clean(value))}`, 'dim')),
        ...event.actions.map((action) => write(`${INDENT}  -> ${clean(action)}`, 'cyan')),
        ...event.changes.flatMap((change) => changeLines(change, write)),
        ...event.faults.map((fault) => write(`${INDENT}  !! ${clean(fault)}`, 'red')),
      ];
    }
    case 'outcome':
      return [write(`  ${leg}${event.order}. ${event.application}: ${outcomeText(event)}`)];
    case 'sent': {
      const unchanged = event.changes.length === 0 ? ', unchanged' : ', changed since it came:';
      return [
        write(`  ${leg}goes on to ${clean(event.what)}${unchanged}`, 'bold'),
        ...event.changes.flatMap((change) => changeLines(change, write)),
      ];
    }
    default:
      return [write(`  ${leg}answered ${clean(event.what)}${event.application === undefined ? '' : ` by ${event.application}`}`, 'bold')];
  }
}

/** `from = "alice@example.com"` for an assignment, `from == to is false` for anything else. */
function valueText(text: string, value: string): string {
  const assigned = /^(\w[\w.]*)\s*=(?!=)/.exec(text)?.[1];
  return assigned === undefined ? `${text} is ${value}` : `${assigned} = ${value}`;
}

function outcomeText({ handled, goesOn, error, criticalErrors }: Extract<TraceEvent, { kind: 'outcome' }>): string {
  const done = {
    responded: 'answered it',
    dispatched: 'gave it to its handler',
    proxied: 'sent it on',
    none: goesOn === true ? 'let it pass' : 'kept it: proxyByDefault is false',
  }[handled];
  const critical = criticalErrors === 0 ? '' : `, ${criticalErrors} critical error${criticalErrors === 1 ? '' : 's'}`;
  return `${error === undefined ? '' : `ended by an error (${clean(error)}); `}${done}${critical}`;
}

function changeLines({ what, before, after }: MessageChange, write: Write): string[] {
  return [
    ...(before === undefined ? [] : [write(`${INDENT}  - ${what}: ${clean(before)}`, 'red')]),
    ...(after === undefined ? [] : [write(`${INDENT}  + ${what}: ${clean(after)}`, 'green')]),
  ];
}

/** What others have sent is shown, and must not steer the terminal. */
function clean(text: string, lines = false): string {
  const stripped = stripVTControlCharacters(lines ? text.replaceAll('\r\n', '\n') : text);
  return stripped.replaceAll(/\p{Cc}/gu, (control) => (lines && control === '\n' ? control : ' '));
}

/** Cut to so many characters. */
export function fit(line: string, width: number): string {
  return line.length > width ? `${line.slice(0, width - 3)}...` : line;
}
