/** Lync autodiscover web service (MS-OCDISCWS). */
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';

export default definePlugin({
  name: 'autodiscover',
  summary: 'Lync autodiscover web service (MS-OCDISCWS).',
  config: z.strictObject({}),
  root: new URL('..', import.meta.url),
});
