import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { compileApplication } from '@parley/sdk';
import type { ScriptRun } from '@parley/sdk';
import { Routing } from '../src/routing.ts';

const FILE = fileURLToPath(new URL('../routes.am', import.meta.url));

test('the script hands every request to the handler, and says 503 when that has too much to do', () => {
  const handlerMethods = new Set(Object.getOwnPropertyNames(Routing.prototype));
  const compiled = compileApplication(readFileSync(FILE, 'utf8'), FILE, { handlerMethods });
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.diagnostics));
  expect(['INVITE', 'MESSAGE', 'OTHER', 'ACK'].every((method) => compiled.application.manifest.wantsRequest(method))).toBe(true);
  expect([compiled.application.manifest.strictRoute, compiled.application.manifest.wantsResponses]).toEqual([false, false]);
  const done: unknown[] = [];
  const run = (accepts: boolean): void => {
    const actions = { dispatch: (method: string) => accepts && done.push(method) > 0, respond: (status: number) => done.push(status) > 0 };
    compiled.application.run({ actions, request: {}, environment: {} } as unknown as ScriptRun);
  };
  run(true);
  run(false);
  expect(done).toEqual(['onRequest', 503]);
});
