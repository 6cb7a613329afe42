/** Enhanced presence: categories, containers, aggregation, watchers (MS-PRES). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'presence',
  summary: 'Enhanced presence: categories, containers, aggregation, watchers (MS-PRES).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
