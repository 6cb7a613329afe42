import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Host } from '../../src/host/index.ts';
import { runCommand } from '../../src/host/index.ts';
import type { CommandResult } from '../../src/host/index.ts';
import { scriptCommands } from '../../src/host/script-commands.ts';
import { BEFORE_USERS, ScriptWorld, manifest } from './script-host.ts';

let world: ScriptWorld;
beforeEach(async () => {
  world = await ScriptWorld.open({ extra: { 'own.am': manifest('own', '') } });
});
afterEach(() => world.close());

/** Runs `script <words>`. */
function run(path: string, argument = '', options: Record<string, string | boolean> = {}): Promise<CommandResult> {
  const host = { scripts: world.scripts, core: { server: world.parts.server } } as unknown as Host;
  const command = scriptCommands(host).find((one) => one.path === `script ${path}`);
  if (command === undefined) throw new Error(`there is no ${path}`);
  const [named] = command.arguments ?? [];
  const raw = { arguments: named === undefined ? {} : { [named.name]: argument }, options };
  return runCommand({ command, scope: {} as never }, raw, { clock: world.clock });
}

const bundle = (file: string, text = manifest(file, ''), tables: object[] = []): string => JSON.stringify({ file, text, tables });

/** Name and state of each. */
async function listed(): Promise<string[][]> {
  const { rows = [] } = await run('list');
  return (rows as { name: string; state: string }[]).map(({ name, state }) => [name, state]);
}

test('list shows the chain in its order, then what is switched off', async () => {
  await run('add', bundle('a.am'));
  await run('disable', 'own');
  const { rows } = await run('list');
  expect(rows).toMatchObject([
    { order: 1, name: 'registrar/routes.am', from: 'plugin', requests: 'ALL', state: 'enabled', errors: 0 },
    { order: 2, name: 'a.am', from: 'store', version: 1, state: 'enabled' },
    { name: 'own.am', from: 'config', state: 'disabled' },
  ]);
});

test('disable says what is not done without the application', async () => {
  expect((await run('disable', 'registrar/routes.am')).text).toContain('Attention: without registrar/routes.am nobody can register.');
});

test('add says which version runs, and where; the same script again is no new version', async () => {
  const added = await run('add', bundle('a.am', manifest('a.am', '', BEFORE_USERS)), { priority: '10' });
  expect(added.text).toBe('a.am: version 1 is stored; 1 of 3 in the chain.');
  expect(added.data).toEqual({ name: 'a.am', version: 1, order: 1, applications: 3, remarks: [] });
  const again = await run('add', bundle('a.am', manifest('a.am', '', BEFORE_USERS)));
  expect(again.text).toBe('a.am: version 1 is stored already; 1 of 3 in the chain.');
});

test('add gives its warnings with line and caret', async () => {
  const { text } = await run('add', bundle('a.am', manifest('a.am', 'function f() { return 1; }')));
  expect(text).toMatch(/a\.am:\d+:\d+: warning: .*\n.*\|.*\n.*\^/);
});

test('add --disabled checks a script and does not run it; enable does', async () => {
  await expect(run('add', bundle('a.am', manifest('a.am', 'nonsense')), { disabled: true })).rejects.toMatchObject({
    code: 'HOST_SCRIPTS_UNFIT',
  });
  const added = await run('add', bundle('a.am'), { disabled: true });
  expect(added.text).toBe('a.am: version 1 is stored; it is not in the chain.');
  expect(await listed()).toContainEqual(['a.am', 'disabled']);
  expect((await run('enable', 'a.am')).text).toBe('a.am is enabled, with no error counted; 3 of 3 in the chain.');
});

test('a table travels with its script and is stored with it', async () => {
  const elements = '<a:file name="t" path="x\\t.csv" keyColumnName="c"><a:column name="c"/></a:file>';
  const tables = [{ path: 'x\\t.csv', text: 'alice\n' }];
  await run('add', bundle('a.am', manifest('a.am', 'x = t["alice"].c;', elements), tables));
  const shown = await run('show', 'a');
  expect(shown.data).toMatchObject({ tables, versions: [{ version: 1, current: true }] });
  expect(shown.text).toContain('--- x\\t.csv\nalice');
});

