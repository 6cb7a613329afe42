/** Follows messages through the chain: which application did what, in which line. What nobody traces costs a comparison for each application. */
import { H, decodeText } from '../sip/index.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { ChainedApplication } from './chain-index.ts';
import { changesBetween, glimpse } from './message-changes.ts';
import type { Glimpse } from './message-changes.ts';
import type { RunOutcome, ScriptRun } from './run.ts';
import type { TraceEvent } from './trace-event.ts';
import { TraceSecrets } from './trace-secrets.ts';
import { TracedLines } from './traced-lines.ts';
import type { TraceOptions } from './traced-lines.ts';

/** Decides which messages are followed. */
export interface ChainTracer {
  /** Called for each new request. @param inbound undefined for a request that the server itself makes */
  begin(request: SipRequest, inbound: Inbound<SipRequest> | undefined): MessageTrace | undefined;
}

/** One request and everything that becomes of it. */
export class MessageTrace {
  private readonly first: Glimpse;
  private readonly secrets: TraceSecrets;
  private readonly legs: { count: number };
  private readonly leg: number;
  private chain: readonly ChainedApplication[] = [];
  /** Why an application's requestFilter has left the request out; undefined: it has not. */
  private whyLeftOut: (application: ChainedApplication) => string | undefined = () => undefined;
  /** How many applications of the chain the request has come past. */
  private passed = 0;

  /** @param tell is called with each event as it happens; must not throw */
  constructor(
    private readonly request: SipRequest,
    private readonly tell: (event: TraceEvent) => void,
    private readonly options: TraceOptions,
    parent?: MessageTrace,
  ) {
    this.first = parent?.first ?? glimpse(request);
    this.secrets = parent?.secrets ?? new TraceSecrets(request);
    this.legs = parent?.legs ?? { count: 0 };
    this.leg = ++this.legs.count;
  }

  /** Another copy of the request. */
  branch(request: SipRequest): MessageTrace {
    const trace = new MessageTrace(request, this.tell, this.options, this);
    trace.through(this.chain, this.whyLeftOut);
    trace.passed = this.passed;
    return trace;
  }

  /**
   * The applications that the request comes past, in their order.
   * @param why those that its requestFilter keeps from them are told where it passes them
   */
  through(chain: readonly ChainedApplication[], why: (application: ChainedApplication) => string | undefined): void {
    this.chain = chain;
    this.whyLeftOut = why;
  }

  /** The request, or a response to it, begins its way. */
  message(message: SipMessage, inbound: Pick<Inbound, 'flow' | 'identity'> | undefined): void {
    const { bodies } = this.options;
    const head = decodeText(message.toString());
    const { transport, remote } = inbound?.flow ?? {};
    this.tell({
      kind: 'message',
      leg: this.leg,
      startLine: this.secrets.clean(head.slice(0, head.indexOf('\r\n'))),
      from: decodeText(message.first(H.From) ?? ''),
      to: decodeText(message.first(H.To) ?? ''),
      callId: decodeText(message.first(H.CallId) ?? ''),
      ...(remote === undefined ? {} : { source: `${transport ?? ''} ${remote.host}:${remote.port}` }),
      ...(inbound?.identity === undefined ? {} : { identity: inbound.identity.aor }),
      ...(bodies && message.body.length > 0 ? { body: message.body.toString('utf8') } : {}),
    });
  }

  skipped(application: ChainedApplication, why: string): void {
    this.passUpTo(this.chain.indexOf(application));
    this.tellSkipped(application, why);
  }

  private tellSkipped(application: ChainedApplication, why: string): void {
    this.tell({ kind: 'skipped', leg: this.leg, application: application.name, order: this.orderOf(application), why });
  }

  /** The request has come to the application at `index`: tells of those before it that were left out. */
  private passUpTo(index: number): void {
    for (; this.passed < index; this.passed++) {
      const application = this.chain[this.passed] as ChainedApplication;
      const why = this.whyLeftOut(application);
      if (why !== undefined) this.tellSkipped(application, why);
    }
  }

  private orderOf(application: ChainedApplication): number {
    return this.chain.indexOf(application) + 1;
  }

  /** Runs an application on a message and tells each line. */
  run(application: ChainedApplication, run: ScriptRun): RunOutcome {
    if (run.response === undefined) this.passUpTo(this.chain.indexOf(application));
    const lines = new TracedLines(application, run, this.leg, this.tell, this.options);
    const outcome = application.compiled.run(lines.run, lines);
    lines.finish();
    const goesOn = outcome.handled === 'dispatched' ? undefined : goesOnAfter(outcome, application, run);
    this.tell({
      kind: 'outcome',
      leg: this.leg,
      application: application.name,
      order: this.orderOf(application),
      handled: outcome.handled,
      goesOn,
      criticalErrors: outcome.criticalErrors,
      ...(outcome.error === undefined ? {} : { error: outcome.error.message }),
    });
    return outcome;
  }

  /** The request leaves the chain. */
  sent(): void {
    const { request, options, leg } = this;
    this.passUpTo(this.chain.length);
    const changes = this.secrets.cleanChanges(changesBetween(this.first, request, options.bodies));
    this.tell({ kind: 'sent', leg, what: this.secrets.clean(decodeText(request.uri)), changes });
  }

  /** A response that was made here. */
  answered(response: SipResponse, application: ChainedApplication | undefined): void {
    const what = `${response.status} ${this.secrets.clean(decodeText(response.reason))}`;
    const by = application === undefined ? {} : { application: application.name };
    this.tell({ kind: 'answered', leg: this.leg, what, ...by });
  }
}

/** A script that has not handled its message leaves it to proxyByDefault. */
function goesOnAfter({ handled }: RunOutcome, { compiled }: ChainedApplication, run: ScriptRun): boolean {
  if (handled === 'none' || run.response !== undefined) return handled === 'proxied' || compiled.manifest.proxyByDefault;
  return handled === 'proxied';
}
