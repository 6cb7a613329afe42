/** What an application's handlers get. */
import { ApplicationErrors as E } from './errors.ts';
import type { ApplicationRequest, ApplicationResponse } from './message.ts';
import type { ApplicationFrame, WireHeader, WireStamp, WireTarget, WireValue } from './protocol.ts';
import type { Transaction } from './transaction.ts';

/** The way to the server. */
export interface Wire {
  send(frame: ApplicationFrame): void;
  /** Sends a fork; responses of its branches go to these. */
  watch(transaction: Transaction, branch: number, onResponse: ResponseHandler): void;
  nextBranch(): number;
}

/** Sees a response; it goes on when the handler is done, unless that has dropped it. */
export type ResponseHandler = (event: ResponseReceived) => void | Promise<void>;

/** What goes with an answer. */
export interface AnswerParts {
  /** The usual phrase of the status when left out. */
  readonly reason?: string;
  /** A header's value, or several fields of that name. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: Buffer | string;
  readonly contentType?: string;
}

/** One target of a fork. */
export interface BranchParts {
  /** The Request-URI of its copy. */
  readonly uri: string;
  /** 0..1, 1 when left out; lower ones are tried when higher ones have failed. */
  readonly q?: number;
  /** How long an INVITE may ring there. */
  readonly timeoutMs?: number;
  /** Sees its responses. */
  readonly onResponse?: ResponseHandler;
}

/** A target that waits for `sendBranches`. */
export class Branch {
  private handler: ResponseHandler | undefined;

  constructor(
    readonly id: number,
    readonly parts: BranchParts,
  ) {
    this.handler = parts.onResponse;
  }

  /** Sees the responses of this branch; they go on when the handler is done. */
  onResponse(handler: ResponseHandler): this {
    this.handler = handler;
    return this;
  }

  /** For the event. */
  get listener(): ResponseHandler | undefined {
    return this.handler;
  }
}

/**
 * A request that the script has dispatched. Do one of `respond` with a final status, `proxy`, `fork` and `sendBranches`, now or within
 * the server's patience.
 */
export class RequestReceived {
  private decided: string | undefined;
  private readonly branches: Branch[] = [];
  /** A stamp to put on the request when it goes on: Message.Stamp of this application, here and on servers behind. */
  stamp: string | undefined;

  constructor(
    private readonly wire: Wire,
    readonly transaction: Transaction,
    readonly request: ApplicationRequest,
    /** Further arguments of the script's Dispatch. */
    readonly parameters: readonly WireValue[],
    private readonly facts: {
      readonly sender: string | undefined;
      readonly routed: boolean;
      readonly fixedRoute: boolean;
      readonly stamps: readonly WireStamp[];
      readonly patience: number;
    },
  ) {}

  /** `user@host` of the sender, when the server has verified it. */
  get sender(): string | undefined {
    return this.facts.sender;
  }

  /** Another application has decided already where it goes. */
  get routed(): boolean {
    return this.facts.routed;
  }

  /** It follows a route set: it cannot be forked. */
  get fixedRoute(): boolean {
    return this.facts.fixedRoute;
  }

  /** What this application has stamped on it, here or on an earlier server. */
  get stamps(): readonly WireStamp[] {
    return this.facts.stamps;
  }

  /** Milliseconds within which the server wants to hear what becomes of it. */
  get patience(): number {
    return this.facts.patience;
  }

  /** Nothing more can be done with it. */
  get isDecided(): boolean {
    return this.decided !== undefined;
  }

  /** Answers it; a status below 200 leaves it open. Throws APPLICATION_DECIDED. */
  respond(status: number, { reason, headers = {}, body, contentType }: AnswerParts = {}): void {
    this.demandOpen(status < 200 ? undefined : 'respond');
    const list = Object.entries(headers).flatMap(([name, values]) =>
      (typeof values === 'string' ? [values] : values).map((value): WireHeader => [name, value]),
    );
    this.wire.send({
      type: 'respond',
      transaction: this.transaction.id,
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(list.length === 0 ? {} : { headers: list }),
      ...(body === undefined ? {} : { body: Buffer.from(body).toString('base64') }),
      ...(contentType === undefined ? {} : { contentType }),
    });
  }

