import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  Clock,
  Log,
  PASS,
  PluginConfig,
  Scope,
  Server,
  Store,
  Transport,
  bootHost,
  checkConfig,
  coreService,
  definePlugin,
  inject,
  injectable,
  provide,
  token,
} from '../../src/host/index.ts';
import type { Gate, PluginScope, Token } from '../../src/host/index.ts';
import type { Migration } from '../../src/store/index.ts';
import { ROOT, boot, folder, installed, plugin } from './fixtures.ts';

interface Greeter {
  greet(): string;
}
const Greeter: Token<Greeter> = token<Greeter>('greeter');
const Other: Token<object> = token<object>('other');

class Hello implements Greeter {
  greet(): string {
    return 'hello';
  }
}

/** Remembers what was called in which order. */
function recorder(): { readonly calls: string[]; readonly part: (name: string) => new () => object } {
  const calls: string[] = [];
  return {
    calls,
    part: (name) =>
      class {
        start(): void {
          calls.push(`start ${name}`);
        }
        drain(): void {
          calls.push(`drain ${name}`);
        }
        stop(): void {
          calls.push(`stop ${name}`);
        }
      },
  };
}

const provider = plugin('provider', { provides: [Greeter], handler: Hello });

test('a handler gets the objects behind the tokens it names', async () => {
  @injectable()
  class Door {
    constructor(
      @inject(Greeter) readonly greeter: Greeter,
      @inject(PluginConfig) readonly config: { width: number },
      @inject(Server) readonly server: Server,
      @inject(Store) readonly store: Store<{ doors: { width: number } }>,
      @inject(Clock) readonly clock: Clock,
      @inject(Log) readonly log: Log,
      @inject(Scope) readonly scope: PluginScope,
      @inject(Other, { optional: true }) readonly other: object | undefined,
    ) {}
  }
  const door = definePlugin({
    name: 'door',
    summary: 'Opens.',
    config: z.strictObject({ width: z.int().default(80) }),
    root: ROOT,
    requires: [Greeter],
    optional: [Other],
    handler: Door,
    scripts: ['routes.am'],
  });
  const { host, clock, log } = await boot([door(), provider()], {}, { domains: ['Example.COM'], fqdn: 'sip.example.com' });
  const [script] = host.extensions.scripts.values;
  const handler = script?.handler as Door;
  expect(script?.path).toBe(new URL('routes.am', ROOT).pathname);
  expect(handler).toBeInstanceOf(Door);
  expect(handler.greeter.greet()).toBe('hello');
  expect(handler.config).toEqual({ width: 80 });
  expect(handler.server).toMatchObject({ fqdn: 'sip.example.com', domains: ['example.com'], mode: 'serve' });
  expect(handler.server.isLocalDomain('EXAMPLE.com')).toBe(true);
  expect(handler.server.isLocalDomain('example.net')).toBe(false);
  expect(handler.clock.now()).toBe(clock.now());
  expect(handler.scope.name).toBe('door');
  expect(handler.scope.resolve(Door)).toBe(handler);
  expect(handler.scope.resolve(Greeter)).toBe(handler.greeter);
  expect(handler.other).toBeUndefined();
  handler.log.info({ callId: 'abc' }, 'opened');
  expect(log.lines.at(-1)).toMatchObject({ level: 'info', plugin: 'door', callId: 'abc', msg: 'opened' });
  expect(host.find(Greeter)).toBe(handler.greeter);
  await host.close();
});

test('plugins start after what they require and stop before it, whatever order they are written in', async () => {
  const { calls, part } = recorder();
  const last = plugin('last', { requires: [Greeter, Other], handler: part('last') });
  const middle = plugin('middle', { requires: [Greeter], provides: [provide(Other, part('middle'))] });
  const first = plugin('first', { provides: [provide(Greeter, part('first') as new () => Greeter)] });
  const { host } = await boot([last, first, middle]);
  expect(calls).toEqual(['start first', 'start middle', 'start last']);
  calls.length = 0;
  await host.close();
  expect(calls.slice(0, 3).sort()).toEqual(['drain first', 'drain last', 'drain middle']);
  expect(calls.slice(3)).toEqual(['stop last', 'stop middle', 'stop first']);
});

