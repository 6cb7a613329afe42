export { SystemClock, FakeClock } from './clock.ts';
export type { Clock } from './clock.ts';
export { TimerWheel } from './timer-wheel.ts';
export type { Timer } from './timer-wheel.ts';
export { repeat } from './repeat.ts';
