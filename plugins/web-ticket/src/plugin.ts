/** Web tickets and client certificates (MS-OCAUTHWS). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'web-ticket',
  summary: 'Web tickets and client certificates (MS-OCAUTHWS).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
