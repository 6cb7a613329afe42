/** One run of one script as its trace tells it: line by line, with values, actions, changes and faults. */
import { decodeText } from '../sip/index.ts';
import type { SipMessage } from '../sip/index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { changesBetween, glimpse } from './message-changes.ts';
import type { Glimpse } from './message-changes.ts';
import type { ScriptActions, ScriptEnvironment, ScriptFault, ScriptRun, ScriptTrace } from './run.ts';
import type { SourcePlace } from './source-text.ts';
import type { LineEvent, TracedValue, TraceEvent } from './trace-event.ts';
import { TraceSecrets } from './trace-secrets.ts';

/** What a trace is asked to write down. */
export interface TraceOptions {
  /** Show bodies, and values that come out of them. */
  readonly bodies: boolean;
  /** A manifest's text, by the name of its application: where the lines come from. */
  text(application: ChainedApplication): string | undefined;
}

/** Values that a line shows; a loop may evaluate any number of them. */
const VALUES_A_LINE = 20;
/** A text of the body that is as long as this is not shown unless bodies are: shorter ones are found there by chance. */
const SHORTEST_QUOTE = 8;

type Line = Omit<LineEvent, 'values' | 'actions' | 'changes' | 'faults'> & {
  readonly values: TracedValue[];
  readonly actions: string[];
  readonly faults: string[];
};

/** A run that tells a line when the next begins, or before it hands the message to somebody else. */
export class TracedLines implements ScriptTrace {
  /** What the script is run on in place of the run that it was made from. */
  readonly run: ScriptRun;
  private readonly message: SipMessage;
  private readonly source: readonly string[];
  private readonly secrets: TraceSecrets;
  private before: Glimpse;
  private current: Line | undefined;
  /** Where statements began, by line: after a function's call the trace comes back to its caller's. */
  private readonly begun = new Map<number, SourcePlace>();
  /** The line that was told last: what it still does after that is told once more. */
  private last: Line | undefined;

  constructor(
    private readonly application: ChainedApplication,
    run: ScriptRun,
    private readonly leg: number,
    private readonly tell: (event: TraceEvent) => void,
    private readonly options: TraceOptions,
  ) {
    this.message = (run.request ?? run.response) as SipMessage;
    this.source = (options.text(application) ?? '').split(/\r\n|[\r\n]/);
    this.secrets = new TraceSecrets(this.message);
    this.before = glimpse(this.message);
    const actions = this.watched(run.actions);
    const environment = this.listened(run.environment);
    // The run itself stays the one it is: only what the script does through it is seen.
    this.run = new Proxy(run, {
      get: (target, key) => {
        if (key === 'actions') return actions;
        return key === 'environment' ? environment : (Reflect.get(target, key, target) as unknown);
      },
    });
  }

  statement(place: SourcePlace): void {
    this.finish();
    this.last = undefined;
    this.begun.set(place.line, place);
    const { file, line, column } = place;
    const text = (this.source[line - 1] ?? '').trim();
    this.current = {
      kind: 'line',
      leg: this.leg,
      application: this.application.name,
      file,
      line,
      column,
      text,
      values: [],
      actions: [],
      faults: [],
    };
  }

  value(place: SourcePlace, value: unknown): void {
    const caller = this.current === undefined || this.current.line === place.line ? undefined : this.begun.get(place.line);
    if (caller !== undefined) this.statement(caller);
    const current = this.open();
    if (current === undefined || current.values.length >= VALUES_A_LINE) return;
    const length = 'length' in place && typeof place.length === 'number' ? place.length : 1;
    const text = (this.source[place.line - 1] ?? '').slice(place.column - 1, place.column - 1 + length);
    current.values.push({ text, value: this.shown(value) });
  }

  /** The line that is being worked on. */
  private open(): Line | undefined {
    if (this.current !== undefined || this.last === undefined) return this.current;
    // Others may have had the message meanwhile.
    this.before = glimpse(this.message);
    return (this.current = { ...this.last, values: [], actions: [], faults: [] });
  }

  /** Tells the line that is being worked on. */
  finish(): void {
    const { current } = this;
    if (current === undefined) return;
    this.current = undefined;
    this.last = current;
    const changes = this.secrets.cleanChanges(changesBetween(this.before, this.message, this.options.bodies));
    if (changes.length > 0) this.before = glimpse(this.message);
    this.tell({ ...current, changes });
  }

  /** The same actions; each is noted with the line, and the line is told before another application can come to its turn. */
  private watched(actions: ScriptActions): ScriptActions {
    return new Proxy(actions, {
      get: (target, key) => {
        const action: unknown = Reflect.get(target, key, target);
        if (typeof action !== 'function' || typeof key !== 'string') return action;
        return (...parameters: readonly unknown[]): unknown => {
          this.open()?.actions.push(this.actionText(key, parameters));
          if (key === 'dispatch' || key === 'fork' || key === 'respond') this.finish();
          return Reflect.apply(action, target, parameters) as unknown;
        };
      },
    });
  }

  private listened(environment: ScriptEnvironment): ScriptEnvironment {
    return new Proxy(environment, {
      get: (target, key) => {
        const asked: unknown = Reflect.get(target, key, target);
        if (typeof asked !== 'function' || (key !== 'log' && key !== 'scriptError'))
          return typeof asked === 'function' ? bound(asked, target) : asked;
        return (...parameters: readonly unknown[]): unknown => {
          if (key === 'log') this.open()?.actions.push(`Log: ${this.secrets.clean(String(parameters[3]))}`);
          else this.open()?.faults.push((parameters[1] as ScriptFault).message);
          return Reflect.apply(asked, target, parameters) as unknown;
        };
      },
    });
  }

  private actionText(action: string, parameters: readonly unknown[]): string {
    const name = ACTIONS[action] ?? action;
    const shown = parameters.flatMap((parameter) =>
      Array.isArray(parameter) ? parameter.map((part) => listText(part)) : [String(parameter)],
    );
    const text = [name, ...shown].join(' ').trimEnd();
    // What goes to a handler is Unicode text, what goes onto the wire bytes.
    return this.secrets.clean(action === 'dispatch' || action === 'notify' ? text : decodeText(text));
  }

  private shown(value: unknown): string {
    if (typeof value === 'string') {
      const { body } = this.message;
      const inBody = !this.options.bodies && value.length >= SHORTEST_QUOTE && body.length > 0 && body.includes(value);
      return inBody ? `(${value.length} characters of the body)` : JSON.stringify(this.secrets.clean(value));
    }
    if (value === null || value === undefined) return 'null';
    if (Array.isArray(value)) return `${value.length} element${value.length === 1 ? '' : 's'}`;
    return typeof value === 'number' || typeof value === 'boolean' ? String(value) : 'present';
  }
}

/** What scripts call the actions. */
const ACTIONS: Readonly<Record<string, string>> = {
  respond: 'Respond',
  proxyRequest: 'ProxyRequest',
  retarget: 'RetargetRequest',
  fork: 'EndFork',
  proxyResponse: 'ProxyResponse',
  dispatch: 'Dispatch',
  notify: 'DispatchNotification',
  setRequestUri: 'RequestUri =',
  setMarshalContent: 'MarshalContent =',
};

function listText(part: unknown): string {
  return Array.isArray(part) ? part.join('=') : String(part);
}

function bound(method: object, target: object): unknown {
  return (...parameters: readonly unknown[]): unknown =>
    Reflect.apply(method as (...all: never[]) => unknown, target, parameters) as unknown;
}
