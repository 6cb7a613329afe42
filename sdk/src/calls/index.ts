export { CallErrors } from './errors.ts';
export { fork, proxy, respond } from './routing.ts';
export type { ForkOptions, ResponseParts } from './routing.ts';
export { answer } from './answer.ts';
export type { AnswerUser, AnsweredRequest } from './answer.ts';
export { Bridge, bridge } from './bridge.ts';
export type { BridgeEnd, BridgeOptions } from './bridge.ts';
export { notify, subscribe } from './events.ts';
export type { NotifyOptions, SubscribeOptions } from './events.ts';
