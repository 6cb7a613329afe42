/** Events of a trace as lines for people, 80 columns wide. */
import { stripVTControlCharacters, styleText } from 'node:util';
import type { MessageChange, TraceEvent } from '@parley/core';

const WIDTH = 80;
const INDENT = '       ';

/** How to write. */
export interface TraceStyle {
  readonly colour: boolean;
  /** Name each application at each of its lines; else once, above them. */
  readonly running?: boolean;
}

/** The lines of one event. */
export function traceLines(event: TraceEvent, { colour, running = false }: TraceStyle): string[] {
  const paint = (style: 'bold' | 'dim' | 'red' | 'green' | 'cyan', text: string): string =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const leg = event.leg > 1 ? `[branch ${event.leg}] ` : '';
  switch (event.kind) {
    case 'message': {
      const from = event.source === undefined ? '' : `  (${event.source}${event.identity === undefined ? '' : `, ${event.identity}`})`;
      const body =
        event.body === undefined
          ? []
          : clean(event.body, true)
              .split('\n')
              .map((line) => fit(`${INDENT}| ${line}`));
      const parties = running ? [] : [fit(`  From ${clean(event.from)}`), fit(`  To   ${clean(event.to)}`)];
      return ['', paint('bold', fit(`${leg}${clean(event.startLine)}${from}`)), ...parties, ...body];
    }
    case 'skipped':
      return [paint('dim', fit(`  ${leg}${event.order}. ${event.application}: not shown (${event.why})`))];
    case 'line': {
      const where = running ? `${event.application}:${event.line}` : String(event.line).padStart(5);
      return [
        fit(`  ${leg}${where}  ${clean(event.text)}`),
        ...event.values.map(({ text, value }) => paint('dim', fit(`${INDENT}  ${valueText(clean(text), clean(value))}`))),
        ...event.actions.map((action) => paint('cyan', fit(`${INDENT}  -> ${clean(action)}`))),
        ...event.changes.flatMap((change) => changeLines(change, paint)),
        ...event.faults.map((fault) => paint('red', fit(`${INDENT}  !! ${clean(fault)}`))),
      ];
    }
    case 'outcome':
      return [fit(`  ${leg}${event.order}. ${event.application}: ${outcomeText(event)}`)];
    case 'sent': {
      const unchanged = event.changes.length === 0 ? ', unchanged' : ', changed since it came:';
      return [
        paint('bold', fit(`  ${leg}goes on to ${clean(event.what)}${unchanged}`)),
        ...event.changes.flatMap((change) => changeLines(change, paint)),
      ];
    }
    default:
      return [
        paint('bold', fit(`  ${leg}answered ${clean(event.what)}${event.application === undefined ? '' : ` by ${event.application}`}`)),
      ];
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

function changeLines({ what, before, after }: MessageChange, paint: (style: 'red' | 'green', text: string) => string): string[] {
  return [
    ...(before === undefined ? [] : [paint('red', fit(`${INDENT}  - ${what}: ${clean(before)}`))]),
    ...(after === undefined ? [] : [paint('green', fit(`${INDENT}  + ${what}: ${clean(after)}`))]),
  ];
}

/** What others have sent is shown, and must not steer the terminal. */
function clean(text: string, lines = false): string {
  const stripped = stripVTControlCharacters(lines ? text.replaceAll('\r\n', '\n') : text);
  return stripped.replaceAll(/\p{Cc}/gu, (control) => (lines && control === '\n' ? control : ' '));
}

/** Cut to 80 columns. */
export function fit(line: string): string {
  return line.length > WIDTH ? `${line.slice(0, WIDTH - 3)}...` : line;
}
