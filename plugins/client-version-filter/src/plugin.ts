/** Which clients may sign in, by the version in their User-Agent. [MS-SIPREGE] section 3.4.2.5. All of it is the script. */
import { definePlugin } from '@parley/sdk';
import { z } from 'zod';

export default definePlugin({
  name: 'client-version-filter',
  summary: 'Admits, warns, redirects or refuses clients at sign-in by product and version',
  config: z.strictObject({}),
  // Before the registrar (300), as in the chain of the original.
  scripts: [{ file: 'client-version-filter.am', priority: 100 }],
  root: new URL('..', import.meta.url),
});
