/** Routing scripts that two nodes share over PostgreSQL, when PARLEY_TEST_PG names a database. */
import { expect, test } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import { openStore, temporarySchema } from '../../src/store/index.ts';
import type { SqlStore } from '../../src/store/index.ts';
import { ScriptWorld, manifest } from './script-host.ts';

const url = process.env['PARLEY_TEST_PG'];

if (url === undefined) {
  test.skip('routing scripts on PostgreSQL: PARLEY_TEST_PG names no database', () => undefined);
} else {
  test('two nodes that change scripts at once keep both changes, and each runs what the other stored', async () => {
    const schema = await temporarySchema(url);
    const open = (): Promise<SqlStore> => openStore({ kind: 'postgres', url: schema.url, connections: 2 }, { clock: new FakeClock() });
    const stores = [await open(), await open()];
    const nodes: ScriptWorld[] = [];
    for (const store of stores) nodes.push(await ScriptWorld.open({ store, pollMs: 5000 }));
    const names = (node: number): string[] => Array.from({ length: 5 }, (_, i) => `node${node}-${i}.am`);
    const put = (world: ScriptWorld, name: string): Promise<unknown> =>
      world.scripts.change((editor) =>
        editor.put({ name, text: manifest(name, ''), tables: [], handler: undefined, lenient: false, now: 1000 }),
      );
    await Promise.all(nodes.flatMap((world, node) => names(node).map((name) => put(world, name))));
    const wanted = ['registrar/routes.am', ...names(0), ...names(1)];
    for (const world of nodes) {
      world.clock.advance(5000);
      await expect.poll(() => world.names).toEqual(wanted);
    }
    for (const world of nodes) await world.close();
    for (const store of stores) await store.close();
    await schema.drop();
  });
}
