/** A whole server: directory, pki, registrar and this plugin, with clients on TCP connections. */
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { FakeClock, Telemetry, Transport, checkConfig, definePlugin, openLog, startServer, temporaryStore } from '@parley/sdk';
import type { PluginScope } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import type { User } from '@parley/plugin-directory/api';
import pki from '@parley/plugin-pki';
import { ClientCertificates } from '@parley/plugin-pki/api';
import registrar from '@parley/plugin-registrar';
import { expect, onTestFinished, test, vi } from 'vitest';
import * as z from 'zod';
import plugin from '../src/plugin.ts';
import type { DskClientTraits } from '@parley/sdk/testkit';
import { DskClient } from '@parley/sdk/testkit';
import { SipClient } from './sip-client.ts';
import { ALICE, BOB, HOUR_MS, NOW, request } from './support.ts';

vi.setConfig({ testTimeout: 30_000 });

const STS = 'https://uc.example.com/CertProv/CertProvisioningService.svc';

/** A server with Alice and Bob. */
class Server {
  readonly clock = new FakeClock(NOW);
  readonly lines: { msg: string }[] = [];
  readonly users = new Map<string, User>();
  private scope: PluginScope | undefined;

  static async start(): Promise<Server> {
    const server = new Server();
    const probe = definePlugin({
      name: 'probe',
      summary: 'Shows the test what is inside',
      config: z.strictObject({}),
      requires: [DirectoryAdmin, ClientCertificates],
      root: new URL('.', import.meta.url),
      setup: (scope) => void (server.scope = scope),
    });
    const dataDir = mkdtempSync(join(tmpdir(), 'parley-dsk-'));
    const config = await checkConfig({
      domains: ['example.com'],
      fqdn: 'uc.example.com',
      dataDir,
      listen: [{ transport: 'tcp', host: '127.0.0.1', port: 0 }],
      plugins: [directory(), pki({ clientCertificateHours: 8 }), registrar(), plugin({ stsUri: STS }), probe()],
    });
    const output = new Writable({
      write(chunk: Buffer, _encoding, done) {
        server.lines.push(JSON.parse(chunk.toString()) as { msg: string });
        done();
      },
    });
    const logger = openLog({ level: 'info', output });
    const host = await startServer(config, { clock: server.clock, logger, store: temporaryStore(server.clock) });
    onTestFinished(async () => {
      await host.close();
      rmSync(dataDir, { recursive: true });
    });
    for (const name of ['alice', 'bob']) server.users.set(name, await server.admin.addUser({ uri: `sip:${name}@example.com` }));
    return server;
  }

  get admin(): DirectoryAdmin {
    return this.inside.resolve(DirectoryAdmin);
  }

  get certificates(): ClientCertificates {
    return this.inside.resolve(ClientCertificates);
  }

  get port(): number {
    return this.inside.resolve(Transport).listeners[0]?.address.port ?? 0;
  }

  /** What the metric counts, all labels together. */
  figure(name: string): number {
    const family = this.inside
      .resolve(Telemetry)
      .metrics()
      .find((one) => one.name === name);
    return (family?.samples ?? []).reduce((sum, { value }) => sum + value, 0);
  }

  /** A certificate for a user, with the key that belongs to it. */
  async enrol(name: 'alice' | 'bob', deviceId = 'desk'): Promise<DskClientTraits> {
    const { certificate } = await this.certificates.issue({ csr: request(name), user: this.users.get(name) as User, deviceId });
    return { key: (name === 'alice' ? ALICE : BOB).key, cert: new X509Certificate(certificate).toString() };
  }

  /** A client that is signed in. */
  async signedIn(traits: DskClientTraits): Promise<SipClient> {
    const client = await this.connect();
    expect((await client.handshake(traits)).status).toBe(401);
    expect((await client.registerSigned()).status).toBe(200);
    return client;
  }

  async connect(aor?: string): Promise<SipClient> {
    const client = await SipClient.connect(this.port, aor);
    onTestFinished(() => client.close());
    return client;
  }

  private get inside(): PluginScope {
    return this.scope as PluginScope;
  }
}

test('MS-SIPAE R2, R3: a request without credentials is challenged with TLS-DSK, sts-uri and Date', async () => {
  const server = await Server.start();
  const answer = await (await server.connect()).register();
  expect(answer.status).toBe(401);
  expect(answer.all('www-authenticate')).toEqual([
    `TLS-DSK realm="SIP Communications Service", targetname="uc.example.com", version=4, sts-uri="${STS}"`,
  ]);
  expect(answer.all('date')).toEqual([new Date(NOW).toUTCString()]);
});

test('MS-SIPAE R5, R22: a client signs in with the certificate that it was issued; the 200 and all that follows is signed', async () => {
  const server = await Server.start();
  const client = await server.connect();
  const last = await client.handshake(await server.enrol('alice'));
  expect(last.all('www-authenticate')).toHaveLength(1);
  expect(last.parameter('www-authenticate', 'opaque')).toMatch(/^[0-9A-F]{8}$/);
  const answer = await client.registerSigned();
  expect(answer.status).toBe(200);
  const toTag = /tag=([^;]+)/.exec(answer.all('to')[0] ?? '')?.[1] ?? '';
  expect(client.isSigned(answer, toTag, answer.all('expires')[0] ?? '')).toBe(true);
  expect(server.figure('parley_auth_tls_dsk_associations')).toBe(1);
  expect(server.figure('parley_auth_tls_dsk_handshakes')).toBe(0);
});

