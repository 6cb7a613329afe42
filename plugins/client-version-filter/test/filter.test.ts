/** Clients sign in or do not, by what they call themselves and what the administrator says of it. [MS-SIPREGE] section 3.4.2.5. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import type { SipResponse } from '@parley/sdk';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import plugin from '../src/plugin.ts';

/** What clients of the family call themselves, from captures and published logs. */
const AGENTS = {
  lcs2005: 'RTC/1.3.5315 (Messenger 5.1.0530)',
  ocs2007: 'UCCAPI/2.0.6362.67 OC/2.0.6362.67 (Microsoft Office Communicator)',
  ocs2007r2: 'UCCAPI/3.5.6907.37 OC/3.5.6907.37 (Microsoft Office Communicator 2007 R2)',
  lync2010: 'UCCAPI/4.0.7577.314 OC/4.0.7577.314 (Microsoft Lync 2010)',
  lync2013: 'UCCAPI/15.0.4569.1503 OC/15.0.4569.1503 (Microsoft Lync)',
  skype2016: 'UCCAPI/15.0.4971.1000 OC/15.0.4971.1000 (Skype for Business)',
  sipe: 'Purple/2.14.12 Sipe/1.25.0 (linux-x86_64)',
} as const;

const UPDATE = 'https://intranet.example.com/lync';

