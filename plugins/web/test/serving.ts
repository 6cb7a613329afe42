/** A server with web services and three users, and a client that keeps its connection. */
import { onTestFinished } from 'vitest';
import type { z } from 'zod';
import { GIVEN_CERTIFICATE, testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions, WebAnswer, WebClient } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import pki from '@parley/plugin-pki';
import { Web } from '../src/api.ts';
import web from '../src/plugin.ts';

export interface Serving {
  readonly server: TestServer;
  readonly host: Web;
  readonly client: WebClient;
  /** Asks for `/me`, which says who is signed in and how. */
  readonly me: (authorization?: string, more?: Readonly<Record<string, string>>) => Promise<WebAnswer>;
}

/** What else a test wants. */
export interface Wishes extends Partial<TestServerOptions> {
  /** Of the directory: how fast passwords can be tried. */
  readonly limits?: z.input<typeof directory.config>['signIn'];
}

/** alice, bob, and carol who is disabled. Closed when the test is finished. */
export async function serving(config: z.input<typeof web.config> = {}, wishes: Wishes = {}): Promise<Serving> {
  const { limits = {}, plugins = [], ...options } = wishes;
  const server = await testServer({
    plugins: [directory({ signIn: limits }), pki(GIVEN_CERTIFICATE.pki), ...plugins, web({ host: '127.0.0.1', port: 0, ...config })],
    files: GIVEN_CERTIFICATE.files,
    users: [
      { name: 'alice', password: 'Wonderland 7', logins: ['EXAMPLE\\alice'] },
      { name: 'bob', password: 'Bäcker:88', logins: ['EXAMPLE\\bob'] },
      { name: 'carol', password: 'Carrots 9', enabled: false },
    ],
    log: 'info',
    ...options,
  });
  onTestFinished(() => server.close());
  const host = server.find(Web);
  await host.routes((app) => {
    app.get('/me', { onRequest: host.authenticate }, (request) => {
      const identity = host.identityOf(request);
      return `${identity?.user.aor} by ${identity?.scheme}`;
    });
  });
  const client = server.web();
  const me: Serving['me'] = (authorization, more = {}) =>
    client.get('/me', authorization === undefined ? more : { authorization, ...more });
  return { server, host, client, me };
}