test('one class behind two tokens is made once, and a plugin may use its own tokens inside', async () => {
  let made = 0;
  @injectable()
  class Both implements Greeter {
    constructor() {
      made++;
    }
    greet(): string {
      return 'both';
    }
  }
  @injectable()
  class User {
    constructor(
      @inject(Greeter) readonly greeter: Greeter,
      @inject(Both) readonly both: Both,
    ) {}
  }
  const own = plugin('own', { provides: [provide(Greeter, Both), provide(Other, Both)], handler: User, scripts: ['x.am'] });
  const { host } = await boot([own]);
  const user = host.extensions.scripts.values[0]?.handler as User;
  expect(made).toBe(1);
  expect(user.greeter).toBe(user.both);
  expect(host.find(Other)).toBe(user.both);
  await host.close();
});

// Looks into every plugin of the workspace, so it takes as long as loading them does.
test('a requirement that nobody provides is reported with who asks and who could provide it', { timeout: 20_000 }, async () => {
  const PhoneBook = token<object>('phone-book');
  const needy = plugin('needy', { requires: [PhoneBook, Other] });
  const folder = installed({
    'plugin-contacts': `{ name: 'contacts', summary: '', root: new URL('.', import.meta.url), config: { safeParse() {} }, provides: [{ name: 'phone-book' }] }`,
  });
  await expect(boot([needy], {}, {}, join(folder, 'parley.config.json'))).rejects.toMatchObject({
    code: 'HOST_PLUGINS_UNFIT',
    message: expect.stringMatching(
      /"needy" needs "phone-book", which no plugin of the configuration provides: add "@example\/plugin-contacts" to plugins\n.*"needy" needs "other", .*: no plugin that is installed does either. Check the name/,
    ) as string,
  });
});

test('plugins that wait for each other are reported as a circle', async () => {
  const a = plugin('a', { requires: [Other], provides: [provide(Greeter, Hello)] });
  const b = plugin('b', { requires: [Greeter], provides: [provide(Other, Hello)] });
  await expect(boot([a, b])).rejects.toThrow('"a" waits for "other" of "b" waits for "greeter" of "a"');
});

test('two plugins cannot provide the same, and none can replace what is core’s', async () => {
  const twin = plugin('twin', { provides: [provide(Greeter, Hello)] });
  const usurper = plugin('usurper', { provides: [provide(Clock as Token<object>, Hello)] });
  const failure = boot([provider, twin, usurper]);
  await expect(failure).rejects.toThrow('"greeter" is provided by "provider" and "twin"');
  await expect(failure).rejects.toThrow('"core.clock" is provided by "core" and "usurper"');
});

test('a token that was not asked for is refused, with the plugin, the class and what to write', async () => {
  @injectable()
  class Sneaky {
    constructor(@inject(Greeter) readonly greeter: Greeter) {}
  }
  await expect(boot([provider, plugin('sneaky', { handler: Sneaky })])).rejects.toMatchObject({
    code: 'HOST_TOKEN_MISSING',
    message:
      'Plugin "sneaky": the constructor of Sneaky needs "greeter", which "provider" provides, but the plugin does not name among its requires.',
  });
});

test('a part of core that this host runs without is named', async () => {
  @injectable()
  class Talker {
    constructor(@inject(Transport) readonly transport: object) {}
  }
  await expect(boot([plugin('talker', { handler: Talker })])).rejects.toThrow('"core.transport", which this host does not have');
  const transport = {} as Transport;
  const { host } = await boot([plugin('talker', { handler: Talker, scripts: ['x.am'] })], {
    services: () => [coreService(Transport, transport)],
  });
  expect(host.extensions.scripts.values[0]?.handler).toMatchObject({ transport });
  await host.close();
});

test('forgotten decorators are named', async () => {
  class Bare {
    constructor(readonly greeter: Greeter) {}
  }
  await expect(boot([plugin('bare', { handler: Bare })])).rejects.toMatchObject({ code: 'HOST_NOT_INJECTABLE' });
  @injectable()
  class Half {
    constructor(
      @inject(Log) readonly log: Log,
      readonly greeter: Greeter,
    ) {}
  }
  await expect(boot([plugin('half', { handler: Half })])).rejects.toThrow('parameter 2 of the constructor of Half has no @inject');
});

test('a plugin that fails to start stops those that had started, and is named with what it was at', async () => {
  const { calls, part } = recorder();
  class Broken extends part('broken') {
    start(): Promise<void> {
      return Promise.reject(new Error('no such host'));
    }
  }
  const first = plugin('first', { provides: [provide(Greeter, part('first') as new () => Greeter)] });
  const broken = plugin('broken', { requires: [Greeter], handler: Broken });
  const never = plugin('never', { handler: part('never') });
  await expect(boot([first, broken, never])).rejects.toMatchObject({
    code: 'HOST_PLUGIN_FAILED',
    message: 'Plugin "broken" could not start: Broken.start() failed: no such host',
  });
  expect(calls).toEqual(['start first', 'stop broken', 'stop first']);
});

