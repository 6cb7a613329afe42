/** One run of one script: its message, what it has done with it, and what it may still spend. Generated code calls it `s`. */
import { ParleyError } from '../errors/index.ts';
import type { SipMessage, SipRequest, SipResponse } from '../sip/index.ts';
import type { CompiledApplication } from './application.ts';
import { SERVER_ROLE } from './enumerations.ts';
import { ScriptRunErrors as E } from './errors.ts';
import type { RunOutcome, ScriptEnvironment, ScriptFault, ScriptRun, ScriptTrace, SourceInfo, TargetInfo } from './run.ts';
import { BUILTINS } from './builtins.ts';
import type { SourcePlace } from './source-text.ts';

/** Statements of loops and functions, and kilobytes of text searched, for one message. Sheet mspl 5.4. */
export const STEP_LIMIT = 100_000;
/** Characters of text that a run may build. Sheet mspl 5.4. */
export const TEXT_LIMIT = 1_048_576;
/** Elements of one collection. Sheet mspl 5.4. */
export const COLLECTION_LIMIT = 1_000;

/** Ends the run it is thrown from. */
export class ScriptStop extends Error {
  constructor(
    readonly site: number,
    readonly fault: ParleyError,
  ) {
    super(fault.message);
  }
}

/** A place in a script as a run reports it. */
export interface FaultPlace extends SourcePlace {
  readonly length: number;
  /** The built-in, member or operator. */
  readonly name: string;
  /** The script's function around it; '' for the body. */
  readonly owner: string;
}

/** What a run needs of its script. */
export interface RunningScript {
  readonly application: CompiledApplication;
  place(site: number): FaultPlace;
}

export class ScriptState {
  readonly request: SipRequest | null;
  readonly response: SipResponse | null;
  readonly message: SipMessage;
  readonly environment: ScriptEnvironment;
  stepsLeft = STEP_LIMIT;
  /** Characters. */
  textLeft = TEXT_LIMIT;
  handled: RunOutcome['handled'] = 'none';
  /** URIs of the open fork set; null while none is open. */
  forks: string[] | null = null;
  /** Where the fork set was opened. */
  forkSite = -1;
  criticalErrors = 0;
  /** Transaction.MarshalContent, which the script may change. */
  marshalContent: boolean;
  /** The body as text, for the bytes that it was made from. */
  contentBytes: Buffer | undefined = undefined;
  contentText = '';
  /** From and To of the message as the script got them: text that is one of them need not be parsed again. */
  fromText: string | undefined = undefined;
  toText: string | undefined = undefined;
  private targetInfo: TargetInfo | undefined = undefined;
  private sourceInfo: SourceInfo | undefined = undefined;

  constructor(
    readonly script: RunningScript,
    readonly run: ScriptRun,
    readonly trace: ScriptTrace | undefined,
  ) {
    this.request = run.request ?? null;
    this.response = run.response ?? null;
    this.message = (run.request ?? run.response) as SipMessage;
    this.environment = run.environment;
    this.marshalContent = run.marshalContent ?? true;
  }

  get target(): TargetInfo {
    this.targetInfo ??= this.run.target;
    return this.targetInfo;
  }

  get source(): SourceInfo {
    this.sourceInfo ??= this.run.source;
    return this.sourceInfo;
  }

  /** Number of the ServerRole. */
  get role(): number {
    return SERVER_ROLE.valueOf(this.environment.role);
  }

  /** The target may be another one now: the Request-URI was changed. */
  forgetTarget(): void {
    this.targetInfo = undefined;
  }

  /** What to throw to end the run with a script error. */
  stop(site: number, fault: ParleyError): ScriptStop {
    return new ScriptStop(site, fault);
  }

  outOfSteps(site: number): ScriptStop {
    return this.stop(site, E.MSPL_STEP_LIMIT({ limit: STEP_LIMIT }));
  }

  whileTooLong(site: number, limit: number): ScriptStop {
    return this.stop(site, E.MSPL_WHILE_LIMIT({ limit }));
  }

  /** @param index the argument's number, from 0 */
  nullArgument(site: number, index: number): ScriptStop {
    const { name } = this.script.place(site);
    const parameters = BUILTINS.get(name)?.parameters ?? [];
    const parameter = (parameters[index] ?? parameters.at(-1))?.name ?? 'its value';
    return this.stop(site, E.MSPL_NULL({ name, parameter }));
  }

  /** Takes text that was built from what the run may build. */
  chargeText(site: number, characters: number): void {
    this.textLeft -= characters;
    if (this.textLeft < 0) throw this.stop(site, E.MSPL_TEXT_LIMIT({ limit: TEXT_LIMIT }));
  }

  /** Takes text that was searched from the run's steps, a kilobyte a step. */
  chargeSearch(site: number, characters: number): void {
    this.stepsLeft -= characters >> 10;
    if (this.stepsLeft < 0) throw this.outOfSteps(site);
  }

  /** Reports an error that counts against the application; the run goes on. */
  critical(site: number, error: ParleyError): void {
    this.criticalErrors++;
    this.environment.scriptError(this.script.application, this.fault(site, error), true);
  }

  /** Reports the error that ended the run. */
  ended(error: unknown): ScriptFault {
    const fault =
      error instanceof ScriptStop
        ? this.fault(error.site, error.fault)
        : this.fault(
            -1,
            error instanceof ParleyError ? error : E.MSPL_INTERNAL({ name: 'a script', problem: messageOf(error) }, { cause: error }),
          );
    this.environment.scriptError(this.script.application, fault, false);
    return fault;
  }

  private fault(site: number, error: ParleyError): ScriptFault {
    const { file, line, column, length, owner } = this.script.place(site);
    const where = owner === '' ? '' : ` in function ${owner}`;
    const message = `${error.message}${where}`;
    return { severity: 'error', code: error.code, message, file, line, column, length, fix: error.fix, function: owner };
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
