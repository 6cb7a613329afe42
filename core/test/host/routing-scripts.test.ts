import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { RoutingChanged } from '../../src/host/revision-watch.ts';
import type { NewVersion, ScriptEditor } from '../../src/host/script-editor.ts';
import { FakeClock } from '../../src/clock/index.ts';
import { temporaryStore } from '../../src/store/index.ts';
import { BEFORE_USERS, ScriptWorld, manifest } from './script-host.ts';
import type { WorldOptions } from './script-host.ts';

const worlds: ScriptWorld[] = [];
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close();
});

async function open(options: WorldOptions = {}): Promise<ScriptWorld> {
  const world = await ScriptWorld.open(options);
  worlds.push(world);
  return world;
}

function version(name: string, script: string, more: Partial<NewVersion> = {}): NewVersion {
  return { name, text: manifest(name, script), tables: [], handler: undefined, lenient: false, now: 1000, ...more };
}

const put =
  (name: string, script = '', more: Partial<NewVersion> = {}) =>
  (editor: ScriptEditor): Promise<number> =>
    editor.put(version(name, script, more));

const text = (name: string, elements: string): Partial<NewVersion> => ({ text: manifest(name, '', elements) });

async function add(world: ScriptWorld, name: string, script = '', more: Partial<NewVersion> = {}): Promise<void> {
  await world.scripts.change(put(name, script, more));
}

async function settle(): Promise<void> {
  for (let i = 0; i < 20; i++) await new Promise((resolve) => setImmediate(resolve));
}

test('a stored script is committed before it runs, and there again after a start', async () => {
  const world = await open();
  await add(world, 'mine.am');
  expect(world.names).toEqual(['registrar/routes.am', 'mine.am']);
  const again = await open({ store: world.sql });
  expect(again.names).toEqual(world.names);
});

test.each([
  ['that does not compile', 'Respnd(403);', {}, 'HOST_SCRIPTS_UNFIT'],
  ['that dispatches to nobody', 'Dispatch("onRegister");', {}, 'HOST_SCRIPTS_UNFIT'],
  ['that dispatches to a method that its plugin lacks', 'Dispatch("onRegistr");', { handler: 'registrar' }, 'HOST_SCRIPTS_UNFIT'],
  ['with the appUri of another', '', { text: manifest('registrar', '') }, 'HOST_SCRIPT_TWICE'],
  ['for another role', '', text('x', '<a:serverFilter roles="AccessProxy"/>'), 'HOST_SCRIPT_ROLE'],
  [
    'whose table was not stored with it',
    '',
    text('x', '<a:file name="t" path="t.csv"><a:column name="c"/></a:file>'),
    'HOST_SCRIPTS_UNFIT',
  ],
] as const)('MSPL R58: a script %s changes nothing, twice in a row', async (_, script, more, code) => {
  const world = await open();
  const before = world.installed;
  for (let times = 0; times < 2; times++) {
    await expect(world.scripts.change(put('bad.am', script, more))).rejects.toMatchObject({ code });
    expect(world.installed).toBe(before);
    expect(await world.scripts.store.read()).toMatchObject({ revision: 0, scripts: [] });
  }
  await add(world, 'good.am');
  expect(world.names).toContain('good.am');
});

test('what would be taken by a plugin is told with the plugin’s name', async () => {
  const world = await open();
  await expect(world.scripts.change(put('x.am', 'Dispatch("onRegister");'))).rejects.toThrow(/registrar has it: --handler registrar/);
  await add(world, 'x.am', 'Dispatch("onRegister");', { handler: 'registrar' });
  expect(world.installed.at(-1)?.handler?.has('onRegister')).toBe(true);
});

test('MSPL R4: before the application that homes users only with allowRegistrationBeforeUserServices', async () => {
  const world = await open();
  const placed = (more: Partial<NewVersion>) => async (editor: ScriptEditor) => {
    await editor.place('early.am', { kind: 'before', anchor: 'registrar/routes.am' });
    return editor.put(version('early.am', '', more));
  };
  await expect(world.scripts.change(placed({}))).rejects.toMatchObject({ code: 'HOST_SCRIPT_BEFORE_USER_SERVICES' });
  await world.scripts.change(placed(text('early.am', BEFORE_USERS)));
  expect(world.names).toEqual(['early.am', 'registrar/routes.am']);
});