test('reload says which scripts keep the tables that are stored with them', async () => {
  expect((await run('reload')).text).toBe('Read again: 2 applications.');
  const elements = '<a:file name="t" path="t.csv"><a:column name="c"/></a:file>';
  const add = (file: string) => run('add', bundle(file, manifest(file, '', elements), [{ path: 't.csv', text: 'alice\n' }]));
  await run('add', bundle('plain.am'));
  await add('a.am');
  const sentence = 'a.am is in the store with its tables: for a changed table run `parley script add`.';
  const one = await run('reload');
  expect(one.text).toBe(`Read again: 4 applications.\n${sentence}`);
  expect(one.data).toMatchObject({ storedTables: ['a.am'] });
  await add('b.am');
  expect((await run('reload')).text).toContain('a.am, b.am are in the store with their tables: ');
});

test('show gives an earlier version too, and where a script comes from', async () => {
  for (const script of ['x = 1;', 'x = 2;']) await run('add', bundle('a.am', manifest('a.am', script)));
  expect((await run('show', 'a.am', { at: '1' })).text).toContain('x = 1;');
  expect((await run('show', 'a.am')).text).toContain('x = 2;');
  await expect(run('show', 'a.am', { at: '7' })).rejects.toMatchObject({ code: 'HOST_SCRIPT_NO_VERSION' });
  expect((await run('show', 'registrar/routes.am')).text).toContain('comes from the plugin registrar; enabled');
});

test('rollback says which version runs now', async () => {
  for (const script of ['x = 1;', 'x = 2;']) await run('add', bundle('a.am', manifest('a.am', script)));
  expect((await run('rollback', 'a')).text).toBe('a.am: back to version 1; 3 of 3 in the chain.');
  expect((await run('rollback', 'a', { to: '2' })).data).toMatchObject({ version: 2 });
  await expect(run('rollback', 'a', { to: '-1' })).rejects.toMatchObject({ code: 'HOST_SCRIPT_NUMBER' });
});

test('order moves an application of any kind', async () => {
  await run('add', bundle('a.am'));
  await run('order', 'own.am', { after: 'a' });
  expect(world.names).toEqual(['registrar/routes.am', 'a.am', 'own.am']);
  await expect(run('order', 'registrar/routes.am', { after: 'own.am' })).rejects.toMatchObject({
    code: 'HOST_SCRIPT_BEFORE_USER_SERVICES',
  });
  await run('order', 'own.am', { after: 'registrar/routes.am' });
  expect(world.names).toEqual(['registrar/routes.am', 'own.am', 'a.am']);
  expect((await run('order', 'own.am', { reset: true })).text).toBe('own.am is moved; 2 of 3 in the chain.');
});

