import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import metrics from '../src/plugin.ts';

const SCRIPT = `<lc:applicationManifest lc:appUri="http://example.com/blocking" xmlns:lc="http://schemas.microsoft.com/lcs/2006/05">
  <lc:file name="blocked" path="blocked.csv" keyColumnName="user">
    <lc:column name="user"/>
    <lc:column name="reason"/>
  </lc:file>
  <lc:splScript><![CDATA[
if (blocked[sipRequest.From].reason != null) { Respond(403, "Blocked"); }
]]></lc:splScript>
</lc:applicationManifest>
`;

test('the server is in health "warn" while a table of a script cannot be used, and "ok" again with a good one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'parley-tables-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const table = join(folder, 'blocked.csv');
  writeFileSync(table, 'mallory,spam\n');
  writeFileSync(join(folder, 'blocking.am'), SCRIPT);
  const config = { scripts: { extra: [join(folder, 'blocking.am')] } };
  await using server = await testServer({ plugins: [metrics({ port: 0, processMetrics: false })], config, log: 'info' });
  const { origin } = new URL(String(server.log.find(({ msg }) => msg === 'metrics and health are served')?.['url']));
  const health = async () => {
    // A file that has changed has to settle before it is read.
    await server.advance('1s');
    const response = await fetch(`${origin}/health`);
    const { state, checks } = (await response.json()) as { state: string; checks: readonly { name: string }[] };
    return { status: response.status, state, ...checks.find(({ name }) => name === 'routing scripts'), overall: state };
  };
  const good = { status: 200, overall: 'ok', state: 'ok', detail: '1 applications' };
  const within = { timeout: 5_000 };
  expect(await health()).toMatchObject(good);

  writeFileSync(table, 'mallory,spam\ntrent,noise\nmallory,again\n');
  const fault = `the key mallory is in line 1 and in line 3 of ${table}`;
  const bad = { status: 200, overall: 'warn', state: 'warn', detail: `blocking.am goes on with an older table: ${fault}` };
  await expect.poll(health, within).toMatchObject(bad);
  expect(server.log).toContainEqual(expect.objectContaining({ code: 'MSPL_FILE_DUPLICATE_KEY', level: 'error' }));
  expect((await server.command('health')).rows).toContainEqual(
    expect.objectContaining({ state: 'warn', name: 'routing scripts', detail: bad.detail }),
  );
  // Read in vain, the old table stays; and so does what is said of it.
  await expect(server.command('script reload')).rejects.toThrow(fault);
  expect(await health()).toMatchObject(bad);

  writeFileSync(table, 'mallory,spam\ntrent\n');
  await expect.poll(health, within).toMatchObject(good);
  expect(server.log).toContainEqual(expect.objectContaining({ code: 'MSPL_FILE_SHORT_ROW', level: 'warn' }));
});