  /** Sends it on, through the applications behind this one. @param onResponse sees what comes back. Throws APPLICATION_DECIDED. */
  proxy(onResponse?: ResponseHandler): void {
    this.demandOpen('proxy');
    if (onResponse !== undefined) this.wire.watch(this.transaction, 0, onResponse);
    this.wire.send({
      type: 'proxy',
      transaction: this.transaction.id,
      ...this.edits(),
      ...(onResponse === undefined ? {} : { watch: true }),
    });
  }

  /** Sends a copy to each target at the same time, or by q. Throws APPLICATION_DECIDED; RangeError without a target. */
  fork(targets: readonly (string | BranchParts)[]): void {
    for (const target of targets) this.createBranch(target);
    this.sendBranches();
  }

  /** Prepares one target; `sendBranches` sends all of them. */
  createBranch(target: string | BranchParts): Branch {
    const branch = new Branch(this.wire.nextBranch(), typeof target === 'string' ? { uri: target } : target);
    this.branches.push(branch);
    return branch;
  }

  /** Sends what createBranch has prepared. Throws APPLICATION_DECIDED; RangeError when that is nothing. */
  sendBranches(): void {
    if (this.branches.length === 0) throw new RangeError('a fork needs at least one target: call createBranch first');
    this.demandOpen('fork');
    const targets = this.branches.map((branch): WireTarget => {
      const { uri, q, timeoutMs } = branch.parts;
      if (branch.listener !== undefined) this.wire.watch(this.transaction, branch.id, branch.listener);
      return {
        branch: branch.id,
        uri,
        ...(q === undefined ? {} : { q }),
        ...(timeoutMs === undefined ? {} : { timeoutMs }),
        ...(branch.listener === undefined ? {} : { watch: true }),
      };
    });
    this.wire.send({ type: 'fork', transaction: this.transaction.id, targets, ...this.edits() });
  }

  /** The server answers it as if the application had failed; nothing when it was decided. */
  fail(): void {
    if (this.decided !== undefined) return;
    this.decided = 'fail';
    this.wire.send({ type: 'fail', transaction: this.transaction.id });
  }

  private edits(): Pick<Extract<ApplicationFrame, { type: 'proxy' }>, 'changes' | 'stamp'> {
    const changes = this.request.changes();
    return { ...(changes === undefined ? {} : { changes }), ...(this.stamp === undefined ? {} : { stamp: this.stamp }) };
  }

  private demandOpen(by: string | undefined): void {
    if (this.decided !== undefined) throw E.APPLICATION_DECIDED({ what: 'request', decided: this.decided });
    if (by !== undefined) this.decided = by;
  }
}

/** A response that the script has dispatched, or of a request that the application has sent on. It waits until it is passed or dropped. */
export class ResponseReceived {
  private decided: string | undefined;

  constructor(
    private readonly wire: Pick<Wire, 'send'>,
    private readonly event: number,
    readonly transaction: Transaction,
    readonly response: ApplicationResponse,
    /** Of the fork that the application has made; undefined for any other. */
    readonly branch: number | undefined,
  ) {}

  get isDecided(): boolean {
    return this.decided !== undefined;
  }

  /** Lets it go on to the caller, with what was changed. Happens by itself when the handler is done. Throws APPLICATION_DECIDED. */
  pass(): void {
    this.demandOpen('pass');
    const changes = this.response.changes();
    this.wire.send({ type: 'pass', event: this.event, ...(changes === undefined ? {} : { changes }) });
  }

  /** Keeps it from the caller. Throws APPLICATION_DECIDED. */
  drop(): void {
    this.demandOpen('drop');
    this.wire.send({ type: 'drop', event: this.event });
  }

  private demandOpen(by: string): void {
    if (this.decided !== undefined) throw E.APPLICATION_DECIDED({ what: 'response', decided: this.decided });
    this.decided = by;
  }
}

/** What a script tells with DispatchNotification. */
export interface NotificationReceived {
  readonly parameters: readonly WireValue[];
}
