/** Certificate sign-in offers other plugins nothing but the identity it puts on each request. */
export type { DskConfig } from './config.ts';
