/** Overload control: when new work has to wait until the queue is empty again. RFC 7339 section 4 calls it local throttling. */
import { performance } from 'node:perf_hooks';
import type { Clock } from '../clock/index.ts';
import { QueueWatch } from './queue-watch.ts';

/** Milliseconds between two looks at the event loop. */
export const SAMPLE_MS = 50;
/**
 * A queue that is served in time empties itself again and again, even at 98 % load. When there has been one for this long, messages
 * wait longer than they should, and every one more that is let in makes all wait longer. Long enough for a full garbage collection
 * and what has piled up in it.
 */
export const PATIENCE_MS = 800;
/** The same while there is overload: the less piles up before it is refused, the less there is to keep in memory meanwhile. */
export const SHORT_PATIENCE_MS = 100;
/** It is over when nothing had to be refused for this long; before, it only breathes. */
const CALM_MS = 5000;
/** Idle time in a sample from which there has been a pause; to ask the kernel and find that there is something to do takes time, too. */
const PAUSE_MS = 0.25;
/** New requests a second that are let in whatever happens, so that a wrong measurement cannot shut the door. */
const LEAST_RATE = 200;
/**
 * While there is overload, a turn of the loop is to last about so long. What a stream has brought is all read in one turn: the longer it
 * lasts, the more requests wait for their answers at once, and the garbage collector copies every one of them.
 */
const TARGET_TURN_MS = 10;
/** A single long turn is the garbage collector's; so many in a row are a load. */
const TURNS_IN_A_ROW = 3;
/** So long after a queue was found the length of turns counts: what is refused because of it must not keep that going. */
const SHARING_MS = 2000;
/** So many requests in a row at most may be let in because few came before. */
const MOST_CREDIT = 2;
/** Below this many new requests a second it is not they that keep the loop busy: a start, a backup, another program on the machine. */
const RATE_THAT_MATTERS = 200;

/**
 * Lets everything in until messages have waited in a queue for too long; then nothing more until that is empty. Refusing is so much
 * cheaper than serving that it is empty soon, and the server goes from one state to the other several times a second: it always does
 * what it can, and nothing waits longer than the patience. For two seconds after that a part of the new requests is let in, the smaller
 * the longer the loop's last turns were, so that what streams bring does not pile up in the first place. Pure: told what happened.
 */
export class LoadController {
  shedding = false;
  private queuedMs = 0;
  private requests = 0;
  private spare = 0;
  /** Of the new requests, this part is let in. */
  private share = 1;
  /** Grows by the share with each new request; one that is let in costs 1. */
  private credit = 0;
  private readonly lastTurns: number[] = Array.from({ length: TURNS_IN_A_ROW }, () => 0);
  /** Since everything was refused. */
  private sinceShedMs = SHARING_MS;
  /** Since something was refused. */
  private calmMs = CALM_MS;

  /** A new request has come: may it in? */
  admit(): boolean {
    this.requests++;
    if (this.isFull) {
      this.refused();
      return false;
    }
    if (this.shedding) this.spare--;
    else this.credit = Math.min(this.credit + this.share, MOST_CREDIT) - 1;
    return true;
  }

  /** Requests have been refused within the last five seconds. */
  get overloaded(): boolean {
    return this.calmMs < CALM_MS;
  }

  /** A new request was turned away. */
  refused(): void {
    this.calmMs = 0;
    this.credit = Math.min(this.credit + this.share, MOST_CREDIT);
  }

  /** Would the next new request be turned away? */
  get isFull(): boolean {
    return this.shedding ? this.spare < 1 : this.share < 1 && this.credit < 1;
  }

  /** A turn of the loop has lasted so long. Soon after a queue was found, fewer are let in after long ones. */
  turn(ms: number): void {
    this.lastTurns.push(ms);
    this.lastTurns.shift();
    this.share = this.sinceShedMs < SHARING_MS ? Math.min(1, TARGET_TURN_MS / Math.min(...this.lastTurns)) : 1;
  }

  /** There is no queue now. */
  cleared(): void {
    this.queuedMs = 0;
    this.shedding = false;
  }

  /** `elapsedMs` more have passed. @param queued there was a queue throughout */
  tick(elapsedMs: number, queued: boolean): void {
    if (queued) this.queuedMs += elapsedMs;
    else this.cleared();
    this.calmMs += elapsedMs;
    this.sinceShedMs += elapsedMs;
    const patience = this.overloaded ? SHORT_PATIENCE_MS : PATIENCE_MS;
    if (this.queuedMs >= patience && this.requests >= RATE_THAT_MATTERS) this.shedding = true;
    if (this.shedding) this.sinceShedMs = 0;
    // After the question: one turn of an overloaded loop may be longer than a second, and what came in it must count.
    this.requests -= Math.ceil(this.requests * Math.min(1, elapsedMs / 1000));
    this.spare = (LEAST_RATE * elapsedMs) / 1000;
  }
}

