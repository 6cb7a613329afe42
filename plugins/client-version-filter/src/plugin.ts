/** Which client versions may sign in. */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'client-version-filter',
  summary: 'Which client versions may sign in.',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
