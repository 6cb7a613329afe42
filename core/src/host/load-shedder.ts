/** Overload control: when new work has to wait until the queue is empty again. RFC 7339 section 4 calls it local throttling. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock/index.ts';

/** Milliseconds between two looks at the event loop. */
export const SAMPLE_MS = 50;
/**
 * A queue that is served in time empties itself again and again, even at 98 % load. When it has not done so for this long, messages
 * wait longer than they should, and every one more that is let in makes all wait longer. Long enough for a full garbage collection.
 */
export const PATIENCE_MS = 400;
/** The same while there is overload: the less piles up before it is refused, the less there is to keep in memory meanwhile. */
export const SHORT_PATIENCE_MS = 100;
/** It is over when nothing had to be refused for this long; before, it only breathes. */
const CALM_MS = 5000;
/** Idle time in a sample from which there has been a pause; to ask the kernel and find that there is something to do takes time, too. */
const PAUSE_MS = 0.25;
/** New requests a second that are let in whatever happens, so that a wrong measurement cannot shut the door. */
const LEAST_RATE = 200;
/** Below this many new requests a second it is not they that keep the loop busy: a start, a backup, another program on the machine. */
const RATE_THAT_MATTERS = 200;

/**
 * Lets everything in until the event loop has had no pause for too long; then nothing more until it has caught up with its queue.
 * Refusing is so much cheaper than serving that the queue is empty soon, and the server goes from one state to the other several
 * times a second: it always does what it can, and nothing waits longer than the patience. Pure: told what happened.
 */
export class LoadController {
  shedding = false;
  private busyMs = 0;
  private requests = 0;
  private spare = 0;
  /** Since something was refused. */
  private calmMs = CALM_MS;

  /** A new request has come: may it in? */
  admit(): boolean {
    this.requests++;
    if (!this.shedding) return true;
    if (this.spare < 1) {
      this.refused();
      return false;
    }
    this.spare--;
    return true;
  }

  /** Requests have been refused within the last five seconds. */
  get overloaded(): boolean {
    return this.calmMs < CALM_MS;
  }

  /** A new request was turned away. */
  refused(): void {
    this.calmMs = 0;
  }

  /** Would the next new request be turned away? */
  get isFull(): boolean {
    return this.shedding && this.spare < 1;
  }

  /** The loop has waited for something to do: there is no queue. */
  paused(): void {
    this.busyMs = 0;
    this.shedding = false;
  }

  /** 50 ms more have passed, all of them busy unless `paused` was called in them. */
  tick(): void {
    this.busyMs += SAMPLE_MS;
    this.calmMs += SAMPLE_MS;
    const patience = this.overloaded ? SHORT_PATIENCE_MS : PATIENCE_MS;
    this.requests -= Math.ceil(this.requests * SHARE_OF_TICK);
    if (this.busyMs >= patience && this.requests >= RATE_THAT_MATTERS) this.shedding = true;
    this.spare = (LEAST_RATE * SAMPLE_MS) / 1000;
  }
}

/** `requests` is the count of about the last second: each tick forgets this share of it. */
const SHARE_OF_TICK = SAMPLE_MS / 1000;

/** Requests after which the code is compiled and the server as fast as it gets: what looks like overload before that is not. */
const WARM_UP_REQUESTS = 20_000;

/** The controller at work on this process's event loop. */
export class LoadShedder {
  /** New requests refused since the start. */
  refusedTotal = 0;
  private readonly controller = new LoadController();
  private warmUp = WARM_UP_REQUESTS;
  private idleSeen = idleTime();
  /** While shedding: this turn of the loop has been looked at. */
  private looked = false;
  private told = false;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    /** Called when new requests begin to be refused (true), and when none was for five seconds (false). */
    private readonly changed: (shedding: boolean) => void,
  ) {
    clock.timers.start(SAMPLE_MS, tickNow, this);
  }

  /** New requests have been refused within the last five seconds. */
  get shedding(): boolean {
    return this.controller.overloaded;
  }

  /** May one more new request in? Counts it. */
  admit(): boolean {
    if (this.warmUp > 0) {
      this.warmUp--;
      return true;
    }
    if (this.controller.shedding) this.look();
    if (this.controller.admit()) return true;
    this.refused();
    return false;
  }

  /** Would the next new request be turned away? Cheap while nothing is. */
  isFull(): boolean {
    if (!this.controller.shedding) return false;
    this.look();
    return this.controller.isFull;
  }

  /** Counts a new request that was turned away. */
  refused(): void {
    this.refusedTotal++;
    this.controller.refused();
    if (this.told) return;
    this.told = true;
    this.changed(true);
  }

  stop(): void {
    this.stopped = true;
  }

  /** Takes note of what the loop did since the last time and arms the next one. */
  tick(): void {
    if (this.stopped) return;
    this.noticePause();
    this.idleSeen = idleTime();
    this.controller.tick();
    if (this.told && !this.shedding) {
      this.told = false;
      this.changed(false);
    }
    this.clock.timers.start(SAMPLE_MS, tickNow, this);
  }

  /** Once in a turn of the loop: the turn may have begun with a pause. */
  private look(): void {
    if (this.looked) return;
    this.looked = true;
    setImmediate(this.nextTurn);
    this.noticePause();
  }

  private readonly nextTurn = (): void => {
    this.looked = false;
  };

  private noticePause(): void {
    if (idleTime() - this.idleSeen > PAUSE_MS) this.controller.paused();
  }
}

/** Milliseconds that the loop has waited since the start of the process. */
function idleTime(): number {
  return performance.eventLoopUtilization().idle;
}

function tickNow(shedder: unknown): void {
  (shedder as LoadShedder).tick();
}