/** A server, whose administrator has put rules in the place of the plugin's own when some are given. */
async function serving(...rules: readonly string[]): Promise<TestServer> {
  const folder = mkdtempSync(join(tmpdir(), 'parley-versions-'));
  const table = join(folder, 'versions.csv');
  writeFileSync(table, `${rules.join('\n')}\n`);
  const tables = rules.length === 0 ? {} : { 'client-version-filter/client-versions.csv': table };
  const server = await testServer({
    plugins: [plugin(), directory(), registrar()],
    users: ['alice'],
    config: { scripts: { tables } },
    log: 'warn',
  });
  onTestFinished(async () => {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return server;
}

/** What a client of alice's hears when it signs in, with that status; the script makes no error meanwhile. */
async function signIn(server: TestServer, userAgent: string | undefined, status: number): Promise<SipResponse> {
  const client = server.endpoint(`client ${server.parties.size}`, { user: 'alice', ...(userAgent === undefined ? {} : { userAgent }) });
  const response = await client.registering().expect(status);
  expect(server.log.filter((line) => 'code' in line)).toEqual([]);
  return response;
}

/** What the script has logged. */
const logged = (server: TestServer): readonly string[] => server.log.map(({ msg }) => String(msg));

test('the table that comes with the plugin lets every client in', async () => {
  const server = await serving();
  for (const agent of [...Object.values(AGENTS), undefined]) {
    const response = await signIn(server, agent, 200);
    expect([response.has('Warning'), response.has('ms-diagnostics')]).toEqual([false, false]);
  }
  expect(logged(server)).toEqual([]);
});

test('MS-SIPREGE R16, 3.4.2.5.3: Block answers 403 with Warning 310 and ErrorId 17002, and a newer client signs in', async () => {
  const server = await serving('OC,LSS,3.5,Block,');
  const response = await signIn(server, AGENTS.ocs2007, 403);
  expect(response.first('Warning')).toBe('310 lcs.microsoft.com "You are currently not using the recommended version of the client"');
  expect(response.first('ms-diagnostics')).toBe('17002;reason="Invalid client version";source="uc.example.com"');
  expect(response.first('ms-diagnostics-public')).toBe('17002;reason="Invalid client version"');
  expect(logged(server)).toEqual([
    expect.stringContaining(`refused alice@example.com by line 1 of client-versions.csv: ${AGENTS.ocs2007}`) as string,
  ]);
  await signIn(server, AGENTS.lync2013, 200);
});

test('BlockWithUrl answers 403 with the page of the update and ErrorId 17003', async () => {
  const response = await signIn(await serving(`OC,LSS,3.5,BlockWithUrl,${UPDATE}`), AGENTS.ocs2007, 403);
  expect(response.first('Warning')).toBe(`313 lcs.microsoft.com "${UPDATE}"`);
  expect(response.first('ms-diagnostics')).toBe('17003;reason="Client version declined with URL";source="uc.example.com"');
});

test.each([
  [
    'MS-SIPREGE 3.4.2.5.8: a URL with a folder is one that the client updates itself from, Warning 312',
    'BlockWithUrl,https://uc.example.com/update.aspx?folder=OCv3.1',
    '312 lcs.microsoft.com "https://uc.example.com/update.aspx?folder=OCv3.1"',
  ],
  [
    'MS-SIPREGE 3.4.2.5.6: BlockAndUpgrade answers 403 with Warning 314',
    'BlockAndUpgrade,',
    '314 lcs.microsoft.com "Check Microsoft Update for the newest version."',
  ],
])('%s', async (_, action, warning) => {
  const response = await signIn(await serving(`OC,LSS,3.5,${action}`), AGENTS.ocs2007, 403);
  expect(response.first('Warning')).toBe(warning);
});

test('MS-SIPREGE R16, 3.4.2.5.5: AllowWithUrl lets in, and the 200 carries Warning 313 and ErrorId 17004', async () => {
  const server = await serving(`OC,LSS,4.0,AllowWithUrl,${UPDATE}`);
  const response = await signIn(server, AGENTS.ocs2007r2, 200);
  expect(response.first('Contact')).toMatch(/expires=\d+/);
  expect(response.first('Warning')).toBe(`313 lcs.microsoft.com "${UPDATE}"`);
  expect(response.first('ms-diagnostics')).toBe('17004;reason="Client version allowed with URL";source="uc.example.com"');
  expect((await signIn(server, AGENTS.lync2013, 200)).has('Warning')).toBe(false);
  expect(logged(server)).toEqual([]);
});

test('MS-SIPREGE 3.4.2.5.7: AllowAndUpgrade lets in with Warning 314', async () => {
  const response = await signIn(await serving('OC,LSS,4.0,AllowAndUpgrade,'), AGENTS.ocs2007r2, 200);
  expect(response.first('Warning')).toMatch(/^314 lcs.microsoft.com "/);
});

test('Redirect sends the client to another server', async () => {
  const response = await signIn(await serving('OC,LSS,3.5,Redirect,sip:old.example.com:5061;transport=tls'), AGENTS.ocs2007, 301);
  expect(response.first('Contact')).toBe('<sip:old.example.com:5061;transport=tls>');
});

test.each([
  ['LSS', '4.0', ['ocs2007', 'ocs2007r2']],
  ['LSS', '4.0.7577.314', ['ocs2007', 'ocs2007r2']],
  ['LEQ', '4.0.7577.314', ['ocs2007', 'ocs2007r2', 'lync2010']],
  ['EQL', '4', ['lync2010']],
  ['EQL', '15.0', ['lync2013', 'skype2016']],
  ['NEQ', '15', ['ocs2007', 'ocs2007r2', 'lync2010']],
  ['GTR', '15.0.4569.1503', ['skype2016']],
  ['GEQ', '15.0.4569.1503', ['lync2013', 'skype2016']],
  ['GTR', '15', []],
  ['', '', ['ocs2007', 'ocs2007r2', 'lync2010', 'lync2013', 'skype2016']],
] as const)('%s %s: versions are compared by number, part by part, as far as the rule goes', async (compare, version, blocked) => {
  const server = await serving(`OC,${compare},${version},Block,`);
  const refused: readonly string[] = blocked;
  for (const [name, agent] of Object.entries(AGENTS)) await signIn(server, agent, refused.includes(name) ? 403 : 200);
});

test('the product is a whole word of the User-Agent, in any case', async () => {
  await signIn(await serving('c,,,Block,'), AGENTS.lync2010, 200);
  await signIn(await serving('uccapi,,,Block,'), AGENTS.lync2010, 403);
  await signIn(await serving('Sipe,LSS,1.25,Block,', 'Sipe,GEQ,1.25,Allow,', '*,,,Block,'), AGENTS.sipe, 200);
});

test('the first rule that fits decides, and * fits everybody, a client without User-Agent too', async () => {
  const server = await serving('OC,GEQ,4.0,Allow,', 'RTC,,,Allow,', `*,,,BlockWithUrl,${UPDATE}`);
  await signIn(server, AGENTS.lync2010, 200);
  await signIn(server, AGENTS.lcs2005, 200);
  await signIn(server, AGENTS.ocs2007r2, 403);
  await signIn(server, undefined, 403);
});

test('what is no number counts as 0, and is no error', async () => {
  const server = await serving('OC,LSS,4.0,Block,');
  for (const agent of ['OC/x.y', 'OC/..', 'OC/-1', `OC/${'1.'.repeat(500)}`]) await signIn(server, agent, 403);
  for (const agent of ['OC/', 'OC/99999999999999999999.1', 'a/b/c']) await signIn(server, agent, 200);
});

test('an action that does not exist lets in, and is logged with its line', async () => {
  const server = await serving('# rules', 'OC,,,Deny,');
  await signIn(server, AGENTS.lync2010, 200);
  expect(logged(server)).toEqual([
    expect.stringContaining('line 2 of client-versions.csv has the unknown action Deny: the client is let in') as string,
  ]);
});

test('200 rules are within what a script may do for one message', async () => {
  const rules = Array.from({ length: 200 }, (_, i) => `OC,EQL,4.0.${i}.${i},Block,`);
  const server = await serving(...rules, 'OC,EQL,4.0.7577.314,Block,');
  await signIn(server, AGENTS.lync2010, 403);
});

test('the plugin has nothing to configure but its table', () => {
  expect(() => plugin.config.parse({ rules: [] })).toThrow(/rules/);
});
