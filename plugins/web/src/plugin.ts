/** HTTPS host of the web services. */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'web',
  summary: 'HTTPS host of the web services.',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