/** Requests after which the code is compiled and the server as fast as it gets: what looks like overload before that is not. */
const WARM_UP_REQUESTS = 20_000;

/** The clock is asked about every 64th request. */
const LOOK_MASK = 63;

/** What a shedder needs of the server. */
export interface ShedderHome {
  readonly clock: Clock;
  /** Datagrams that have come in since the start. */
  datagrams(): number;
  /** New requests begin to be refused (true), or none was for five seconds (false). */
  changed(shedding: boolean): void;
}

/** The controller at work on this process's event loop. */
export class LoadShedder {
  /** New requests refused since the start. */
  refusedTotal = 0;
  private readonly controller = new LoadController();
  private readonly watch = new QueueWatch();
  private warmUp = WARM_UP_REQUESTS;
  private idleSeen = idleTime();
  private ticked = performance.now();
  /** Each turn of the loop is looked at. */
  private watching = false;
  private turnBegan = 0;
  /** While shedding: this turn of the loop has been looked at. */
  private looked = false;
  private told = false;
  private stopped = false;
  private asked = 0;

  constructor(private readonly home: ShedderHome) {
    home.clock.timers.start(SAMPLE_MS, tickNow, this);
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
    if ((++this.asked & LOOK_MASK) === 0) this.lookAtTurn();
    if (this.controller.shedding) this.look();
    if (this.controller.admit()) return true;
    this.refused();
    return false;
  }

  /** Would the next new request be turned away? Cheap while nothing is. */
  isFull(): boolean {
    if (this.controller.shedding) this.look();
    return this.controller.isFull;
  }

  /** Counts a new request that was turned away. */
  refused(): void {
    this.refusedTotal++;
    this.controller.refused();
    if (this.told) return;
    this.told = true;
    this.home.changed(true);
  }

  stop(): void {
    this.stopped = true;
    this.watching = false;
  }

  /** Takes note of what the loop did since the last time and arms the next one. */
  tick(): void {
    if (this.stopped) return;
    const now = performance.now();
    // After a long turn the wheel makes up for the ticks that it has missed, all at once: there is nothing new to judge by.
    if (now - this.ticked >= SAMPLE_MS / 2) this.judge(now);
    this.home.clock.timers.start(SAMPLE_MS, tickNow, this);
  }

  private judge(now: number): void {
    const isBusy = !this.hasPaused();
    this.controller.tick(now - this.ticked, isBusy && this.watch.sample(now));
    this.ticked = now;
    this.idleSeen = idleTime();
    if (isBusy) this.startWatching();
    else this.stopWatching();
    if (this.told && !this.shedding) {
      this.told = false;
      this.home.changed(false);
    }
  }

  /** Turns are looked at only where there may be a queue: in samples after one without a pause. */
  private startWatching(): void {
    if (this.watching) return;
    this.watching = true;
    this.watch.reset();
    this.turnBegan = performance.now();
    this.armTurn();
  }

  private stopWatching(): void {
    this.watching = false;
    this.controller.turn(0);
  }

  /** At the end of this turn, whenever that is: it must not keep the loop from waiting. */
  private armTurn(): void {
    setImmediate(this.turnEnded).unref();
  }

  private readonly turnEnded = (): void => {
    if (!this.watching) return;
    this.armTurn();
    const now = performance.now();
    this.controller.turn(now - this.turnBegan);
    this.turnBegan = now;
    const wasShort = this.watch.turn(now, this.home.datagrams());
    if (wasShort === true && this.controller.shedding) this.controller.cleared();
  };

  /** A turn that takes in what thirty connections have sent meanwhile may last for seconds, and no tick comes until it is over. */
  private lookAtTurn(): void {
    const now = performance.now();
    if (now - this.ticked >= (this.shedding ? SHORT_PATIENCE_MS : PATIENCE_MS)) this.judge(now);
  }

  /** Once in a turn of the loop: the turn may have begun with a pause. */
  private look(): void {
    if (this.looked) return;
    this.looked = true;
    setImmediate(this.nextTurn);
    if (this.hasPaused()) this.controller.cleared();
  }

  private readonly nextTurn = (): void => {
    this.looked = false;
  };

  /** The loop has waited for something to do since the last tick: there was no queue then. */
  private hasPaused(): boolean {
    return idleTime() - this.idleSeen > PAUSE_MS;
  }
}

/** Milliseconds that the loop has waited since the start of the process. */
function idleTime(): number {
  return performance.eventLoopUtilization().idle;
}

function tickNow(shedder: unknown): void {
  (shedder as LoadShedder).tick();
}
