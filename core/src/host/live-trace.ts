/** Traces that operators watch while the server runs: what each follows, and what it still has to be told. */
import type { Clock } from '../clock/index.ts';
import { MessageTrace } from '../script/index.ts';
import type { ChainTracer, ChainedApplication, TraceEvent } from '../script/index.ts';
import { decodeText } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import { redactText } from './redaction.ts';
import { ServerErrors } from './sip-server-errors.ts';
import { compileFilter } from './trace-filter.ts';
import type { TraceFilter } from './trace-filter.ts';

/** Traces at one time. */
export const TRACES_LIMIT = 8;
/** Events that wait for a reader; further ones are counted and dropped. */
export const WAITING_LIMIT = 1_000;

/** What a reader wants to see. */
export interface TraceWish extends TraceFilter {
  /** Lines that only looked, and applications that did not see the message, too. */
  readonly all: boolean;
  readonly bodies: boolean;
  /** Requests to follow; undefined: any number. */
  readonly limit: number | undefined;
}

/** An event on its way to a reader. */
export type TraceRow =
  | (TraceEvent & {
      /** ISO 8601. */
      readonly time: string;
      /** Counts the requests that are followed, from 1. */
      readonly request: number;
      readonly method: string;
      readonly callId: string;
    })
  | { readonly kind: 'lost'; readonly time: string; readonly lines: number };

/** Where the chain asks whether a request is followed. */
interface Traceable {
  tracer: ChainTracer | undefined;
}

/** The chain has a tracer only while somebody watches. */
export class LiveTraces implements ChainTracer {
  private readonly sessions = new Set<TraceSession>();
  private requests = 0;

  constructor(
    private readonly chain: Traceable,
    private readonly clock: Clock,
  ) {}

  /** Begins to follow. The caller closes it. Throws HOST_TRACE_LIMIT. */
  open(wish: TraceWish): TraceSession {
    if (this.sessions.size >= TRACES_LIMIT) throw ServerErrors.HOST_TRACE_LIMIT({ found: this.sessions.size });
    const session = new TraceSession(wish, this.clock, () => {
      this.sessions.delete(session);
      if (this.sessions.size === 0) this.chain.tracer = undefined;
    });
    this.sessions.add(session);
    this.chain.tracer = this;
    return session;
  }

  begin(request: SipRequest, inbound: Inbound<SipRequest> | undefined): MessageTrace | undefined {
    const watching = [...this.sessions].filter((session) => session.takes(request, inbound));
    if (watching.length === 0) return undefined;
    const traced = { request: ++this.requests, method: request.method, callId: decodeText(request.callId) };
    for (const session of watching) session.begins(traced.request);
    const tell = (event: TraceEvent): void => {
      const row = redacted({ ...event, ...traced, time: new Date(this.clock.now()).toISOString() });
      for (const session of watching) session.tell(row, event);
    };
    // Whoever has not asked for bodies does not get to see them because somebody else has.
    const bodies = watching.every((session) => session.wish.bodies);
    return new MessageTrace(request, tell, { bodies, text: textOf });
  }
}

/** One reader. */
export class TraceSession {
  private readonly matches: ReturnType<typeof compileFilter>;
  private waiting: TraceRow[] = [];
  private lost = 0;
  private wake: (() => void) | undefined;
  private closed = false;
  private followed = 0;
  /** Requests that have no final answer yet. */
  private readonly unfinished = new Set<number>();

  constructor(
    readonly wish: TraceWish,
    private readonly clock: Clock,
    private readonly leave: () => void,
  ) {
    this.matches = compileFilter(wish);
  }

  /** Whether a new request is followed. */
  takes(request: SipRequest, inbound: Inbound<SipRequest> | undefined): boolean {
    return !this.closed && (this.wish.limit === undefined || this.followed < this.wish.limit) && this.matches(request, inbound);
  }

  begins(request: number): void {
    this.followed++;
    this.unfinished.add(request);
  }

  tell(row: TraceRow, event: TraceEvent): void {
    if (this.closed) return;
    if (isFinal(event) && 'request' in row) this.unfinished.delete(row.request);
    if (this.wish.all || isDeed(event)) {
      if (this.waiting.length >= WAITING_LIMIT) this.lost++;
      else this.waiting.push(row);
    }
    this.wake?.();
  }

  /** What has happened since it was last asked; waits for something to happen. Empty: it is over. */
  async next(): Promise<readonly TraceRow[]> {
    while (this.waiting.length === 0 && this.lost === 0 && !this.isOver()) {
      await new Promise<void>((resolve) => (this.wake = resolve));
    }
    const rows = this.waiting;
    this.waiting = [];
    if (this.lost > 0) rows.push({ kind: 'lost', time: new Date(this.clock.now()).toISOString(), lines: this.lost });
    this.lost = 0;
    return rows;
  }

  /** Nothing is followed any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.leave();
    this.wake?.();
  }

  private isOver(): boolean {
    return this.closed || (this.followed === this.wish.limit && this.unfinished.size === 0);
  }
}

/** It acted on the message, or is about what became of it. */
function isDeed(event: TraceEvent): boolean {
  if (event.kind === 'skipped') return false;
  if (event.kind === 'line') return event.actions.length > 0 || event.changes.length > 0 || event.faults.length > 0;
  // What a script has done is told with its lines; that it has kept a message by doing nothing is not.
  return event.kind !== 'outcome' || event.error !== undefined || (event.handled === 'none' && event.goesOn === false);
}

function isFinal(event: TraceEvent): boolean {
  if (event.kind === 'message') return /^SIP\/2\.0 [2-6]/.test(event.startLine);
  return event.kind === 'answered' && /^[2-6]/.test(event.what);
}

function textOf(application: ChainedApplication): string | undefined {
  return 'source' in application ? (application.source as { readonly text?: string }).text : undefined;
}

function redacted(row: TraceRow): TraceRow {
  return JSON.parse(JSON.stringify(row), (_, value: unknown) => (typeof value === 'string' ? redactText(value) : value)) as TraceRow;
}
