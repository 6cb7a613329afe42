/** Time in a test: it stands still until the test lets it pass, and what it brings about happens before more of it does. */
import { performance } from 'node:perf_hooks';
import { setImmediate as turn, setTimeout as sleep } from 'node:timers/promises';
import { FakeClock } from '@parley/core';
import { TestkitErrors } from './errors.ts';
import type { VirtualNetwork } from './network/virtual-network.ts';

/** Turns of the event loop without anything happening after which all is taken to be at rest. */
const QUIET_TURNS = 6;
/** Things that may happen at one moment before it is taken for an endless exchange. */
const MAX_ACTIVITY = 200_000;
/** Real time that is waited for work of other threads (passwords, certificates) before something counts as not happening. */
const PATIENCE_MS = 1_000;
const PATIENCE_STEP_MS = 5;
/** Real time without anything happening after which a start is taken to wait for time, and steps in which that is watched. */
const STUCK_MS = 3_000;
const STUCK_STEP_MS = 50;
/** A process that works less than this in a step does nothing. */
const WORK_MS = 5;
/** How much time passes at most for what is under way, when a test has said nothing of time. */
const TRANSIT_MS = 10_000;

/** Moves the server's clock and that of its endpoints together. */
export class Timeline {
  /** The clock of the server that runs. */
  server: FakeClock;
  /** The clock of endpoints and peers, whose timers are not the server's. */
  readonly world: FakeClock;
  /** Moved by what neither clock nor network see: writes of the store. */
  otherActivity: () => number = () => 0;
  /** A database in another process works on something: real time passes until it is done. */
  isWaitedFor: () => boolean = () => false;
  /** What has gone wrong where nobody waits; thrown at the next step of the test. */
  fault: Error | undefined = undefined;
  private network: VirtualNetwork | undefined = undefined;

  constructor(
    readonly startedAt: number,
    /** The conversation so far, for error messages. */
    private readonly ladder: () => string,
  ) {
    this.server = new FakeClock(startedAt);
    this.world = new FakeClock(startedAt);
  }

  /** Milliseconds since the test began. */
  get now(): number {
    return this.server.now() - this.startedAt;
  }

  /** The server's process is killed: gives its clock, which nobody moves from now on. The next process goes on at the same time. */
  loseServer(): FakeClock {
    const lost = this.server;
    this.server = new FakeClock(lost.now());
    return lost;
  }

  /** Takes the network's journeys into account from now on. */
  use(network: VirtualNetwork): void {
    this.network = network;
  }

  /** Lets everything happen that needs no time to pass. Throws TESTKIT_RESTLESS. */
  async settle(): Promise<void> {
    const start = this.activity;
    const patience = performance.now() + PATIENCE_MS;
    for (let quiet = 0; quiet < QUIET_TURNS;) {
      const before = this.activity;
      await turn();
      const isQuiet = this.activity === before && !(this.isWaitedFor() && performance.now() < patience);
      quiet = isQuiet ? quiet + 1 : 0;
      if (before - start > MAX_ACTIVITY) throw TestkitErrors.TESTKIT_RESTLESS({ count: before - start, ladder: this.ladder() });
    }
    const { fault } = this;
    this.fault = undefined;
    if (fault !== undefined) throw fault;
  }

  /** Lets `ms` pass, timer by timer and arrival by arrival; what each causes happens before the next. */
  async advance(ms: number): Promise<void> {
    const end = this.server.now() + ms;
    await this.settle();
    for (let next = this.nextEvent(); next !== undefined && next <= end; next = this.nextEvent()) await this.moveTo(next);
    await this.moveTo(end);
  }

  /** Lets things happen, and time pass as far as it is needed, until `find` finds something. @param within at most so many ms */
  async until<T>(find: () => T | undefined, within?: number): Promise<T | undefined> {
    const end = this.server.now() + (within ?? TRANSIT_MS);
    let waited = 0;
    for (;;) {
      await this.settle();
      const found = find();
      if (found !== undefined) return found;
      const next = within === undefined ? this.network?.nextArrival() : Math.min(this.nextEvent() ?? end, end);
      if (next !== undefined && next <= end && this.server.now() < end) {
        await this.moveTo(next);
      } else if (waited < PATIENCE_MS) {
        await sleep(PATIENCE_STEP_MS);
        waited += PATIENCE_STEP_MS;
      } else {
        return undefined;
      }
    }
  }

  /** Lets everything arrive that is under way, and nothing else happen that takes time. */
  async arrivals(): Promise<void> {
    const end = this.server.now() + TRANSIT_MS;
    await this.settle();
    for (let next = this.network?.nextArrival(); next !== undefined && next <= end; next = this.network?.nextArrival()) {
      await this.moveTo(next);
    }
  }

  /** Lets time pass until a promise has settled, at most for `within` ms; then it is waited for without. */
  async through<T>(promise: Promise<T>, within: number): Promise<T> {
    const state = { pending: true };
    const watched = promise.finally(() => (state.pending = false));
    watched.catch(() => undefined);
    const end = this.server.now() + within;
    await this.settle();
    while (state.pending && this.server.now() < end) await this.moveTo(Math.min(this.nextEvent() ?? end, end));
    return watched;
  }

  /** Waits for a promise while time stands still; when nothing happens any more, lets it pass, so that limits on the way run out. */
  async untilStuck<T>(promise: Promise<T>, within: number): Promise<T> {
    const state = { pending: true };
    const ended = promise.then(
      () => void (state.pending = false),
      () => void (state.pending = false),
    );
    for (let idle = 0; state.pending && idle < STUCK_MS;) {
      const [before, begin] = [this.activity, performance.eventLoopUtilization()];
      await Promise.race([ended, sleep(STUCK_STEP_MS)]);
      const { active } = performance.eventLoopUtilization(begin);
      idle = active > WORK_MS || this.activity !== before || this.isWaitedFor() ? 0 : idle + STUCK_STEP_MS;
    }
    return state.pending ? this.through(promise, within) : promise;
  }

  private get activity(): number {
    return (this.network?.activity ?? 0) + this.otherActivity();
  }

  private nextEvent(): number | undefined {
    const times = [this.server.timers.nextDue(), this.world.timers.nextDue(), this.network?.nextArrival()];
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
  }

  private async moveTo(time: number): Promise<void> {
    const ms = Math.max(0, time - this.server.now());
    this.server.advance(ms);
    this.world.advance(ms);
    this.network?.deliver();
    await this.settle();
  }
}
