/** Digest authentication offers other plugins nothing but the identity it puts on each request. */
export type { DigestConfig } from './config.ts';
