/** An unmodified OCS and Lync client is told by SRV records where to connect, and by a table of versions that it is too old. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { DnsServer } from '../../core/test/transport/dns-server.ts';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { OcsClient } from './ocs/client.ts';
import type { OcsOptions } from './ocs/client.ts';
import { nameServerAbsent, withNameServer } from './ocs/name-server.ts';
import { PASSWORD, ParleyServer } from './server.ts';

const absent = ocsClientAbsent();
const SIGN_IN: Readonly<Record<string, object>> = { directory: {}, 'auth-ntlm': {}, registrar: {}, routing: {}, diagnostics: {} };
const NAME_SERVER = '127.0.77.53';
const noNames = absent ?? (await nameServerAbsent(NAME_SERVER));
if (noNames !== undefined) console.warn(`The tests of an OCS client with SRV records are skipped: ${noNames}`);

const clients: OcsClient[] = [];
let folder: string;
let command: string;

function client(program: string, options: OcsOptions): OcsClient {
  const made = new OcsClient(program, options);
  clients.push(made);
  return made;
}

async function addUser(server: ParleyServer, name: string): Promise<void> {
  const args = ['user', 'add', `sip:${name}@${server.domain}`, '--login', `EXAMPLE\\${name}`, '--password-stdin'];
  const { code, output } = await server.cli(args, PASSWORD);
  if (code !== 0) throw new Error(`parley user add failed (${code}):\n${output}`);
}

describe.skipIf(absent !== undefined)('ocs-client', () => {
  let server: ParleyServer;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'parley-rules-'));
    command = await buildOcsClient();
    const table = join(folder, 'versions.csv');
    writeFileSync(
      table,
      'product,compare,version,action,url\nOC,LSS,3.5,Block,\nOC,LSS,4.0,BlockWithUrl,https://intranet.example.com/lync\n*,,,Allow,\n',
    );
    server = await ParleyServer.start({
      plugins: { ...SIGN_IN, 'client-version-filter': {} },
      scripts: { tables: { 'client-version-filter/client-versions.csv': table } },
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

  test.each([
    ['OCS 2007', 'UCCP/2.0.6362.0 OC/2.0.6362.0 (Microsoft Office Communicator)', /not using the recommended version/, '17002'],
    ['OCS 2007 R2', 'UCCAPI/3.5.6907.0 OC/3.5.6907.0 (Microsoft Office Communicator 2007 R2)', /intranet\.example\.com/, '17003'],
  ])('the client of %s is shown that its version is blocked, and the operator which line did it', async (_, agent, text, id) => {
    const before = server.log.length;
    const alice = client(command, { server, user: 'alice', login: 'EXAMPLE\\alice', agent });
    const error = await alice.event('connection-error');
    expect(error['text']).toMatch(text);
    expect(alice.log.text).toMatch(new RegExp(`ms-diagnostics(?:-public)?: ${id};`, 'i'));
    await server.logged(/client-version.*alice@example\.com|alice@example\.com.*client-version/s, before);
  });

  test('a client of a version that is allowed signs in', async () => {
    const agent = 'UCCAPI/15.0.4420.1017 OC/15.0.4420.1017 (Microsoft Lync)';
    const alice = client(command, { server, user: 'alice', login: 'EXAMPLE\\alice', agent });
    await alice.signedOn();
  });

  test.skipIf(noNames !== undefined).each([
    ['_sipinternaltls._tcp', 'tls'],
    ['_sip._tls', 'tls'],
    ['_sipinternal._tcp', 'tcp'],
  ] as const)('finds the server by the SRV record %s, and signs in there', async (service, transport) => {
    const { host, port } = transport === 'tls' ? server.tls : server.tcp;
    const names = await DnsServer.startAt(
      NAME_SERVER,
      53,
      { type: 'SRV', name: `${service}.${server.domain}`, data: { priority: 0, weight: 0, port, target: `uc.${server.domain}` } },
      { type: 'A', name: `uc.${server.domain}`, data: host },
    );
    const program = withNameServer(folder, command, NAME_SERVER);
    const alice = client(program, { server, user: 'alice', login: 'EXAMPLE\\alice', discovers: true });
    await alice.signedOn(40_000);
    expect(names.asked).toContain(`SRV ${service}.${server.domain}`);
    expect(alice.log.text).toContain(`SIP/2.0/${transport} `);
  });
});
