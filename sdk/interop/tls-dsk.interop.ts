/** An unmodified Lync client, pidgin-sipe, gets a certificate over HTTPS and signs in with it by TLS-DSK. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { NO_CERTIFICATE_YET, expectCleanLog } from './ocs/clean-log.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { PASSWORD, ParleyServer, eventually, freePort, pause } from './server.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The TLS-DSK client tests are skipped: ${absent}`);

const AGENTS = {
  'Lync 2010': 'UCCAPI/4.0.7577.314 OC/4.0.7577.314 (Microsoft Lync 2010)',
  'Lync 2013': 'UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)',
} as const;

let command: string;
let server: ParleyServer;
const clients: OcsClient[] = [];

function client(options: Omit<OcsOptions, 'server'>): OcsClient {
  const made = new OcsClient(command, { server, auth: 'tls-dsk', ...options });
  clients.push(made);
  return made;
}

async function addUser(name: string): Promise<void> {
  const args = ['user', 'add', `sip:${name}@${server.domain}`, '--login', `EXAMPLE\\${name},${name}@corp.example`, '--password-stdin'];
  const { code, output } = await server.cli(args, PASSWORD);
  if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
}

/** Signed in by TLS-DSK: every answer that had to be signed was, and the client found nothing wrong. */
async function expectTlsDsk(one: OcsClient): Promise<void> {
  expect(one.log.text).toMatch(/Authentication-Info: TLS-DSK /);
  await expectCleanLog(one, NO_CERTIFICATE_YET);
}

async function devices(name: string): Promise<number> {
  const { output } = await server.cli(['user', 'certificates', `${name}@example.com`, '--json']);
  return (JSON.parse(output) as unknown[]).length;
}

async function revoke(name: string): Promise<void> {
  const { output } = await server.cli(['user', 'revoke-certificates', `sip:${name}@example.com`]);
  expect(output).toContain(`One certificate of ${name}@example.com revoked.`);
  await eventually('the association ends', () => server.log.includes('its certificate was revoked'));
}

describe.skipIf(absent !== undefined)('ocs-client with certificates', () => {
  beforeAll(async () => {
    command = await buildOcsClient();
    const web = { host: '127.0.0.1', port: await freePort() };
    // The client reaches the certificate service by this name.
    server = await ParleyServer.start({
      fqdn: 'localhost',
      plugins: {
        directory: {},
        pki: {},
        web,
        'web-ticket': {},
        'auth-ntlm': {},
        'auth-tls-dsk': {},
        registrar: { defaultExpires: 61, minExpires: 60 },
        routing: {},
        options: {},
      },
    });
    for (const name of ['alice', 'bob', 'carol', 'dora']) await addUser(name);
  }, 120_000);
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
  });

  test.each(['tcp', 'tls'] as const)(
    'enrols over HTTPS, signs in over %s, finds every signature good, and signs out',
    async (transport) => {
      const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', transport });
      await alice.signedOn();
      await expectTlsDsk(alice);
      expect(await devices('alice')).toBe(1);
      await alice.quit();
      expect(server.log).not.toMatch(/"level":"(?:error|fatal)"/);
    },
  );

  test.each(['EXAMPLE\\alice', 'alice@corp.example', 'alice@example.com'])('enrols as %s', async (login) => {
    const alice = client({ user: 'alice', login });
    await alice.signedOn();
    await expectTlsDsk(alice);
  });

  test.each(Object.entries(AGENTS))('signs in with the user agent of %s', async (_, agent) => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', agent });
    await alice.signedOn();
    await expectTlsDsk(alice);
  });

  test('left to itself the client takes TLS-DSK before NTLM', async () => {
    const alice = client({ user: 'alice', login: 'EXAMPLE\\alice', auth: 'auto' });
    await alice.signedOn();
    await expectTlsDsk(alice);
  });

  test('two users who signed in with certificates write to each other', async () => {
    const [alice, bob] = [client({ user: 'alice', transport: 'tls' }), client({ user: 'bob', transport: 'tcp' })];
    await Promise.all([alice.signedOn(), bob.signedOn()]);
    alice.command('im sip:bob@example.com "with a certificate"');
    expect((await bob.event('im'))['text']).toBe('with a certificate');
    for (const one of [alice, bob]) await expectTlsDsk(one);
  });

  test('a revoked certificate ends the session; who still knows the password gets a new one', async () => {
    const carol = client({ user: 'carol', login: 'EXAMPLE\\carol' });
    await carol.signedOn();
    await revoke('carol');
    carol.command('im sip:bob@example.com "too late"');
    await carol.event('connection-error', {}, 30_000);
    carol.command('connect');
    await carol.signedOn();
    expect(await devices('carol')).toBe(1);
  });

  test('a revoked certificate is refused when the client registers again, and the operator reads why', async () => {
    const carol = client({ user: 'carol', login: 'EXAMPLE\\carol' });
    await carol.signedOn();
    await revoke('carol');
    const error = await carol.event('connection-error', {}, 100_000);
    expect(error['reason']).toBe('authentication-failed');
    expect(carol.log.text).toMatch(/ms-diagnostics: 1000;/i);
    await server.logged(/sign-in failed: the certificate \\+"CN=carol@example\.com\\+" \(SHA-256 [0-9a-f]{16}\) is not recorded here/);
  });

  test('the server is stopped and started: the client signs in again', async () => {
    const bob = client({ user: 'bob', login: 'EXAMPLE\\bob' });
    await bob.signedOn();
    await server.shutDown();
    await bob.event('connection-error');
    await server.launch();
    await pause(500);
    bob.command('connect');
    await bob.signedOn();
    expect(await devices('bob')).toBe(1);
  });

  test('a disabled user gets neither ticket nor certificate', async () => {
    expect((await server.cli(['user', 'disable', 'sip:dora@example.com'])).code).toBe(0);
    const dora = client({ user: 'dora', login: 'EXAMPLE\\dora' });
    const error = await dora.event('connection-error', {}, 30_000);
    expect(error['text']).toMatch(/[Ww]eb ticket|[Cc]ertificate/);
    await server.logged(/dora@example\.com is disabled/);
  });

  test('a wrong password gets neither', async () => {
    const carol = client({ user: 'carol', login: 'EXAMPLE\\carol', password: 'not this one' });
    const error = await carol.event('connection-error', {}, 30_000);
    expect(error['text']).toMatch(/[Ww]eb ticket|[Cc]ertificate/);
  });
});
