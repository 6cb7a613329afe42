export { SystemClock, FakeClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { TimerWheel } from './timer-wheel.ts';
export { ownedClock } from './owned-clock.ts';
export type { TimerFailed } from './owned-clock.ts';
export type { PendingTimer, Timer, Timers } from './timer-wheel.ts';
export { repeat } from './repeat.ts';
