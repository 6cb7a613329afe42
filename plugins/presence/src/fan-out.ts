/**
 * The way out for notifications: a queue of those who are to be told, each in it once, told what is true when its turn comes.
 * It works in slices between which the event loop does everything else, so that signalling never waits for it. [MS-PRES] R25
 */
import { performance } from 'node:perf_hooks';
import { Clock, Log, PluginConfig, inject, injectable } from '@parley/sdk';
import type { Lifecycle, Timer } from '@parley/sdk';
import type { PresenceConfig } from './config.ts';

/** `resting`: told just now. `pending`: the same, and there is something new. */
type Phase = 'idle' | 'ready' | 'resting' | 'pending' | 'gone';

/** Somebody who is told of one thing: a watcher of one contact, or one of the user's own endpoints. */
export abstract class Recipient {
  /** For the queue. */
  phase: Phase = 'idle';
  /** For the queue: milliseconds since 1970. */
  restsUntil = 0;

  /** Told at most once in `paceMs`; own endpoints are told at once. */
  abstract readonly paced: boolean;
  /** Its connection does not take what it was sent before. */
  abstract readonly blocked: boolean;
  /** Sends what is due, as it is now. */
  abstract tell(): void;
}

/** Runs something after the events that wait now. */
export type Schedule = (run: () => void) => void;

/** Notifications in a slice, some 10 microseconds each, and the same for writing them to as many connections. */
const SLICE = 16;
/** The same while other work waits. */
const SMALL_SLICE = 4;
/** A slice that begins so many milliseconds after the last has ended had other work before it. */
const BUSY_MS = 2;
/** Slices without a pause: without any, the server would take its own notifications for overload. */
const RUN = 20;
const PAUSE_MS = 1;
/** How long one that is blocked is left alone. */
const BLOCKED_MS = 1000;

@injectable()
export class FanOut implements Lifecycle {
  /** Replaced by tests. */
  schedule: Schedule = breathing();
  /** Since the start. */
  readonly counts = { told: 0, delayed: 0 };
  private readonly ready = new Queue();
  private readonly resting = new Queue();
  private timer: Timer | undefined = undefined;
  private scheduled = false;
  private stopped = false;
  private endedAt = 0;

  constructor(
    @inject(Clock) private readonly clock: Clock,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'paceMs'>,
    @inject(Log) private readonly log: Log,
  ) {}

  /** Recipients that have something to be told. It cannot exceed the number of subscriptions. */
  get size(): number {
    return this.ready.size;
  }

  /** There is something to tell; it is told when its turn comes. */
  push(recipient: Recipient): void {
    if (recipient.phase === 'resting') {
      recipient.phase = 'pending';
      this.counts.delayed++;
    } else if (recipient.phase === 'idle') this.enqueue(recipient);
  }

  /** It was told in another way: with the answer to its SUBSCRIBE. */
  told(recipient: Recipient): void {
    if (recipient.phase === 'ready') recipient.phase = 'idle';
    else if (recipient.phase === 'pending') recipient.phase = 'resting';
  }

  /** Its subscription is over. */
  forget(recipient: Recipient): void {
    recipient.phase = 'gone';
  }

  stop(): void {
    this.stopped = true;
    this.clock.timers.cancel(this.timer);
  }

  private enqueue(recipient: Recipient): void {
    recipient.phase = 'ready';
    this.ready.push(recipient);
    this.wake();
  }

  private wake(): void {
    if (this.scheduled || this.stopped) return;
    this.scheduled = true;
    this.endedAt = performance.now();
    this.schedule(this.run);
  }

  private readonly run = (): void => {
    this.scheduled = false;
    if (this.stopped) return;
    let left = performance.now() - this.endedAt > BUSY_MS ? SMALL_SLICE : SLICE;
    while (left > 0) {
      const recipient = this.ready.shift();
      if (recipient === undefined) return;
      // One that was told in another way, or is gone, may still be in the queue.
      if (recipient.phase !== 'ready') continue;
      left--;
      this.serve(recipient);
    }
    this.wake();
  };

  private serve(recipient: Recipient): void {
    if (recipient.blocked) {
      this.counts.delayed++;
      this.rest(recipient, 'pending');
      return;
    }
    this.counts.told++;
    if (recipient.paced && this.config.paceMs > 0) this.rest(recipient, 'resting');
    else recipient.phase = 'idle';
    try {
      recipient.tell();
    } catch (error) {
      this.log.error({ err: error }, 'a notification of presence could not be sent');
    }
  }

  private rest(recipient: Recipient, phase: 'resting' | 'pending'): void {
    if (phase === 'resting' && (this.config.paceMs === 0 || !recipient.paced)) {
      recipient.phase = 'idle';
      return;
    }
    recipient.phase = phase;
    // All rest equally long, so that the queue is in the order of their ends.
    recipient.restsUntil = this.clock.now() + this.restMs;
    this.resting.push(recipient);
    this.timer ??= this.clock.timers.start(this.restMs, this.rested);
  }

  private get restMs(): number {
    return this.config.paceMs === 0 ? BLOCKED_MS : this.config.paceMs;
  }

  private readonly rested = (): void => {
    this.timer = undefined;
    const now = this.clock.now();
    for (let first = this.resting.first; first !== undefined; first = this.resting.first) {
      if (first.restsUntil > now && first.phase !== 'gone') {
        this.timer = this.clock.timers.start(first.restsUntil - now, this.rested);
        return;
      }
      this.resting.shift();
      if (first.restsUntil > now) continue;
      if (first.phase === 'pending') this.enqueue(first);
      else if (first.phase === 'resting') first.phase = 'idle';
    }
  };
}

/** First in, first out, however many. */
class Queue {
  private items: (Recipient | undefined)[] = [];
  private head = 0;

  get size(): number {
    return this.items.length - this.head;
  }

  get first(): Recipient | undefined {
    return this.items[this.head];
  }

  push(item: Recipient): void {
    this.items.push(item);
  }

  shift(): Recipient | undefined {
    const item = this.items[this.head];
    if (item === undefined) return undefined;
    this.items[this.head++] = undefined;
    if (this.head === this.items.length) {
      this.items = [];
      this.head = 0;
    } else if (this.head > 1024 && this.head * 2 > this.items.length) {
      this.items = this.items.slice(this.head);
      this.head = 0;
    }
    return item;
  }
}

function breathing(): Schedule {
  let slices = 0;
  return (run) => {
    slices++;
    if (slices % RUN === 0) setTimeout(run, PAUSE_MS);
    else setImmediate(run);
  };
}
