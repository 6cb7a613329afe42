/** Kerberos sign-in for Communicator and Lync clients (MS-SIPAE, RFC 4120, RFC 4121). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'auth-kerberos',
  summary: 'Kerberos sign-in for Communicator and Lync clients (MS-SIPAE, RFC 4120, RFC 4121).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
