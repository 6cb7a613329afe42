/** Contact lists, groups and search for clients (MS-SIPREGE, MS-PRES). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'contacts',
  summary: 'Contact lists, groups and search for clients (MS-SIPREGE, MS-PRES).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