test('an error in a constructor reaches the operator as it was thrown', async () => {
  const readKey = (): never => {
    throw new Error('bad key file');
  };
  @injectable()
  class Inner {
    readonly key = readKey();
  }
  @injectable()
  class Outer {
    constructor(@inject(Inner) readonly inner: Inner) {}
  }
  const root = new URL('.', import.meta.url);
  await expect(boot([plugin('outer', { handler: Outer, root })])).rejects.toMatchObject({
    message: 'Plugin "outer" could not start: the constructors of its classes failed: bad key file',
    fix: expect.stringMatching(/^See what the error says; it comes from \/.*\/boot\.test\.ts:\d+:\d+\.$/) as string,
  });
  await expect(boot([plugin('outer', { handler: Outer, root: new URL('elsewhere/', root) })])).rejects.toMatchObject({
    fix: 'See what the error says; it comes from the plugin, or from what the plugin uses.',
  });
});

test('a plugin that does not get on is given up, with what it waits for', async () => {
  const { promise: reached, resolve: reach } = Promise.withResolvers<void>();
  const slow = plugin('slow', {
    setup: () => {
      reach();
      return new Promise(() => {});
    },
  });
  let clock: Clock | undefined;
  const watcher = boot([slow], {
    services: (core) => {
      ({ clock } = core);
      return [];
    },
  });
  const refused = expect(watcher).rejects.toMatchObject({
    code: 'HOST_PLUGIN_SLOW',
    message: 'Plugin "slow" did not start within 30 s: it still waits for setup().',
  });
  await reached;
  (clock as unknown as { advance(ms: number): void }).advance(30_000);
  await refused;
});

test('what a plugin registers is there while it runs, in order, and gone with it', async () => {
  const gate = (name: string, order: number): Gate => ({ name, order, check: () => PASS });
  const closed: string[] = [];
  const registers = plugin('registers', {
    setup: (scope) => {
      scope.gate(gate('late', 300));
      scope.gate(gate('early', 100));
      scope.stamp({ name: 'stamp', order: 1, apply: () => undefined });
      scope.byteStage({ name: 'stage', order: 1, open: () => undefined });
      scope.health('me', () => ({ state: 'ok', detail: 'fine' }));
      scope.metric({ name: 'parley_me', help: 'Me', type: 'gauge', collect: () => 1 });
      scope.endpoints({
        endpoints: (aor) => [
          {
            contact: `sip:${aor};x`,
            epid: undefined,
            instance: undefined,
            methods: [],
            q: 1000,
            flow: undefined,
            destination: undefined,
            reachable: true,
            path: [],
          },
        ],
      });
      scope.certificates({ certificateFor: () => undefined, onChange: () => () => undefined });
      scope.onClose(() => void closed.push('first'));
      scope.onClose(() => void closed.push('second'));
    },
    commands: [{ path: 'me show', summary: 'Shows me.', examples: [], run: () => ({ text: 'me' }) }],
  });
  const { host } = await boot([registers]);
  const { extensions } = host;
  expect(extensions.gates.values.map((g) => g.name)).toEqual(['early', 'late']);
  expect(extensions.gates.entries[0]?.plugin).toBe('registers');
  expect(host.command('me show')?.scope.name).toBe('registers');
  expect(extensions.endpoints.endpoints('bob@example.com')).toMatchObject([{ contact: 'sip:bob@example.com;x' }]);
  const lists = [extensions.gates, extensions.stamps, extensions.byteStages, extensions.certificates];
  expect(lists.map((list) => list.entries.length)).toEqual([2, 1, 1, 1]);
  await host.close();
  expect(lists.map((list) => list.entries.length)).toEqual([0, 0, 0, 0]);
  expect([...extensions.healthChecks.entries, ...extensions.metrics.entries].map((entry) => entry.plugin)).not.toContain('registers');
  expect(extensions.endpoints.endpoints('bob@example.com')).toEqual([]);
  expect(host.command('me show')).toBeUndefined();
  expect(closed).toEqual(['second', 'first']);
});

