/** Overload control: how much new work the server takes on when it cannot do all of it. RFC 7339 section 4 calls it local throttling. */
import { performance } from 'node:perf_hooks';
import type { EventLoopUtilization } from 'node:perf_hooks';
import type { Clock } from '../clock/index.ts';

/** Milliseconds between two looks at the event loop. */
export const SAMPLE_MS = 50;
/** Below this share of idle time the loop has not once caught up with its queue in a sample. */
const BUSY_BELOW = 0.005;
/** At this share the loop has room again. */
const FREE_ABOVE = 0.02;
/**
 * Samples without a pause before it counts as overload. A queue that is served in time empties itself again and again, even
 * at 98 % load; half a second without that means that messages wait longer than they should.
 */
const BUSY_SAMPLES = 10;
/** Samples without a pause before the limit is lowered further: what it changed takes that long to be seen, for the queue has to drain first. */
const SETTLE_SAMPLES = 4;
const DECREASE = 0.92;
const INCREASE = 0.5;
/** Requests a second that are let in whatever happens, so that a wrong measurement cannot shut the door. */
const LEAST_RATE = 200;
/** Below this rate of new requests it is not they that keep the loop busy: a start, a backup, another program on the machine. */
const RATE_THAT_MATTERS = 200;
/** Share by which each new measurement of the rate counts. */
const SMOOTHING = 0.3;

/**
 * Decides from the idle time of the event loop how many new requests a second are let in: without a limit at first, then, when
 * the loop has no pause any more, a little less than it managed, until there are pauses again. Pure: told what happened.
 */
export class LoadController {
  /** New requests a second; Infinity while there is no overload. */
  limit = Number.POSITIVE_INFINITY;
  private busySamples = 0;
  private rate = 0;

  /**
   * One sample is over.
   * @param idle share of it in which the event loop waited, 0..1
   * @param admitted new requests that were let in
   * @param refused new requests that were not
   */
  sample(idle: number, admitted: number, refused: number): void {
    const rate = (admitted * 1000) / SAMPLE_MS;
    this.rate += (rate - this.rate) * SMOOTHING;
    this.busySamples = idle < BUSY_BELOW ? this.busySamples + 1 : 0;
    const shedding = Number.isFinite(this.limit);
    const long = this.busySamples >= (shedding ? SETTLE_SAMPLES : BUSY_SAMPLES);
    if (long && this.rate + (refused * 1000) / SAMPLE_MS > RATE_THAT_MATTERS) {
      this.limit = Math.max((shedding ? this.limit : this.rate) * DECREASE, LEAST_RATE);
      this.busySamples = 0;
    } else if (idle > FREE_ABOVE && shedding) {
      // The more room there is the faster the limit rises.
      this.limit *= 1 + idle * INCREASE;
      if (refused === 0) this.limit = Number.POSITIVE_INFINITY;
    }
  }
}

/** Requests after which the code is compiled and the server as fast as it gets: what looks like overload before that is not. */
const WARM_UP_REQUESTS = 20_000;

/** The controller at work on this process's event loop. */
export class LoadShedder {
  /** New requests refused since the start. */
  refusedTotal = 0;
  private readonly controller = new LoadController();
  private tokens = 0;
  private admitted = 0;
  private refused = 0;
  private last: EventLoopUtilization = performance.eventLoopUtilization();
  private warmUp = WARM_UP_REQUESTS;
  private stopped = false;

  constructor(
    private readonly clock: Clock,
    /** Called when shedding begins (true) and ends (false). */
    private readonly changed: (shedding: boolean) => void,
  ) {
    clock.timers.start(SAMPLE_MS, sampleNow, this);
  }

  /** Some new requests are being refused. */
  get shedding(): boolean {
    return Number.isFinite(this.controller.limit);
  }

  /** May one more new request in? Counts it. */
  admit(): boolean {
    if (this.controller.limit !== Number.POSITIVE_INFINITY) {
      if (this.tokens < 1) {
        this.refused++;
        this.refusedTotal++;
        return false;
      }
      this.tokens--;
    }
    this.admitted++;
    return true;
  }

  stop(): void {
    this.stopped = true;
  }

  /** Takes a sample and arms the next one. */
  sample(): void {
    if (this.stopped) return;
    const now = performance.eventLoopUtilization();
    const idle = now.idle - this.last.idle;
    const active = now.active - this.last.active;
    this.last = now;
    const was = Number.isFinite(this.controller.limit);
    this.warmUp = Math.max(0, this.warmUp - this.admitted);
    if (this.warmUp === 0) this.controller.sample(idle / Math.max(idle + active, 1), this.admitted, this.refused);
    this.admitted = 0;
    this.refused = 0;
    const is = Number.isFinite(this.controller.limit);
    // What was not used is not saved up beyond one sample: a burst later would be the overload again.
    const share = is ? (this.controller.limit * SAMPLE_MS) / 1000 : 0;
    this.tokens = Math.min(this.tokens + share, share * 2);
    if (was !== is) this.changed(is);
    this.clock.timers.start(SAMPLE_MS, sampleNow, this);
  }
}

function sampleNow(shedder: unknown): void {
  (shedder as LoadShedder).sample();
}
