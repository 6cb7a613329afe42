import { z } from 'zod';
import { expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import pki from '@parley/plugin-pki';
import web from '@parley/plugin-web';
import { Web } from '@parley/plugin-web/api';
import { definePlugin } from '@parley/sdk';
import type { PluginUse } from '@parley/sdk';
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';

/** A service that tells who asks, by which name, and what was posted. */
function greeter(): PluginUse {
  return definePlugin({
    name: 'greeter',
    summary: 'Greets those who sign in',
    config: z.strictObject({}),
    requires: [Web],
    root: new URL('.', import.meta.url),
    async setup(scope) {
      const host = scope.resolve(Web);
      const close = await host.routes((app) => {
        app.get('/hello', { onRequest: host.authenticate }, (request) => `hello ${host.identityOf(request)?.user.aor}`);
        app.post('/said', (request) => `${request.headers.host} ${String(request.body)}`);
      });
      scope.onClose(close);
    },
  })();
}

const serving = (): Promise<TestServer> =>
  testServer({
    plugins: [directory(), pki(GIVEN_CERTIFICATE.pki), web({ host: '127.0.0.1', port: 0 }), greeter()],
    files: GIVEN_CERTIFICATE.files,
    users: ['alice'],
    signIn: 'real',
  });

test('a client asks as a user or as nobody, and keeps its connection until it hangs up', async () => {
  await using server = await serving();
  const alice = server.web('alice');
  const first = await alice.get('/hello');
  expect([first.status, first.body]).toEqual([200, 'hello alice@example.com']);
  expect((await alice.get('/hello')).connection).toBe(first.connection);
  alice.hangUp();
  expect((await alice.get('/hello')).connection).not.toBe(first.connection);
  expect((await server.web().get('/hello')).status).toBe(401);
  expect(server.figure('parley_web_responses_total{status="2xx"}')).toBe(3);
  expect(server.figure('parley_web_responses_total')).toBe(4);
});

test('the host of a URL stands in the Host field; a restart has the client ask the new port', async () => {
  await using server = await serving();
  const client = server.web();
  await server.restart();
  expect((await client.post('https://outside.example.com/said', '<a/>')).body).toBe('outside.example.com <a/>');
});

test('without the plugin there is no client', async () => {
  await using server = await testServer({ plugins: [directory()] });
  expect(() => server.web()).toThrow(/provides "web"/);
});
