/** Diagnostics headers and client error reports (MS-OCER). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'diagnostics',
  summary: 'Diagnostics headers and client error reports (MS-OCER).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
