/** Clients that wait for changes of what they were told. */
import { createHash } from 'node:crypto';
import { Clock, inject, injectable } from '@parley/sdk';
import type { Lifecycle, Timer } from '@parley/sdk';

/** One subscription. */
export interface Watcher {
  readonly aor: string;
  /** The document as it is now. */
  document(): string;
  /** Sends it. */
  tell(document: string): void;
}

/** Changes come in bursts: what comes within this time is told once. */
const GATHER_MS = 200;
/** Documents made without a pause; making one takes some 50 microseconds. */
const SLICE = 100;
const PAUSE_MS = 5;

@injectable()
export class Watchers implements Lifecycle {
  /** With the digest of what each was told last. */
  private readonly told = new Map<Watcher, string>();
  private readonly due = new Set<Watcher>();
  private timer: Timer | undefined;

  constructor(@inject(Clock) private readonly clock: Clock) {}

  stop(): void {
    this.clock.timers.cancel(this.timer);
  }

  get size(): number {
    return this.told.size;
  }

  /** From now on, with `document` as what it knows. */
  add(watcher: Watcher, document: string): void {
    this.told.set(watcher, digest(document));
  }

  remove(watcher: Watcher): void {
    this.told.delete(watcher);
    this.due.delete(watcher);
  }

  /** It was told this in another way: with the answer to a refresh. */
  knows(watcher: Watcher, document: string): void {
    if (this.told.has(watcher)) this.told.set(watcher, digest(document));
  }

  /** What a user, or everybody, is told may be different now. */
  changed(aor: string | undefined): void {
    for (const watcher of this.told.keys()) if (aor === undefined || watcher.aor === aor) this.due.add(watcher);
    if (this.due.size > 0) this.timer ??= this.clock.timers.start(GATHER_MS, this.run);
  }

  private readonly run = (): void => {
    this.timer = undefined;
    let left = SLICE;
    for (const watcher of this.due) {
      if (left-- === 0) {
        this.timer = this.clock.timers.start(PAUSE_MS, this.run);
        return;
      }
      this.due.delete(watcher);
      const document = watcher.document();
      if (this.told.get(watcher) === digest(document)) continue;
      this.told.set(watcher, digest(document));
      watcher.tell(document);
    }
  };
}

function digest(document: string): string {
  return createHash('sha1').update(document).digest('latin1');
}
