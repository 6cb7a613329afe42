/** NTLM sign-in for Communicator and Lync clients (MS-SIPAE, MS-NLMP). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'auth-ntlm',
  summary: 'NTLM sign-in for Communicator and Lync clients (MS-SIPAE, MS-NLMP).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
