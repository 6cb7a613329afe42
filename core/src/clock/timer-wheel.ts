/** A hierarchical timer wheel: starting and cancelling cost the same however many timers run (Varghese and Lauck, 1987). */
import { OwnedCall } from './owned-clock.ts';

/** Where timers are started. */
export interface Timers {
  /** Timers that have neither fired nor been cancelled, of everybody. */
  readonly size: number;
  /** Calls `callback(arg)` once, `delayMs` milliseconds from now; never from inside `start`. */
  start(delayMs: number, callback: (arg: unknown) => unknown, arg?: unknown): Timer;
  /** Stops a timer; one that fired, was cancelled or is undefined is left alone. */
  cancel(timer: Timer | undefined): void;
}

/** A running timer; hold it only to cancel it. */
export interface Timer {
  /** False once it has fired or was cancelled. */
  readonly active: boolean;
}

/** A running timer, for tests that look at what is left. */
export interface PendingTimer {
  /** When it falls due, in milliseconds. */
  readonly due: number;
  /** The name of what it calls, '' without one. */
  readonly calls: string;
  /** The plugin whose clock it was started on; undefined for the server's own. */
  readonly owner: string | undefined;
}

class Entry implements Timer {
  active = true;
  previous: Entry | undefined = undefined;
  next: Entry | undefined = undefined;
  slot: Slot | undefined = undefined;

  constructor(
    readonly due: number,
    public callback: (arg: unknown) => unknown,
    public arg: unknown,
  ) {}

  /** A dead entry that has grown old would keep what it points to alive until the next full collection: it lets go of everything. */
  release(): void {
    this.active = false;
    this.callback = nothing;
    this.arg = undefined;
  }
}

function nothing(): void {}

/** The doubly linked list of timers that fall due in one span of ticks. */
class Slot {
  first: Entry | undefined = undefined;
  last: Entry | undefined = undefined;

  push(entry: Entry): void {
    entry.slot = this;
    entry.previous = this.last;
    entry.next = undefined;
    if (this.last === undefined) this.first = entry;
    else this.last.next = entry;
    this.last = entry;
  }

  unlink(entry: Entry): void {
    if (entry.previous === undefined) this.first = entry.next;
    else entry.previous.next = entry.next;
    if (entry.next === undefined) this.last = entry.previous;
    else entry.next.previous = entry.previous;
    entry.slot = undefined;
    entry.previous = undefined;
    entry.next = undefined;
  }
}

const TICK_MS = 10;
const BITS = 8;
const SLOTS = 1 << BITS;
const MASK = SLOTS - 1;
/** Four levels of 256 slots reach 2^32 ticks: 497 days. Longer delays are cut to that. */
const LEVELS = 4;
const MAX_TICKS = 2 ** (BITS * LEVELS) - 1;

/** One wheel for the whole server; 10 ms a tick. A timer fires within one tick of its time. */
export class TimerWheel implements Timers {
  /** Timers that have neither fired nor been cancelled. */
  size = 0;
  /** Ticks since `origin`: a small integer, which costs an entry nothing. Ticks since 1970 would each be an object. */
  private tick = 0;
  private readonly origin: number;
  private time: number;
  private readonly thrown: unknown[] = [];
  private readonly levels: Slot[][] = Array.from({ length: LEVELS }, () => Array.from({ length: SLOTS }, () => new Slot()));

  /** @param startMs the time at which the wheel begins, in milliseconds */
  constructor(startMs: number) {
    this.time = startMs;
    this.origin = Math.floor(startMs / TICK_MS);
  }

  /**
   * Calls `callback(arg)` once, `delayMs` from the wheel's present; never from inside `start`. The callback runs from `advanceTo`
   * and must not throw: what it throws reaches the one who moves the clock, after the other timers of that moment have run.
   */
  start(delayMs: number, callback: (arg: unknown) => unknown, arg?: unknown): Timer {
    const ticks = Math.min(Math.max(1, Math.ceil((this.time + delayMs) / TICK_MS) - this.origin - this.tick), MAX_TICKS);
    const entry = new Entry(this.tick + ticks, callback, arg);
    this.place(entry);
    this.size++;
    return entry;
  }

  /** Stops a timer; one that fired, was cancelled or is undefined is left alone. */
  cancel(timer: Timer | undefined): void {
    if (timer === undefined || !timer.active) return;
    const entry = timer as Entry;
    entry.slot?.unlink(entry);
    entry.release();
    this.size--;
  }

  /** Runs everything due up to `now` (milliseconds). Time that goes back is ignored. */
  advanceTo(now: number): void {
    const target = Math.floor(now / TICK_MS) - this.origin;
    while (this.tick < target) {
      if (this.size === 0) {
        this.tick = target;
        break;
      }
      this.tick++;
      this.time = (this.origin + this.tick) * TICK_MS;
      this.cascade();
      this.fire(this.level(0)[this.tick & MASK] as Slot);
    }
    if (now > this.time) this.time = now;
  }

  /** When the earliest timer falls due, in milliseconds; undefined with none. Walks every timer: for fake clocks only. */
  nextDue(): number | undefined {
    let earliest: number | undefined;
    for (const level of this.levels) {
      for (const slot of level) {
        for (let entry = slot.first; entry !== undefined; entry = entry.next) {
          if (earliest === undefined || entry.due < earliest) earliest = entry.due;
        }
      }
    }
    return earliest === undefined ? undefined : (this.origin + earliest) * TICK_MS;
  }

  /** Every running timer, the next first. Walks them all: for fake clocks only. */
  pending(): readonly PendingTimer[] {
    const found: PendingTimer[] = [];
    for (const slot of this.levels.flat()) {
      for (let entry = slot.first; entry !== undefined; entry = entry.next) {
        const owned = entry.arg instanceof OwnedCall ? entry.arg : undefined;
        const { callback } = owned ?? entry;
        found.push({ due: (this.origin + entry.due) * TICK_MS, calls: callback.name, owner: owned?.owner });
      }
    }
    return found.toSorted((a, b) => a.due - b.due);
  }

  private level(index: number): Slot[] {
    return this.levels[index] as Slot[];
  }

  private place(entry: Entry): void {
    const distance = entry.due - this.tick;
    let level = 0;
    while (level < LEVELS - 1 && distance >= 2 ** (BITS * (level + 1))) level++;
    const index = Math.floor(entry.due / 2 ** (BITS * level)) & MASK;
    (this.level(level)[index] as Slot).push(entry);
  }

  /** When a level has turned once, the next slot of the level above is dealt out again, nearer to its time. */
  private cascade(): void {
    for (let level = 1; level < LEVELS; level++) {
      const span = 2 ** (BITS * level);
      if (this.tick % span !== 0) return;
      const slot = this.level(level)[Math.floor(this.tick / span) & MASK] as Slot;
      for (let entry = slot.first; entry !== undefined; entry = slot.first) {
        slot.unlink(entry);
        this.place(entry);
      }
    }
  }

  private fire(slot: Slot): void {
    for (let entry = slot.first; entry !== undefined; entry = slot.first) {
      const { callback, arg } = entry;
      slot.unlink(entry);
      entry.release();
      this.size--;
      try {
        callback(arg);
      } catch (error) {
        this.thrown.push(error);
      }
    }
    if (this.thrown.length > 0) throw this.thrown.splice(0)[0];
  }
}
