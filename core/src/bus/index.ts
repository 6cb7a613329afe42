export { requestSubject, subject } from './bus.ts';
export type { Bus, RequestOptions, RequestSubject, Subject, Unsubscribe } from './bus.ts';
