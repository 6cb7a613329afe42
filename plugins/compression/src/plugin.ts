/** Compression of SIP connections (MS-SIPCOMP). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'compression',
  summary: 'Compression of SIP connections (MS-SIPCOMP).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