test('MS-SIPAE R9, R11: a message with an altered field is challenged, one that came before is not answered', async () => {
  const server = await Server.start();
  const client = await server.signedIn(await server.enrol('alice'));
  expect((await client.registerSigned({ sign: 'bob@example.com' })).status).toBe(401);
  const answers = client.registerSigned({ cnum: 1 }).then(() => 'answered');
  // The replay is dropped; what comes after it is answered, so its answer is the first.
  const next = client.registerSigned({ cnum: 7 });
  expect((await next).status).toBe(200);
  expect(await Promise.race([answers, Promise.resolve('silence')])).toBe('silence');
});

test('the certificate of another user gets 401 with ms-diagnostics, and the operator one line', async () => {
  const server = await Server.start();
  const client = await server.connect();
  const answer = await client.handshake(await server.enrol('bob'));
  expect([answer.status, answer.parameter('www-authenticate', 'gssapi-data')]).toEqual([401, '']);
  expect(answer.all('ms-diagnostics')[0]).toMatch(/^1000;reason="Final handshake failed";source="uc.example.com"/);
  expect(server.lines.map((line) => line.msg)).toContain(
    'sign-in failed: the certificate of bob@example.com was presented for "alice@example.com"',
  );
});

test('with the own certificate nobody registers somebody else', async () => {
  const server = await Server.start();
  const client = await server.connect('bob@example.com');
  const answer = await client.handshake(await server.enrol('alice'));
  expect([answer.status, answer.parameter('www-authenticate', 'gssapi-data')]).toEqual([401, '']);
});

test('when a certificate is revoked, what is signed in with it is asked again, and what is signed in with another is not', async () => {
  const server = await Server.start();
  const [desk, phone] = [await server.enrol('alice', 'desk'), await server.enrol('alice', 'phone')];
  const [one, other] = [await server.signedIn(desk), await server.signedIn(phone)];
  await server.certificates.revoke((server.users.get('alice') as User).id, 'desk');
  expect((await one.registerSigned()).status).toBe(401);
  expect((await other.registerSigned()).status).toBe(200);
  expect((await one.handshake(desk)).parameter('www-authenticate', 'gssapi-data')).toBe('');
  expect((await one.handshake(await server.enrol('alice', 'desk'))).status).toBe(401);
  expect((await one.registerSigned()).status).toBe(200);
});

test('a certificate that was replaced by a newer one of the device leaves who is signed in with it alone', async () => {
  const server = await Server.start();
  const client = await server.signedIn(await server.enrol('alice'));
  await server.enrol('alice');
  expect((await client.registerSigned()).status).toBe(200);
});

test.each([
  ['disabled', 'user.disabled', (server: Server) => server.admin.setEnabled('alice@example.com', false)],
  ['removed', 'user.removed', (server: Server) => server.admin.removeUser('alice@example.com')],
] as const)(
  'MS-OCAUTHWS R15: the associations of a user who is %s end, and the certificate is good no more',
  async (_what, subject, end) => {
    const server = await Server.start();
    const certificate = await server.enrol('alice');
    const client = await server.signedIn(certificate);
    await end(server);
    await vi.waitFor(() => expect(client.closed).toBe(true)); // by the registrar, which signs the endpoint out
    const again = await server.connect();
    expect((await again.handshake(certificate)).parameter('www-authenticate', 'gssapi-data')).toBe('');
    expect(server.lines.map((line) => line.msg)).toContain(`clients have to sign in again: ${subject} alice@example.com`);
  },
);

test('MS-SIPAE R17: an association ends with its certificate, before the eight hours are over', async () => {
  const server = await Server.start();
  const certificate = await server.enrol('alice');
  server.clock.advance(7 * HOUR_MS);
  const client = await server.signedIn(certificate);
  server.clock.advance(HOUR_MS - 1000);
  const late = await server.connect();
  expect((await late.handshake(certificate)).status).toBe(401);
  expect((await late.registerSigned()).status).toBe(200);
  server.clock.advance(1000);
  expect((await late.registerSigned()).status).toBe(401);
  expect((await late.handshake(certificate)).parameter('www-authenticate', 'gssapi-data')).toBe('');
  client.close();
});

test('MS-SIPAE R6: a handshake left half-done is over after a minute, and its connection may begin anew', async () => {
  const server = await Server.start();
  const certificate = await server.enrol('alice');
  const client = await server.connect();
  const hello = new DskClient(certificate);
  expect((await client.token(await hello.hello())).status).toBe(401);
  expect(server.figure('parley_auth_tls_dsk_inner_tls')).toBe(1);
  server.clock.advance(70_000);
  expect(server.figure('parley_auth_tls_dsk_handshakes')).toBe(0);
  expect(server.figure('parley_auth_tls_dsk_inner_tls')).toBe(0);
  hello.close();
});

test('a handshake whose connection closes is let go of', async () => {
  const server = await Server.start();
  const client = await server.connect();
  const hello = new DskClient(await server.enrol('alice'));
  expect((await client.token(await hello.hello())).status).toBe(401);
  client.close();
  hello.close();
  await vi.waitFor(() => expect(server.figure('parley_auth_tls_dsk_inner_tls')).toBe(0));
});

test('noise instead of TLS gets a new challenge', async () => {
  const server = await Server.start();
  const client = await server.connect();
  const answer = await client.token(Buffer.from('not TLS at all'));
  expect([answer.status, answer.parameter('www-authenticate', 'opaque')]).toEqual([401, '']);
  expect(answer.parameter('www-authenticate', 'sts-uri')).toBe(STS);
});
