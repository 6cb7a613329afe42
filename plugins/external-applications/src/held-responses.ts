/** Responses that an application looks at: each is held until it has decided, or has taken too long. */
import type { Clock, ResponseEvent, Timer } from '@parley/sdk';
import type { EventFrame } from './application-frames.ts';
import { ExternalErrors as E } from './errors.ts';
import { applyChanges } from './wire-message.ts';

interface HeldResponse {
  readonly event: ResponseEvent;
  readonly release: (passes: boolean) => void;
  readonly timer: Timer;
}

export class HeldResponses {
  private readonly held = new Map<number, HeldResponse>();
  private last = 0;

  /** @param timedOut told of each that the application has not decided in time */
  constructor(
    private readonly clock: Clock,
    private readonly patienceMs: number,
    private readonly timedOut: () => void,
  ) {}

  get size(): number {
    return this.held.size;
  }

  /** Holds it; gives its number. */
  hold(event: ResponseEvent): number {
    const number = ++this.last;
    const timer = this.clock.timers.start(this.patienceMs, () => {
      this.timedOut();
      this.letGo(number, true);
    });
    this.held.set(number, { event, release: event.hold(), timer });
    return number;
  }

  /** Throws EXTERNAL_LATE, EXTERNAL_CHANGE. */
  decide(frame: Extract<EventFrame, { type: 'pass' | 'drop' }>): void {
    const held = this.held.get(frame.event);
    if (held === undefined) throw E.EXTERNAL_LATE({ what: 'response', id: frame.event });
    if (frame.type === 'pass' && frame.changes !== undefined) applyChanges(held.event.response, frame.changes);
    this.letGo(frame.event, frame.type === 'pass');
  }

  /** The process is gone: all go on. */
  end(): void {
    for (const number of this.held.keys()) this.letGo(number, true);
  }

  private letGo(number: number, passes: boolean): void {
    const held = this.held.get(number);
    if (held === undefined) return;
    this.held.delete(number);
    this.clock.timers.cancel(held.timer);
    held.release(passes);
  }
}