test.each([
  ['no place', 'order', 'own.am', {}, 'HOST_SCRIPT_PLACE'],
  ['a place and none', 'order', 'own.am', { reset: true, priority: '1' }, 'HOST_SCRIPT_PLACE'],
  ['beside itself', 'order', 'own.am', { before: 'own.am' }, 'HOST_SCRIPT_PLACE'],
  ['two places', 'order', 'own.am', { before: 'registrar/routes.am', priority: '1' }, 'HOST_SCRIPT_PLACE'],
  ['a priority that is none', 'order', 'own.am', { priority: '10001' }, 'HOST_SCRIPT_PLACE'],
  ['beside nobody', 'order', 'own.am', { after: 'nobody' }, 'HOST_SCRIPT_UNKNOWN'],
  ['a script of the configuration', 'remove', 'own.am', {}, 'HOST_SCRIPT_NOT_STORED'],
  ['a script of a plugin', 'rollback', 'registrar/routes.am', {}, 'HOST_SCRIPT_NOT_STORED'],
  ['a name that is none', 'enable', 'own.ma', {}, 'HOST_SCRIPT_UNKNOWN'],
  ['the name of another', 'add', bundle('own.am'), {}, 'HOST_SCRIPT_NAME_TAKEN'],
  ['a path for a name', 'add', bundle('../own.am'), {}, 'HOST_SCRIPT_NAME'],
  ['an empty name', 'add', bundle('a.am'), { name: '' }, 'HOST_SCRIPT_NAME'],
  ['an unknown plugin', 'add', bundle('a.am'), { handler: 'nobody' }, 'HOST_SCRIPT_NO_PLUGIN'],
  ['no JSON', 'add', '{', {}, 'HOST_SCRIPT_BUNDLE'],
  ['no text', 'add', '{"file":"a.am","text":5,"tables":[]}', {}, 'HOST_SCRIPT_BUNDLE'],
  ['a table without text', 'add', '{"file":"a.am","text":"","tables":[{"path":1}]}', {}, 'HOST_SCRIPT_BUNDLE'],
  ['too much text', 'add', bundle('a.am', 'x'.repeat(4_194_305)), {}, 'HOST_SCRIPT_LIMIT'],
  [
    'too many tables',
    'add',
    bundle(
      'a.am',
      '',
      Array.from({ length: 17 }, (_, i) => ({ path: `${i}`, text: '' })),
    ),
    {},
    'HOST_SCRIPT_LIMIT',
  ],
] as const)('%s is refused, and nothing changes', async (_, path, argument, options, code) => {
  const before = world.installed;
  await expect(run(path, argument, options)).rejects.toMatchObject({ code });
  expect(world.installed).toBe(before);
});

test('a misspelt name is told with the one that was meant', async () => {
  await expect(run('disable', 'own.ma')).rejects.toMatchObject({ fix: expect.stringContaining('did you mean own.am') as string });
  await expect(run('add', bundle('a.am'), { handler: 'registar' })).rejects.toMatchObject({
    fix: 'Those that have one: registrar; did you mean registrar.',
  });
});

test('a script that is removed is in no chain, and a rollback brings it back as it was: version, handler, place and switch', async () => {
  const dispatching = (header: string): string => bundle('a.am', manifest('a.am', `AddHeader("X", "${header}"); Dispatch("onRegister");`));
  for (const header of ['1', '2', '3']) await run('add', dispatching(header), { handler: 'registrar', after: 'registrar/routes.am' });
  await run('rollback', 'a.am');
  expect(await run('remove', 'a')).toMatchObject({
    text: 'a.am is removed; its versions are kept (3, 2, 1). Bring it back with: parley script rollback a.am',
    data: { name: 'a.am', kept: [3, 2, 1] },
  });
  expect(world.names).toEqual(['registrar/routes.am', 'own.am']);
  expect((await run('rollback', 'a')).text).toBe('a.am: back to version 2; 2 of 3 in the chain.');
  expect((await run('show', 'a.am')).data).toMatchObject({ handler: 'registrar', text: expect.stringContaining('"2"') as string });
  await run('disable', 'a.am');
  await run('remove', 'a.am');
  expect((await run('rollback', 'a.am', { to: '3' })).text).toBe('a.am: back to version 3; it is not in the chain.');
  expect(await listed()).toContainEqual(['a.am', 'disabled']);
});

test('a removed script that is added again begins anew, behind the versions that it has', async () => {
  await run('add', bundle('a.am'), { before: 'own.am', disabled: true });
  await run('remove', 'a.am');
  const added = await run('add', bundle('a.am'));
  expect(added.text).toBe('a.am: version 2 is stored; 3 of 3 in the chain.');
  expect((await run('rollback', 'a.am')).data).toMatchObject({ version: 1 });
});

