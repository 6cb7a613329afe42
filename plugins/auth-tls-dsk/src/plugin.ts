/** Certificate sign-in for Lync clients (MS-SIPAE TLS-DSK). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'auth-tls-dsk',
  summary: 'Certificate sign-in for Lync clients (MS-SIPAE TLS-DSK).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
