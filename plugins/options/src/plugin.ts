/** Answers OPTIONS that are addressed to the server itself. RFC 3261 section 11.2. All of it is the script. */
import { definePlugin } from '@parley/sdk';
import { z } from 'zod';

export default definePlugin({
  name: 'options',
  summary: 'Answers OPTIONS addressed to the server itself',
  config: z.strictObject({}),
  scripts: ['options.am'],
  root: new URL('..', import.meta.url),
});
