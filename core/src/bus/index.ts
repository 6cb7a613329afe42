export { requestSubject, subject } from './bus.ts';
export type { Bus, RequestOptions, RequestSubject, Subject, Unsubscribe } from './bus.ts';
export { InProcessBus } from './in-process-bus.ts';
export { OwnedBus } from './owned-bus.ts';
export type { SubscriberFailed } from './owned-bus.ts';
export type { BusLog } from './in-process-bus.ts';
export { BusErrors } from './errors.ts';
