/** What a plugin's objects are made of, and what is said when something is missing. */
import { expect, test } from 'vitest';
import { z } from 'zod';
import {
  Clock,
  Log,
  PluginConfig,
  Scope,
  Server,
  Store,
  Transport,
  coreService,
  definePlugin,
  inject,
  injectable,
  provide,
} from '../../src/host/index.ts';
import type { PluginScope } from '../../src/host/index.ts';
import { thrownIn } from '../../src/host/source-place.ts';
import { Greeter, Other, ROOT, boot, plugin, provider } from './fixtures.ts';

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
    fix: expect.stringMatching(/^See what the error says; it comes from \/.*\/injection\.test\.ts:\d+:\d+\.$/) as string,
  });
  await expect(boot([plugin('outer', { handler: Outer, root: new URL('elsewhere/', root) })])).rejects.toMatchObject({
    fix: 'See what the error says; it comes from the plugin, or from what the plugin uses.',
  });
});

test.each([
  ['file:///opt/my%20plugin/src/store.js:3:4', '/opt/my plugin/src/store.js:3:4'],
  ['/opt/my plugin/src/store.ts:3:4', '/opt/my plugin/src/store.ts:3:4'],
  ['file:///opt/my%20plugin/store.mjs?17:3:4', '/opt/my plugin/store.mjs:3:4'],
  ['file:///opt/my%20plugin/node_modules/lib/a.js:3:4', undefined],
  ['file:///opt/another/store.js:3:4', undefined],
])('the place of an error thrown at %s, for the plugin in /opt/my plugin, is %s', (frame, place) => {
  for (const line of [`    at ${frame}`, `    at new Store (${frame})`]) {
    const error = new Error('no\n    at home');
    error.stack = `${String(error)}\n    at read (node:fs:1:2)\n${line}\n    at make (file:///opt/host.js:9:9)`;
    expect(thrownIn(new URL('file:///opt/my%20plugin/'), error)).toBe(place);
  }
});
