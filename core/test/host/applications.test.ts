import { afterEach, beforeEach, expect, test } from 'vitest';
import { RoutingScripts } from '../../src/host/routing-scripts.ts';
import type { LoadedApplication } from '../../src/host/script-source.ts';
import { BEFORE_USERS, ScriptWorld, manifest } from './script-host.ts';

let world: ScriptWorld;
beforeEach(async () => {
  world = await ScriptWorld.open();
});
afterEach(() => world.close());

const nothing = (): void => undefined;
const external = (name: string, script: string, more: object = {}) => ({
  name,
  text: manifest(name, script),
  methods: new Map([['onCall', nothing]]),
  ...more,
});

test('an application that is attached is in the chain from the next message on, and gone when it is detached', async () => {
  const text = manifest('external/billing', 'Dispatch("onCall");', BEFORE_USERS);
  const attachment = await world.scripts.for('external').attach(external('external/billing', '', { text, priority: 10 }));
  expect(world.names).toEqual(['external/billing', 'registrar/routes.am']);
  expect(attachment).toMatchObject({ appUri: 'http://example.com/external/billing', criticalErrors: 0, enabled: true });
  await attachment.detach();
  expect(world.names).toEqual(['registrar/routes.am']);
  await attachment.detach();
  expect(attachment.enabled).toBe(false);
});

test('what cannot be attached is refused with its place, and the chain stays as it is, however often it is tried', async () => {
  const before = world.installed;
  const refused = async (application: ReturnType<typeof external>, reason: object): Promise<void> => {
    await expect(world.scripts.attach(application)).rejects.toMatchObject(reason);
    expect(world.installed).toBe(before);
  };
  for (let times = 0; times < 2; times++) {
    await refused(external('external/x', 'Dispatch("onCal");'), {
      code: 'HOST_SCRIPTS_UNFIT',
      message: expect.stringContaining('onCall') as string,
    });
    await refused(external('registrar/routes.am', ''), { code: 'HOST_SCRIPT_NAME_TAKEN' });
    await refused(external('external/first', '', { priority: 1, text: manifest('registrar', '') }), { code: 'HOST_SCRIPT_TWICE' });
  }
});

test('where an application fails to say whether it is there or busy, messages come to it, and its plugin is named', async () => {
  const fail = (): never => {
    throw new Error('lost');
  };
  await world.scripts.for('billing').attach(external('external/x', '', { available: fail, busy: fail }));
  const application = world.installed.find(({ name }) => name === 'external/x');
  expect([application?.available?.(), application?.busy?.()]).toEqual([true, false]);
  const named = (where: string): unknown => expect.objectContaining({ plugin: 'billing', where }) as unknown;
  expect(world.log.lines).toEqual(expect.arrayContaining([named('available of external/x'), named('busy of external/x')]));
});

test('before the chain stands, an application waits for it', async () => {
  const early = new RoutingScripts(world.parts);
  await expect(early.attach(external('external/bad', 'Respnd(200);'))).rejects.toMatchObject({ code: 'HOST_SCRIPTS_UNFIT' });
  await early.attach(external('external/good', ''));
  let installed: readonly LoadedApplication[] = [];
  await early.start({ install: (applications) => (installed = applications) });
  expect(installed.map(({ name }) => name)).toContain('external/good');
  await early.close();
});

test('applications that stay are the same ones, with what is counted against them', async () => {
  const [registrar] = world.installed;
  await world.scripts.attach(external('external/x', ''));
  expect(world.installed).toContain(registrar);
});
