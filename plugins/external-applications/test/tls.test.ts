/** Applications on other machines: TLS, with a secret or a certificate of their own. */
import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { attach } from '@parley/sdk/application';
import type { Application, AttachOptions } from '@parley/sdk/application';
import { manifest, serving } from './serving.ts';
import type { Settings } from './serving.ts';

/** Certificates of core's transport tests: `server` for localhost and `peer` of one authority, `stranger` of none. */
function pem(name: string): string {
  return fileURLToPath(new URL(`../../../core/test/transport/fixtures/${name}`, import.meta.url));
}

const SECRET = 'correct horse battery';

/** A port that is free now. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Tries to attach over TLS to a server with a TLS listener. */
async function over(
  guard: Settings['guard'],
  tls: Record<string, unknown>,
  client: Partial<AttachOptions> & { readonly as?: string },
): Promise<Application> {
  const port = await freePort();
  await serving({ guard: guard ?? {}, plugin: { tls: { port, certFile: pem('server.pem'), keyFile: pem('server.key'), ...tls } } });
  const { as, ...options } = client;
  const own = as === undefined ? {} : { certificate: readFileSync(pem(`${as}.pem`)), key: readFileSync(pem(`${as}.key`)) };
  const application = await attach({
    tls: { host: '127.0.0.1', port, serverName: 'localhost', ca: readFileSync(pem('ca.pem')), ...own },
    manifest: manifest('ProxyRequest("");'),
    handlers: {},
    reconnect: false,
    onError: () => undefined,
    ...options,
  });
  onTestFinished(() => application.close());
  return application;
}

test('over TLS a secret is enough', async () => {
  expect((await over({ secret: SECRET }, {}, { secret: SECRET })).attached).toBe(true);
});

test('so is a certificate with the fingerprint that is configured; another one is not', async () => {
  const certificate = new X509Certificate(readFileSync(pem('peer.pem'))).fingerprint256;
  expect((await over({ certificate }, {}, { as: 'peer' })).attached).toBe(true);
  await expect(over({ certificate }, {}, { as: 'stranger' })).rejects.toMatchObject({ code: 'APPLICATION_REFUSED' });
  await expect(over({ certificate }, {}, {})).rejects.toMatchObject({ code: 'APPLICATION_REFUSED' });
});

test('over TLS an application for which neither is configured is refused', async () => {
  await expect(over({}, {}, {})).rejects.toMatchObject({ message: expect.stringContaining('has not shown who it is') as string });
});

test('with caFile nobody gets past the handshake without a certificate of that authority', async () => {
  const tls = { caFile: pem('ca.pem') };
  expect((await over({ secret: SECRET }, tls, { secret: SECRET, as: 'peer' })).attached).toBe(true);
  await expect(over({ secret: SECRET }, tls, { secret: SECRET, as: 'stranger' })).rejects.toMatchObject({
    code: 'APPLICATION_UNREACHABLE',
  });
});

test('a certificate that cannot be read keeps the server from starting, with the reason', async () => {
  await expect(over({}, { certFile: '/nonexistent.pem' }, {})).rejects.toThrow(/applications cannot be listened to .*nonexistent/);
});
