/** The filter in a whole server: clients sign in or do not, by what they call themselves. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import plugin from '../src/plugin.ts';

const OCS_2007 = 'UCCAPI/2.0.6362.67 OC/2.0.6362.67 (Microsoft Office Communicator)';
const LYNC_2013 = 'UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)';
const UPDATE = 'https://intranet.example.com/lync';

/** A server whose administrator has put these rules in the place of the plugin's own. */
async function serving(...rules: readonly string[]): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-versions-'));
  const table = join(folder, 'versions.csv');
  writeFileSync(table, `${rules.join('\n')}\n`);
  const server = await testServer({
    plugins: [plugin(), directory(), registrar()],
    users: ['alice'],
    config: { scripts: { tables: { 'client-version-filter/client-versions.csv': table } } },
  });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

test('MS-SIPREGE 3.4.2.5.3: a client that is too old cannot sign in and learns why, a newer one can', async () => {
  const server = await serving('OC,LSS,3.5,Block,');
  await server
    .endpoint('old', { user: 'alice', userAgent: OCS_2007 })
    .registering()
    .expect(403, {
      headers: {
        Warning: /^310 lcs\.microsoft\.com "/,
        'ms-diagnostics': /^17002;reason="Invalid client version";source="uc\.example\.com"$/,
      },
    });
  await server.endpoint('new', { user: 'alice', userAgent: LYNC_2013 }).register();
});

test('MS-SIPREGE 3.4.2.5.5: a client that should be updated signs in, and is told where from', async () => {
  const server = await serving(`OC,LSS,15.0,AllowWithUrl,${UPDATE}`);
  await server
    .endpoint('old', { user: 'alice', userAgent: OCS_2007 })
    .registering()
    .expect(200, {
      headers: { Warning: `313 lcs.microsoft.com "${UPDATE}"`, 'ms-diagnostics': /^17004;/, Contact: /expires=\d+/ },
    });
  await server
    .endpoint('new', { user: 'alice', userAgent: LYNC_2013 })
    .registering()
    .expect(200, { headers: { Warning: null } });
});

test('Redirect sends the client to another server', async () => {
  const server = await serving('OC,LSS,3.5,Redirect,sip:old.example.com:5061;transport=tls');
  await server
    .endpoint('old', { user: 'alice', userAgent: OCS_2007 })
    .registering()
    .expect(301, { headers: { Contact: '<sip:old.example.com:5061;transport=tls>' } });
});
