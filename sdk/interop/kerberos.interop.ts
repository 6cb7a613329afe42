/** A real KDC gives out tickets: an OCS client signs in with them, a web client gets through the door, and what is wrong ends as it should. */
import { copyFileSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Kdc, kdcMissing } from './kerberos/kdc.ts';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { expectCleanLog } from './ocs/clean-log.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { count } from './ocs/debug-log.ts';
import { missing, run } from './program.ts';
import { ParleyServer, eventually, freePort } from './server.ts';

const absent = kdcMissing() ?? ocsClientAbsent();
if (absent !== undefined) console.warn(`The Kerberos tests are skipped: ${absent}`);

const REALM = 'EXAMPLE.TEST';
const DOMAIN = 'example.test';
const FQDN = `ocs.${DOMAIN}`;
const SPN = `sip/${FQDN}`;
/** In the KDC; the directory has another one, or none. */
const TICKET_PASSWORD = 'Ticket-1';
const HTTP = { command: 'curl', principal: 'HTTP/localhost' } as const;

const clients: OcsClient[] = [];
let command: string;

/** A server of example.test with users, and a keytab at a path that a test may overwrite. */
async function startServer(
  keytab: string,
  options: { kerberos?: object; more?: Record<string, object>; env?: NodeJS.ProcessEnv } = {},
): Promise<ParleyServer> {
  const kerberos = { keytab, pollSeconds: 1, ...options.kerberos };
  const plugins = { directory: {}, 'auth-kerberos': kerberos, registrar: {}, routing: {}, options: {}, ...options.more };
  const server = await ParleyServer.start({
    domains: [DOMAIN],
    fqdn: FQDN,
    plugins,
    ...(options.env !== undefined && { env: options.env }),
  });
  for (const name of ['alice', 'bob']) await server.addUser(name);
  return server;
}

/** A client that asks `kdc` for its tickets. */
function client(kdc: Kdc, options: Omit<OcsOptions, 'auth' | 'login'> & { readonly login?: string }): OcsClient {
  const { user } = options;
  const made = new OcsClient(command, {
    login: `${user}@${kdc.realm}`,
    password: TICKET_PASSWORD,
    env: kdc.env,
    ...options,
    auth: 'kerberos',
  });
  clients.push(made);
  return made;
}

/** Waits until the client gives up. @returns what it shows */
async function refusal(one: OcsClient): Promise<string> {
  return String((await one.event('connection-error'))['text']);
}

