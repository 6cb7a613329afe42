/** Applications in other processes that take part in routing. */
import { definePlugin } from '@parley/sdk';
import { z } from 'zod';

export default definePlugin({
  name: 'external-applications',
  summary: 'Lets applications in other processes take part in routing',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
