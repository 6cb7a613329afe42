/** In-band provisioning of clients (MS-SIPREGE). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'provisioning',
  summary: 'In-band provisioning of clients (MS-SIPREGE).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