test('MSPL R52: priorities order, an insertion moves the others on, and a place beside another application follows it', async () => {
  const world = await open();
  for (const name of ['a.am', 'b.am', 'c.am']) await add(world, name);
  const move = (name: string, place: Parameters<ScriptEditor['place']>[1]) => world.scripts.change((editor) => editor.place(name, place));
  await move('a.am', { kind: 'priority', priority: 400 });
  await move('b.am', { kind: 'priority', priority: 400 });
  expect(world.names).toEqual(['registrar/routes.am', 'c.am', 'b.am', 'a.am']);
  await move('c.am', { kind: 'after', anchor: 'a.am' });
  expect(world.names).toEqual(['registrar/routes.am', 'b.am', 'a.am', 'c.am']);
  await move('a.am', { kind: 'priority', priority: 390 });
  expect(world.names).toEqual(['registrar/routes.am', 'a.am', 'c.am', 'b.am']);
});

test('an application whose neighbour is gone stands by its own priority, and the log says so', async () => {
  const world = await open();
  await add(world, 'a.am');
  await add(world, 'b.am');
  await world.scripts.change((editor) => editor.place('b.am', { kind: 'before', anchor: 'a.am' }));
  await world.scripts.change((editor) => editor.remove('a.am', 1000));
  expect(world.names).toEqual(['registrar/routes.am', 'b.am']);
  expect(world.log.text).toContain('b.am is to stand before a.am');
});

test('two applications that want to stand beside each other are both in the chain', async () => {
  const world = await open();
  await add(world, 'a.am');
  await add(world, 'b.am');
  await world.scripts.change((editor) => editor.place('a.am', { kind: 'after', anchor: 'b.am' }));
  await world.scripts.change((editor) => editor.place('b.am', { kind: 'after', anchor: 'a.am' }));
  expect(world.names.toSorted()).toEqual(['a.am', 'b.am', 'registrar/routes.am']);
});

test('a version that is stored replaces the one before; a rollback brings that back, and a second one the one before it', async () => {
  const world = await open();
  const running = (): string | undefined => world.installed.find(({ name }) => name === 'v.am')?.source.text;
  for (const header of ['1', '2', '3']) await add(world, 'v.am', `AddHeader("X", "${header}");`);
  expect(running()).toContain('"3"');
  const roll = async (to?: number): Promise<number> => (await world.scripts.change((editor) => editor.rollBack('v.am', to))).made;
  expect(await roll()).toBe(2);
  expect(running()).toContain('"2"');
  expect(await roll()).toBe(1);
  await expect(roll()).rejects.toMatchObject({ code: 'HOST_SCRIPT_NO_VERSION' });
  expect(await roll(3)).toBe(3);
  expect(running()).toContain('"3"');
});

test('what an operator has placed stands there whatever the configuration’s list says, until the place is taken back', async () => {
  const extra = { 'a.am': manifest('a', '', BEFORE_USERS), 'b.am': manifest('b', '', BEFORE_USERS) };
  const world = await open({ extra, order: ['a.am', 'b.am'] });
  await world.scripts.change((editor) => editor.place('a.am', { kind: 'priority', priority: 900 }));
  expect(world.names).toEqual(['b.am', 'registrar/routes.am', 'a.am']);
  await world.scripts.change((editor) => editor.unplace('a.am'));
  expect(world.names).toEqual(['a.am', 'b.am', 'registrar/routes.am']);
});

test('two hundred scripts can be stored, and the next one is refused', async () => {
  const world = await open();
  const store = (name: string) => world.scripts.store.change(put(name), () => undefined);
  for (let i = 0; i < 200; i++) await store(`s${i}.am`);
  await expect(store('s200.am')).rejects.toMatchObject({ code: 'HOST_SCRIPT_LIMIT' });
  expect(await store('s0.am')).toBe(2);
  await world.scripts.store.change(
    (editor) => editor.remove('s0.am', 1000),
    () => undefined,
  );
  await expect(store('s200.am')).rejects.toMatchObject({ fix: expect.stringContaining('--purge') as string });
  expect(await store('s0.am')).toBe(3);
});

async function health(world: ScriptWorld): Promise<unknown> {
  return world.parts.extensions.healthChecks.values.find(({ name }) => name === 'routing scripts')?.check();
}

test('the health of the server tells of an application that was stopped', async () => {
  const world = await open();
  expect(await health(world)).toEqual({ state: 'ok', detail: '1 applications' });
  Object.assign(world.installed[0] ?? {}, { disabled: true });
  expect(await health(world)).toMatchObject({ state: 'warn', detail: expect.stringContaining('registrar/routes.am') as string });
});

