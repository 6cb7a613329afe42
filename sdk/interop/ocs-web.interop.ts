/** An unmodified OCS and Lync client uses the web services: it finds the server by autodiscover, and signs in with a certificate that it enrolled for. */
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { NO_CERTIFICATE_YET, expectCleanLog } from './ocs/clean-log.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { run } from './program.ts';
import { PASSWORD, ParleyServer, eventually, freePort } from './server.ts';

const absent = ocsClientAbsent();
if (absent !== undefined) console.warn(`The web service tests with an OCS client are skipped: ${absent}`);

const SIGN_IN: Readonly<Record<string, object>> = { pki: {}, directory: {}, 'auth-ntlm': {}, registrar: {}, routing: {}, options: {} };

const clients: OcsClient[] = [];

function client(command: string, options: OcsOptions): OcsClient {
  const made = new OcsClient(command, options);
  clients.push(made);
  return made;
}

async function addUser(server: ParleyServer, name: string): Promise<void> {
  const args = ['user', 'add', `sip:${name}@${server.domain}`, '--login', `EXAMPLE\\${name}`, '--password-stdin'];
  const { code, output } = await server.cli(args, PASSWORD);
  if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
}

describe.skipIf(absent !== undefined)('ocs-client with web tickets', () => {
  let command: string;
  let server: ParleyServer;

  beforeAll(async () => {
    command = await buildOcsClient();
    const port = await freePort();
    server = await ParleyServer.start({
      plugins: {
        ...SIGN_IN,
        'auth-tls-dsk': {},
        web: { host: '127.0.0.1', port, internalUrl: `https://127.0.0.1:${port}` },
        'web-ticket': {},
      },
    });
    for (const name of ['alice', 'bob']) await addUser(server, name);
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
  });

  test('signs in by TLS-DSK: metadata, ticket by NTLM, certificate, handshake', async () => {
    const alice = client(command, { server, user: 'alice', login: 'EXAMPLE\\alice', auth: 'tls-dsk' });
    await alice.signedOn(30_000);
    await expectCleanLog(alice, NO_CERTIFICATE_YET);
    expect(requests(server)).toEqual([
      'GET /CertProv/CertProvisioningService.svc/mex 200',
      'GET /WebTicket/WebTicketService.svc/mex 200',
      'POST /WebTicket/WebTicketService.svc/Auth 401',
      'POST /WebTicket/WebTicketService.svc/Auth 401',
      'POST /WebTicket/WebTicketService.svc/Auth 200',
      'POST /CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1 200',
    ]);
    const { output } = await server.cli(['user', 'certificates', 'sip:alice@example.com', '--json']);
    expect(output).toMatch(/\{[0-9a-f-]{36}\}/i);
  });

  test('a wrong password gets no ticket, and the operator a line that says so', async () => {
    const before = server.log.length;
    const bob = client(command, { server, user: 'bob', login: 'EXAMPLE\\bob', password: 'not this one', auth: 'tls-dsk' });
    const error = await bob.event('connection-error', {}, 30_000);
    expect(error['text']).toMatch(/[Ww]eb ticket request/);
    await server.logged(/sign-in to a web service failed: .*EXAMPLE/, before);
  });
});

/** The names of discovery on loopback, in a mount namespace: the machine's own are left alone. */
const DISCOVERY_ADDRESS = '127.0.77.1';
const NAMES = ['lyncdiscoverinternal.example.com', 'lyncdiscover.example.com', 'uc.example.com'];

/** Why discovery cannot be tried here; undefined when it can. */
async function discoveryAbsent(): Promise<string | undefined> {
  const { code } = await run('unshare', ['-m', 'true']).catch(() => ({ code: 1 }));
  if (code !== 0) return 'a mount namespace for names of its own is not permitted (unshare -m)';
  for (const port of [80, 443]) {
    if (!(await isFree(port))) return `port ${port} of ${DISCOVERY_ADDRESS} cannot be had`;
  }
  return undefined;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, DISCOVERY_ADDRESS, () => server.close(() => resolve(true)));
  });
}

const noDiscovery = absent ?? (await discoveryAbsent());
if (noDiscovery !== undefined) console.warn(`The discovery tests with an OCS client are skipped: ${noDiscovery}`);

describe.skipIf(noDiscovery !== undefined)('ocs-client with discovery', () => {
  let folder: string;
  let command: string;
  let server: ParleyServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-discovery-'));
    command = inNamespace(folder, await buildOcsClient());
    const tls = await freePort();
    const internal = { host: 'uc.example.com', port: tls };
    server = await ParleyServer.start({
      fqdn: 'uc.example.com',
      listen: [{ transport: 'tls', host: DISCOVERY_ADDRESS, port: tls, advertise: 'uc.example.com' }],
      plugins: {
        ...SIGN_IN,
        web: { host: DISCOVERY_ADDRESS, port: 443, plain: { host: DISCOVERY_ADDRESS, port: 80 } },
        'web-ticket': {},
        autodiscover: { internal },
      },
    });
    await addUser(server, 'alice');
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((one) => one.dispose()));
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test('finds the server by its user’s address alone, and signs in there', async () => {
    const alice = client(command, { server, user: 'alice', login: 'EXAMPLE\\alice', discovers: true });
    await alice.signedOn(40_000);
    expect(alice.log.complaints).toEqual([]);
    expect(requests(server)).toContain('GET /Autodiscover/AutodiscoverService.svc/root/user 200');
    await eventually('the registration is there', async () =>
      (await server.cli(['registrations', '--json'])).output.includes('alice@example.com'),
    );
  });
});

/** `METHOD path status` of each line of the access log, in order. */
function requests(server: ParleyServer): string[] {
  const lines = server.log.split('\n').filter((line) => line.includes('"msg":"web request"'));
  return lines.map((line) => {
    const { method, path, status } = JSON.parse(line) as { method: string; path: string; status: number };
    return `${method} ${path} ${status}`;
  });
}

/** A program that starts the client where the names of discovery are known. */
function inNamespace(folder: string, client: string): string {
  const hosts = join(folder, 'hosts');
  const program = join(folder, 'ocs-client');
  writeFileSync(hosts, `127.0.0.1 localhost\n${DISCOVERY_ADDRESS} ${NAMES.join(' ')}\n`);
  writeFileSync(program, `#!/bin/sh\nexec unshare -m sh -c 'mount --bind ${hosts} /etc/hosts && exec "$@"' sh ${client} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