describe.skipIf(absent !== undefined)('Kerberos', () => {
  let kdc: Kdc;
  let server: ParleyServer;
  let keytab: string;

  beforeAll(async () => {
    command = await buildOcsClient();
    kdc = await Kdc.start();
    for (const name of ['alice', 'bob', 'stranger']) await kdc.addUser(name, TICKET_PASSWORD);
    keytab = await kdc.keytab('parley.keytab', [SPN, HTTP.principal]);
    const web = { host: '127.0.0.1', port: await freePort() };
    server = await startServer(keytab, { more: { pki: {}, web, 'web-ticket': {} } });
    httpPort = web.port;
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
    await kdc.stop();
  });
  let httpPort = 0;

  test.each(['tcp', 'tls'] as const)('an OCS client signs in over %s, finds every signature good, and signs out', async (transport) => {
    const alice = client(kdc, { server, user: 'alice', transport });
    await alice.signedOn();
    expect(alice.log.text).toMatch(/^Authorization: Kerberos /m);
    await expectCleanLog(alice);
    await alice.quit();
    await expectCleanLog(alice);
  });

  test.each([`alice@${REALM}`, `alice@${DOMAIN}`, 'alice'])('signs in as %s', async (login) => {
    const alice = client(kdc, { server, user: 'alice', login });
    await alice.signedOn();
    await expectCleanLog(alice);
  });

  test('signs in with the ticket of who is logged on, without a password', async () => {
    await kdc.signIn('alice', TICKET_PASSWORD);
    const alice = client(kdc, { server, user: 'alice', password: '', args: ['-o', 'sso=true'] });
    await alice.signedOn();
    await expectCleanLog(alice);
  });

  test('stays signed in over keep-alives and re-registrations', async () => {
    const short = await startServer(keytab, { more: { registrar: { defaultExpires: 61, minExpires: 60, keepAliveSeconds: 60 } } });
    try {
      const alice = client(kdc, { server: short, user: 'alice' });
      await alice.signedOn();
      await eventually('the client registers again', () => count(alice.log, 'sent', /^REGISTER /) >= 4, 100_000);
      expect(alice.events.filter(({ event }) => event === 'disconnected')).toEqual([]);
      await expectCleanLog(alice);
    } finally {
      await short.stop();
    }
  });

  test('two users write to each other with signed messages', async () => {
    const [alice, bob] = [client(kdc, { server, user: 'alice' }), client(kdc, { server, user: 'bob', transport: 'tcp' })];
    await Promise.all([alice.signedOn(), bob.signedOn()]);
    alice.command(`im sip:bob@${DOMAIN} "with a ticket"`);
    expect((await bob.event('im'))['text']).toBe('with a ticket');
    for (const one of [alice, bob]) await expectCleanLog(one);
  });

  test('somebody whom the KDC knows and the directory does not is refused, and the operator reads how to add the name', async () => {
    const error = await refusal(client(kdc, { server, user: 'alice', login: `stranger@${REALM}` }));
    expect(error).toMatch(/[Aa]uthentication failed/);
    await server.logged(/sign-in failed: the KDC vouches for stranger@EXAMPLE.TEST, but nobody has that sign-in name; parley user change/);
  });

  test('a ticket of bob does not sign alice in', async () => {
    const one = client(kdc, { server, user: 'alice', login: `bob@${REALM}` });
    await refusal(one);
    expect(one.log.text).toMatch(/ms-diagnostics: 4004;/);
    await server.logged(/bob@example.test signed in as somebody else/);
  });

  test('a disabled user is told so', async () => {
    expect((await server.cli(['user', 'disable', `sip:bob@${DOMAIN}`])).code).toBe(0);
    const bob = client(kdc, { server, user: 'bob' });
    await refusal(bob);
    expect(bob.log.text).toMatch(/ms-diagnostics: 4141;/);
    expect((await server.cli(['user', 'enable', `sip:bob@${DOMAIN}`])).code).toBe(0);
  });

  test('after a change of the service key clients are refused until the new keytab is there, and then sign in without a restart', async () => {
    const own = await Kdc.start();
    await own.addUser('alice', TICKET_PASSWORD);
    const file = await own.keytab('old.keytab', [SPN]);
    const another = await startServer(file);
    try {
      const fresh = await own.newKeys('new.keytab', SPN);
      const early = client(own, { server: another, user: 'alice' });
      expect(await refusal(early)).toMatch(/[Aa]uthentication failed/);
      expect(early.log.text).toMatch(/ms-diagnostics: 1000;/);
      await another.logged(
        /sign-in failed: the ticket has version 3 of the key of sip\/ocs.example.test@EXAMPLE.TEST, the keytab has 2; export the keytab anew/,
      );
      copyFileSync(fresh, file);
      await eventually('the server says that it has the new keytab', () => another.log.includes('"msg":"keytab replaced"'));
      const late = client(own, { server: another, user: 'alice' });
      await late.signedOn();
      await expectCleanLog(late);
    } finally {
      await another.stop();
      await own.stop();
    }
  });

  test('a keytab of another domain with the same names does not open the tickets', async () => {
    const other = await Kdc.start();
    const wrong = await startServer(await other.keytab('wrong.keytab', [SPN]));
    try {
      expect(await refusal(client(kdc, { server: wrong, user: 'alice' }))).toMatch(/[Aa]uthentication failed/);
      await wrong.logged(/sign-in failed: a ticket for sip\/ocs.example.test@EXAMPLE.TEST does not decrypt with the key in the keytab/);
    } finally {
      await wrong.stop();
      await other.stop();
    }
  });

  const clockShifter = ['/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1', '/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1'].find(
    (file) => existsSync(file),
  );
  test.skipIf(clockShifter === undefined)('a server whose clock is an hour ahead says so', async () => {
    const env = { LD_PRELOAD: clockShifter, FAKETIME: '+1h', FAKETIME_DONT_FAKE_MONOTONIC: '1' };
    const ahead = await startServer(keytab, { env });
    try {
      const alice = client(kdc, { server: ahead, user: 'alice' });
      expect(await refusal(alice)).toMatch(/[Aa]uthentication failed/);
      expect(alice.log.text).toMatch(/ms-diagnostics: 1013;/);
      await ahead.logged(
        /sign-in failed: the clock of alice@EXAMPLE.TEST is 60 minutes behind this server's, 5 minutes are allowed; set both by NTP/,
      );
    } finally {
      await ahead.stop();
    }
  });

  test.each([
    ['aes256-cts-hmac-sha384-192', {}],
    ['aes128-cts-hmac-sha256-128', {}],
    ['aes128-cts-hmac-sha1-96', {}],
    ['arcfour-hmac', { enctypes: ['rc4-hmac', 'aes256-cts-hmac-sha1-96'] }],
  ])('an OCS client signs in with keys of type %s', async (enctype, kerberos) => {
    const own = await Kdc.start({ enctypes: [enctype, ...(enctype === 'arcfour-hmac' ? ['aes256-cts-hmac-sha1-96'] : [])] });
    await own.addUser('alice', TICKET_PASSWORD);
    const file = await own.keytab('own.keytab', [SPN]);
    if (enctype === 'arcfour-hmac') await own.admin(`setstr ${SPN} session_enctypes arcfour-hmac`);
    const another = await startServer(file, { kerberos });
    try {
      const alice = client(own, { server: another, user: 'alice' });
      await alice.signedOn();
      await expectCleanLog(alice);
      if (enctype === 'arcfour-hmac') expect(alice.log.text).toMatch(/rspauth="602306092a864886f71201020201011100ffffffff/);
    } finally {
      await another.stop();
      await own.stop();
    }
  });

  test('a keytab that two were merged into by ktutil serves both', async () => {
    const own = await Kdc.start();
    await own.addUser('alice', TICKET_PASSWORD);
    const [old, merged] = [await own.keytab('old.keytab', [SPN]), join(own.folder, 'merged.keytab')];
    const fresh = await own.newKeys('new.keytab', SPN);
    const { output } = await run('ktutil', [], { env: own.env, input: `rkt ${old}\nrkt ${fresh}\nwkt ${merged}\nquit\n` });
    const another = await startServer(merged).catch((error: unknown) => Promise.reject(new Error(`${String(error)}\n${output}`)));
    try {
      await client(own, { server: another, user: 'alice' }).signedOn();
    } finally {
      await another.stop();
      await own.stop();
    }
  });

  const noCurl = missing({ curl: 'curl' });
  test.skipIf(noCurl !== undefined)('curl gets through Negotiate with a ticket for HTTP, and takes the server’s proof', async () => {
    await kdc.signIn('alice', TICKET_PASSWORD);
    const url = `https://localhost:${httpPort}/WebTicket/WebTicketService.svc/Auth`;
    const ask = (...args: string[]): ReturnType<typeof run> =>
      run('curl', ['-skv', '-X', 'POST', '-H', 'Content-Type: text/xml', ...args, url], { env: kdc.env });
    expect((await ask()).output).toMatch(/< HTTP\/1.1 401 [\s\S]*< www-authenticate: Negotiate/i);
    const { output } = await ask('--negotiate', '-u', ':');
    expect(output).toMatch(/> Authorization: Negotiate YII/);
    // Past the door: the service finds no SOAP in the empty body. The answer carries SPNEGO with an AP-REP, which curl has verified.
    expect(output).not.toMatch(/< HTTP\/1.1 401 [\s\S]*< HTTP\/1.1 401/);
    expect(output).toMatch(/< www-authenticate: Negotiate oY/i);
    expect(output).not.toMatch(/gss_init_sec_context\(\) failed/);
  });
});