test('health tells of an application of a plugin that is switched off, and what is not done without it', async () => {
  const world = await open();
  await world.scripts.change((editor) => editor.enable('registrar/routes.am', false));
  expect(await health(world)).toEqual({
    state: 'warn',
    detail: 'switched off: registrar/routes.am, so that nobody can register',
    fix: 'parley script enable registrar/routes.am',
  });
});

test('ten versions are kept', async () => {
  const world = await open();
  for (let i = 0; i < 12; i++) await add(world, 'v.am', `AddHeader("X", "${i}");`);
  const versions = await world.scripts.store.versions('v.am');
  expect(versions.map((one) => one.version)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
});

test('MSPL R44: an application that is enabled again has no error counted, on every node', async () => {
  const world = await open();
  const other = await open({ store: world.sql, pollMs: 5000 });
  for (const each of [world, other]) {
    const [registrar] = each.installed;
    if (registrar !== undefined) Object.assign(registrar, { disabled: true, criticalErrors: 10 });
  }
  await world.scripts.change((editor) => editor.enable('registrar/routes.am', true));
  other.clock.advance(5000);
  await settle();
  for (const each of [world, other]) expect(each.installed[0]).toMatchObject({ disabled: false, criticalErrors: 0 });
});

test('an application that is switched off is not compiled, keeps its place, and comes back there', async () => {
  const world = await open({ extra: { 'own.am': manifest('own', '', BEFORE_USERS) }, order: ['own.am', 'registrar/routes.am'] });
  const set = (on: boolean) => world.scripts.change((editor) => editor.enable('own.am', on));
  await set(false);
  expect(world.names).toEqual(['registrar/routes.am']);
  await set(true);
  expect(world.names).toEqual(['own.am', 'registrar/routes.am']);
});

test('a change on one node is run by the others when they look, or hear of it', async () => {
  const world = await open();
  const polling = await open({ store: world.sql, pollMs: 5000 });
  const hearing = await open({ store: world.sql });
  await add(world, 'mine.am');
  expect(polling.names).not.toContain('mine.am');
  polling.clock.advance(5000);
  hearing.parts.bus.publish(RoutingChanged, { revision: 1 });
  await settle();
  expect([polling.names, hearing.names]).toEqual([world.names, world.names]);
});

test('a node that cannot run what another one stored goes on with what it has, and says why', async () => {
  const world = await open();
  const other = await open({ store: world.sql, pollMs: 5000, extra: { 'own.am': manifest('mine.am', '') } });
  const before = other.installed;
  await add(world, 'mine.am');
  other.clock.advance(5000);
  await settle();
  expect(other.installed).toBe(before);
  expect(other.log.text).toContain('HOST_SCRIPTS_BEHIND');
  expect(await health(other)).toMatchObject({ state: 'fail', detail: expect.stringContaining('same appUri') as string });
  await world.scripts.change((editor) => editor.remove('mine.am', 1000));
  other.clock.advance(5000);
  await settle();
  expect(await health(other)).toMatchObject({ state: 'ok' });
});

test('reload reads scripts of the configuration again, all of them or none', async () => {
  const world = await open({ extra: { 'own.am': manifest('own', 'AddHeader("X", "1");') } });
  const path = join(world.folder, 'own.am');
  const running = (): string | undefined => world.installed.find(({ name }) => name === 'own.am')?.source.text;
  for (let times = 0; times < 2; times++) {
    writeFileSync(path, manifest('own', 'AddHedder("X", "2");'));
    await expect(world.scripts.reload()).rejects.toMatchObject({ code: 'HOST_SCRIPTS_UNFIT' });
    expect(running()).toContain('"1"');
  }
  writeFileSync(path, manifest('own', 'AddHeader("X", "3");'));
  await world.scripts.reload();
  expect(running()).toContain('"3"');
});

test('reload takes up which scripts the configuration names now, and their order', async () => {
  const world = await open({ extra: { 'a.am': manifest('a', '', BEFORE_USERS) } });
  writeFileSync(join(world.folder, 'b.am'), manifest('b', '', BEFORE_USERS));
  await world.configure(['a.am', 'b.am'], ['b.am', 'a.am']);
  await world.scripts.reload();
  expect(world.names).toEqual(['b.am', 'a.am', 'registrar/routes.am']);
  await world.configure(['b.am']);
  await world.scripts.reload();
  expect(world.names).toEqual(['b.am', 'registrar/routes.am']);
});

test.each([
  ['names a file that is not there', 'none.am', [], 'HOST_SCRIPT_UNREADABLE'],
  ['names a script with a fault', 'bad.am', [], 'HOST_SCRIPTS_UNFIT'],
  ['orders a script that is not there', 'good.am', ['none.am'], 'HOST_SCRIPT_ORDER'],
] as const)('a reload whose configuration %s changes nothing, twice in a row, nor does a change after it', async (_, name, order, code) => {
  const world = await open({ extra: { 'a.am': manifest('a', '') } });
  writeFileSync(join(world.folder, 'bad.am'), manifest('bad', 'nonsense'));
  writeFileSync(join(world.folder, 'good.am'), manifest('good', ''));
  const before = world.installed;
  await world.configure([name], order);
  for (let times = 0; times < 2; times++) {
    await expect(world.scripts.reload()).rejects.toMatchObject({ code });
    expect(world.installed).toBe(before);
  }
  await add(world, 'mine.am');
  expect(world.names).toEqual(['registrar/routes.am', 'a.am', 'mine.am']);
});

test('a configuration that cannot be read is said by the reload, and changes nothing', async () => {
  const world = await open({ extra: { 'a.am': manifest('a', '') } });
  const before = world.installed;
  world.configFault = new Error('line 3');
  await expect(world.scripts.reload()).rejects.toThrow('line 3');
  expect(world.installed).toBe(before);
});

test('reload reads tables again, static ones too, and goes on with the old ones where a new one cannot be used', async () => {
  const elements = '<a:file name="t" path="t.csv" keyColumnName="c" static="true"><a:column name="c"/></a:file>';
  const world = await open({ extra: { 'own.am': manifest('own', '') } });
  const table = join(world.folder, 't.csv');
  writeFileSync(table, 'alice\n');
  writeFileSync(join(world.folder, 'own.am'), manifest('own', 'x = t["alice"].c;', elements));
  await world.scripts.reload();
  const before = world.installed;
  writeFileSync(table, 'alice\nalice\n');
  await expect(world.scripts.reload()).rejects.toThrow(/alice is in line 1 and in line 2/);
  expect(world.installed).toBe(before);
});

test('a reload, and whoever stores a script, hears of rows that lack fields', async () => {
  const elements = '<a:file name="t" path="t.csv"><a:column name="c"/><a:column name="d"/></a:file>';
  const world = await open({ extra: { 'own.am': manifest('own', '') } });
  writeFileSync(join(world.folder, 't.csv'), 'alice,1\nbob\n');
  writeFileSync(join(world.folder, 'own.am'), manifest('own', 'x = t[1].d;', elements));
  expect(await world.scripts.reload()).toEqual([expect.stringContaining(`${world.folder}/t.csv:2 has no field for the column d`)]);
  const tables = [{ path: 't.csv', text: 'alice\n' }];
  const { remarks } = await world.scripts.change(put('mine.am', '', { text: manifest('mine', '', elements), tables }));
  expect(remarks).toEqual([expect.stringContaining('t.csv:1 has no field for the column d')]);
});

test('a change of one script neither reads nor compiles the others again', async () => {
  const world = await open({ extra: { 'own.am': manifest('own', '') } });
  const own = world.installed.find(({ name }) => name === 'own.am');
  writeFileSync(join(world.folder, 'own.am'), 'half written');
  await add(world, 'mine.am');
  expect(world.installed).toContain(own);
});

test('what reload finds as it was keeps its count of errors; a mended script begins anew', async () => {
  const world = await open({ extra: { 'own.am': manifest('own', '') } });
  const own = (): object | undefined => world.installed.find(({ name }) => name === 'own.am');
  Object.assign(own() ?? {}, { disabled: true, criticalErrors: 10 });
  await world.scripts.reload();
  expect(own()).toMatchObject({ disabled: true, criticalErrors: 10 });
  writeFileSync(join(world.folder, 'own.am'), manifest('own', 'AddHeader("X", "1");'));
  await world.scripts.reload();
  expect(own()).toMatchObject({ disabled: false, criticalErrors: 0 });
});

test('changes asked for at once are made one after the other, all of them', async () => {
  const world = await open();
  const names = Array.from({ length: 12 }, (_, i) => `s${i}.am`);
  const bad = world.scripts.change(put('bad.am', 'nonsense')).catch(() => 'refused');
  await Promise.all(names.map((name) => add(world, name)));
  expect(await bad).toBe('refused');
  expect(world.names).toEqual(['registrar/routes.am', ...names.toSorted()]);
});

test('nothing changes in a server that has closed', async () => {
  const store = temporaryStore(new FakeClock());
  const world = await ScriptWorld.open({ store });
  await world.close();
  await expect(world.scripts.change(put('late.am'))).rejects.toMatchObject({ code: 'HOST_CLOSED' });
  await store.close();
});