test('what is removed is told by list, can be shown, and cannot be changed before it is back', async () => {
  await run('add', bundle('a.am', manifest('a.am', 'x = 1;')));
  await run('remove', 'a.am');
  expect(await run('list')).toMatchObject({
    text: 'Removed, and kept: a.am. Bring one back with: parley script rollback NAME',
    data: { removed: [{ name: 'a.am', version: 1 }] },
  });
  const shown = await run('show', 'a');
  expect(shown.data).toMatchObject({ state: 'removed', versions: [{ version: 1, current: false }] });
  expect(shown.text).toMatch(/^a\.am was removed on .*; bring it back with: parley script rollback a\.am\n[^]*x = 1;/);
  for (const path of ['enable', 'disable', 'remove']) await expect(run(path, 'a')).rejects.toMatchObject({ code: 'HOST_SCRIPT_REMOVED' });
});

test('remove --purge drops the versions too, of a removed script as of one in the chain; its name begins at 1 again', async () => {
  await run('add', bundle('a.am'), { before: 'own.am' });
  expect((await run('remove', 'a.am', { purge: true })).text).toBe('a.am is removed, with all its versions.');
  await expect(run('rollback', 'a.am')).rejects.toMatchObject({ code: 'HOST_SCRIPT_UNKNOWN' });
  expect((await run('add', bundle('a.am'))).data).toMatchObject({ version: 1, order: 3 });
  await run('remove', 'a.am');
  await run('remove', 'a', { purge: true });
  expect((await run('list')).data).toMatchObject({ removed: [] });
  expect((await run('add', bundle('a.am'))).data).toMatchObject({ version: 1 });
});

test('a removed script that does not fit any more stays removed, and nothing changes', async () => {
  await run('add', bundle('a.am'));
  await run('remove', 'a.am');
  await run('add', bundle('b.am', manifest('a.am', '')));
  for (let times = 0; times < 2; times++) {
    await expect(run('rollback', 'a.am')).rejects.toMatchObject({ code: 'HOST_SCRIPT_TWICE' });
    expect((await run('list')).data).toMatchObject({ removed: [{ name: 'a.am' }] });
  }
});

test('offline, on the store alone, changes are checked too, and what takes away cures a chain that does not fit', async () => {
  const offline = await ScriptWorld.open({ store: world.sql, offline: true, extra: { 'own.am': manifest('a.am', '') } });
  await run('add', bundle('a.am'));
  const online = world;
  world = offline;
  try {
    await expect(run('add', bundle('b.am'))).rejects.toMatchObject({ code: 'HOST_SCRIPT_TWICE' });
    expect((await run('disable', 'a.am')).text).toContain('a.am is disabled');
    expect((await run('add', bundle('b.am', manifest('b.am', 'Dispatch("onRegister");')), { handler: 'registrar' })).data).toMatchObject({
      order: 3,
    });
    await expect(run('enable', 'a.am')).rejects.toMatchObject({ code: 'HOST_SCRIPT_TWICE' });
  } finally {
    world = online;
    await offline.close();
  }
});

test('a stored script and one of the configuration with the same name do not fit together; the stored one can be removed', async () => {
  await run('add', bundle('late.am'));
  const online = world;
  const other = { extra: { 'late.am': manifest('other', '') }, store: online.sql };
  await expect(ScriptWorld.open(other)).rejects.toMatchObject({ code: 'HOST_SCRIPT_NAME_TAKEN' });
  world = await ScriptWorld.open({ ...other, offline: true });
  try {
    expect((await run('remove', 'late.am')).text).toContain('late.am is removed; its versions are kept (1).');
    expect(await listed()).toContainEqual(['late.am', 'enabled']);
    expect((await run('show', 'late.am')).data).toMatchObject({ from: 'config', versions: [] });
    await expect(run('rollback', 'late.am')).rejects.toMatchObject({ code: 'HOST_SCRIPT_NAME_TAKEN' });
    await run('disable', 'late.am');
    await run('remove', 'late.am', { purge: true });
    expect(await listed()).toContainEqual(['late.am', 'disabled']);
  } finally {
    await world.close();
    world = online;
  }
});
