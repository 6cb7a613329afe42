/** A handler that has too much to do, for tests of what a routing script does then. */
import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { Applications, definePlugin } from '@parley/core';
import type { PluginUse } from '@parley/core';

const DISPATCHED = /\bDispatch(?:Notification)?\s*\(\s*"(\w+)"/g;

/**
 * A plugin that puts a routing script of another one into the chain, whose handler takes nothing: every Dispatch gives false. Use it
 * instead of that plugin. Boot throws HOST_SCRIPTS_UNFIT for a script that does not compile.
 * @param script the manifest: `new URL('../routes.am', import.meta.url)`
 */
export function overloaded(script: URL): PluginUse {
  const file = fileURLToPath(script);
  const text = readFileSync(file, 'utf8');
  const methods = new Map([...text.matchAll(DISPATCHED)].map(([, name = '']) => [name, () => undefined]));
  const plugin = definePlugin({
    name: 'overloaded',
    summary: 'Takes nothing that its script dispatches',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    async setup(scope) {
      await scope.resolve(Applications).attach({ name: `overloaded/${basename(file)}`, text, file, methods, busy: () => true });
    },
  });
  return plugin();
}
