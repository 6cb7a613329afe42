/** Discovery offers other plugins nothing yet but the type of its configuration. */
export type { AutodiscoverConfig } from './config.ts';
