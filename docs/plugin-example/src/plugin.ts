/** Office hours as a plugin: what it needs, offers and claims. */
import { definePlugin } from '@parley/sdk';
import { commands } from './commands.ts';
import { OfficeHoursConfig } from './config.ts';
import { OfficeHoursHandler } from './handler.ts';

export default definePlugin({
  name: 'office-hours',
  summary: 'Answers calls outside of office hours',
  config: OfficeHoursConfig,
  // Behind what homes users (300), before default routing (900).
  scripts: [{ file: 'office-hours.am', priority: 400 }],
  root: new URL('..', import.meta.url),
  handler: OfficeHoursHandler,
  commands,
});
