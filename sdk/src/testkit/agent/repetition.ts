/** A 2xx to an INVITE is sent again until its ACK comes, over every transport. RFC 3261 section 13.3.1.4. */
import type { SipRequest, Timer, TimerWheel } from '@parley/core';

const T1 = 500;
const T2 = 4000;
const LIMIT = 64 * T1;

/** The answers of an endpoint that wait for their ACK. */
export class Repetitions {
  private readonly running = new Map<string, Timer>();

  constructor(private readonly timers: Pick<TimerWheel, 'start' | 'cancel'>) {}

  /** Repeats `send` until `stop` is called with the ACK, at most for 32 s. */
  begin(invite: SipRequest, send: () => void): void {
    const key = keyOf(invite);
    let interval = T1;
    let passed = 0;
    const again = (): void => {
      passed += interval;
      if (passed >= LIMIT) {
        this.running.delete(key);
        return;
      }
      interval = Math.min(interval * 2, T2);
      this.running.set(key, this.timers.start(interval, again));
      send();
    };
    this.running.set(key, this.timers.start(interval, again));
  }

  /** The ACK has come. */
  stop(ack: SipRequest): void {
    this.timers.cancel(this.running.get(keyOf(ack)));
    this.running.delete(keyOf(ack));
  }
}

function keyOf(request: SipRequest): string {
  return `${request.callId} ${request.cseq.number}`;
}
