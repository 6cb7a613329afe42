/** What an application keeps of one request and all that becomes of it. */

/** How a transaction ended. */
export interface Ended {
  /** Status of the final response that went back, as far as the server knows; 0: none. */
  readonly status: number;
}

/** One request and its responses; events of one transaction come one after the other. */
export class Transaction {
  /** The application's own: here for as long as the transaction is. */
  readonly state = new Map<string, unknown>();
  /** The sender has withdrawn the request. */
  cancelled = false;
  private listeners: { readonly kind: 'cancelled' | 'timedOut' | 'ended'; readonly run: (ended: Ended) => void }[] = [];
  private last: Promise<void> = Promise.resolve();

  constructor(
    /** Unique on one connection. */
    readonly id: number,
  ) {}

  /** The sender cancels the request; branches are cancelled, and what was not decided is answered 487, without the application's doing. */
  onCancelled(run: () => void): void {
    if (this.cancelled) run();
    else this.listeners.push({ kind: 'cancelled', run });
  }

  /** The application was too slow: the server has gone on without it. */
  onTimedOut(run: () => void): void {
    this.listeners.push({ kind: 'timedOut', run });
  }

  /** Nothing more comes, also because the connection to the server was lost. `state` is let go. */
  onEnded(run: (ended: Ended) => void): void {
    this.listeners.push({ kind: 'ended', run });
  }

  /** For the connection. */
  tell(kind: 'cancelled' | 'timedOut' | 'ended', ended: Ended = { status: 0 }): void {
    if (kind === 'cancelled') this.cancelled = true;
    const now = this.listeners.filter((listener) => listener.kind === kind);
    if (kind === 'ended') this.listeners = [];
    for (const { run } of now) run(ended);
  }

  /** For the connection: runs `work` when what came before is done. Never rejects. */
  inTurn(work: () => void | Promise<void>): Promise<void> {
    this.last = this.last.then(work);
    return this.last;
  }
}