test('a plugin’s tables are there before it starts', async () => {
  const migration: Migration = { up: (db) => db.schema.createTable('doors').addColumn('width', 'bigint').execute() };
  let rows: unknown;
  const tables = plugin('tables', {
    migrations: { '001-doors': migration },
    setup: async (scope) => {
      ({ rows } = await sql`select * from doors`.execute(scope.resolve(Store).read));
    },
  });
  const { host, log } = await boot([tables]);
  expect(rows).toEqual([]);
  expect(log.lines).toContainEqual(expect.objectContaining({ plugin: 'tables', migrations: ['001-doors'] }));
  await host.close();
});

test('a host keeps its data folder to itself while it runs, and gives it back when it cannot boot', async () => {
  const dataDir = join(folder(), 'data');
  const config = await checkConfig({ dataDir, log: { level: 'silent' }, plugins: [provider] });
  const broken = await checkConfig({
    dataDir,
    log: { level: 'silent' },
    plugins: [plugin('broken', { setup: () => Promise.reject(new Error('no')) })],
  });
  await expect(bootHost(broken)).rejects.toMatchObject({ code: 'HOST_PLUGIN_FAILED' });
  const host = await bootHost(config);
  await expect(bootHost(config)).rejects.toMatchObject({ code: 'STORE_FOLDER_IN_USE' });
  await host.close();
  const again = await bootHost(config);
  await again.close();
});

test('offline, only what provides something is made and started', async () => {
  const { calls, part } = recorder();
  const both = plugin('both', { provides: [provide(Greeter, part('service') as new () => Greeter)], handler: part('handler') });
  const handlerProvides = plugin('handler-provides', { provides: [Other], handler: part('providing handler') });
  const { host } = await boot([both, handlerProvides], { mode: 'offline' });
  expect(calls).toEqual(['start service', 'start providing handler']);
  expect(host.core.server.mode).toBe('offline');
  await host.close();
});

test('offline, one plugin boots with what it needs and without the rest', async () => {
  const user = plugin('user', { requires: [Greeter] });
  const { host } = await boot([plugin('unrelated'), user, provider], { mode: 'offline', only: ['user'] });
  expect(host.plugins().map((p) => p.name)).toEqual(['provider', 'user']);
  await host.close();
});

test('the boot tree and the list of plugins say how long each took', async () => {
  const { host } = await boot([provider]);
  expect(host.tree()).toMatchObject({ children: [{ name: 'provider', milliseconds: expect.any(Number) as number, children: [] }] });
  expect(host.plugins()).toEqual([
    { name: 'provider', version: '0.0.0', summary: 'The plugin provider.', state: 'running', milliseconds: 0 },
  ]);
  await host.close();
  expect(host.plugins()[0]?.state).toBe('stopped');
});

test('closing drains before anything stops: hooks and services too, each within its limit', async () => {
  const calls: string[] = [];
  const say = (what: string) => (): void => void calls.push(what);
  const { promise: stuck } = Promise.withResolvers<void>();
  const { host, clock, log } = await boot([plugin('p', { handler: recorder().part('p') })], {
    services: () => [coreService(Transport, {} as Transport, { drain: say('drain transport'), stop: say('stop transport') })],
  });
  host.onDrain('stuck', () => stuck);
  host.onDrain('broken', () => Promise.reject(new Error('cannot drain')));
  host.onStop('listeners', say('stop listeners'));
  host.onStop('control', say('stop control'));
  const closing = host.close();
  expect(host.state).toBe('draining');
  expect(host.close()).toBe(closing);
  await new Promise((resolve) => setImmediate(resolve));
  expect(calls).toEqual(['drain transport']);
  clock.advance(10_000);
  await closing;
  expect(calls).toEqual(['drain transport', 'stop control', 'stop listeners', 'stop transport']);
  expect(host.state).toBe('closed');
  expect(log.lines).toContainEqual(expect.objectContaining({ part: 'broken', msg: 'drain failed' }));
  expect(log.lines).toContainEqual(expect.objectContaining({ part: 'stuck', msg: 'drain failed' }));
});

test('a plugin that fails to stop is logged and holds up nobody', async () => {
  class Sticky {
    stop(): Promise<void> {
      return Promise.reject(new Error('stuck'));
    }
  }
  const { calls, part } = recorder();
  const { host, log } = await boot([plugin('other', { handler: part('other') }), plugin('sticky', { handler: Sticky })]);
  await host.close();
  expect(calls).toContain('stop other');
  expect(log.lines).toContainEqual(expect.objectContaining({ plugin: 'sticky', msg: 'stop() of Sticky failed' }));
});
