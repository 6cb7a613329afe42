/** What the compiler has to know of plugins: a line that must not compile says so, and the type check fails when it does. */
import { expect, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import {
  Bus,
  Clock,
  Dialogs,
  Store,
  answer,
  bridge,
  definePlugin,
  defineServer,
  fork,
  inject,
  injectable,
  provide,
  respond,
  token,
} from '@parley/sdk';
import type {
  Content,
  Generated,
  Insertable,
  PluginDefinition,
  PluginScope,
  PluginUse,
  RequestContext,
  Selectable,
  Session,
  Token,
} from '@parley/sdk';

const root = new URL('.', import.meta.url);
const Config = z.strictObject({ word: z.string(), times: z.int().default(1) });
const greeting = definePlugin({ name: 'greeting', summary: 'Greets', config: Config, root });
const optional = definePlugin({
  name: 'optional',
  summary: 'Has defaults',
  config: z.strictObject({ on: z.boolean().default(true) }),
  root,
});

interface Greeter {
  greet(name: string): string;
}
const Greeter: Token<Greeter> = token<Greeter>('greeter');

test('a plugin is called with the configuration that its schema takes', () => {
  expectTypeOf(greeting).toExtend<PluginDefinition<typeof Config>>();
  expectTypeOf(greeting).parameters.toEqualTypeOf<[config: { word: string; times?: number | undefined }]>();
  expectTypeOf(greeting({ word: 'Hi' })).toEqualTypeOf<PluginUse>();
  expectTypeOf(greeting.config.parse({ word: 'Hi' })).toEqualTypeOf<{ word: string; times: number }>();
  // @ts-expect-error a field without a default has to be given
  greeting();
  // @ts-expect-error a field of another type
  greeting({ word: 5 });
  // @ts-expect-error a field that the schema does not know
  greeting({ word: 'Hi', loud: true });
});

test('a configuration may be left out when all its fields may', () => {
  expectTypeOf(optional).parameters.toEqualTypeOf<[config?: { on?: boolean | undefined }]>();
  expect(optional().plugin.name).toBe('optional');
});

test('a definition without its mandatory parts does not compile', () => {
  // @ts-expect-error no summary
  expect(() => definePlugin({ name: 'a', config: z.strictObject({}), root })).toThrow(/summary/);
  // @ts-expect-error no root
  expect(definePlugin({ name: 'a', summary: 'A', config: z.strictObject({}) }).name).toBe('a');
  // @ts-expect-error the root is no text
  expect(definePlugin({ name: 'a', summary: 'A', config: z.strictObject({}), root: './' }).name).toBe('a');
});

test('a token carries its type to those who ask for it', () => {
  const scope = {} as PluginScope;
  const ask = (): Greeter => scope.resolve(Greeter);
  expectTypeOf(ask).returns.toEqualTypeOf<Greeter>();
  // @ts-expect-error the clock is no bus
  expectTypeOf<Bus>((): Bus => scope.resolve(Clock));
  expect(Greeter.name).toBe('greeter');
});

test('what is provided under a token has to be of its type', () => {
  class Good implements Greeter {
    greet(name: string): string {
      return `Hello, ${name}`;
    }
  }
  class Bad {
    wave(): void {}
  }
  expect(provide(Greeter, Good).token).toBe(Greeter);
  // @ts-expect-error has no greet
  expect(provide(Greeter, Bad).token).toBe(Greeter);
});

test('a store is seen with the tables that its user names', () => {
  const store = {} as Store<{ greetings: { word: string; at: number } }>;
  const query = (): unknown => store.read.selectFrom('greetings').select('word').where('at', '>', 5);
  // @ts-expect-error a table that is not there
  const wrong = (): unknown => store.read.selectFrom('greeting');
  expect([query, wrong]).toHaveLength(2);
});

test('a table with a key that the database counts is typed by what the sdk exports', () => {
  const store = {} as Store<{ calls: { id: Generated<number>; caller: string } }>;
  type Call = Selectable<{ id: Generated<number>; caller: string }>;
  expectTypeOf<Call>().toEqualTypeOf<{ id: number; caller: string }>();
  const insert = (row: Insertable<{ id: Generated<number>; caller: string }>): unknown =>
    store.write((db) => db.insertInto('calls').values(row).returning('id').executeTakeFirstOrThrow());
  expect([insert, (): unknown => insert({ caller: 'alice' })]).toHaveLength(2);
  // @ts-expect-error the caller is not counted
  expect((): unknown => insert({ id: 5 })).toBeTypeOf('function');
});

test('handlers get a request context, and the helpers take what it has', () => {
  @injectable()
  class Handler {
    constructor(
      @inject(Dialogs) private readonly dialogs: Dialogs,
      @inject(Greeter, { optional: true }) readonly greeter?: Greeter,
    ) {}

    onInvite(tx: RequestContext): Session {
      return answer(this.dialogs, tx, { body: 'v=0', contentType: 'application/sdp' });
    }

    onDesk(tx: RequestContext): void {
      bridge(this.dialogs, tx, {
        uri: 'sip:desk@example.com',
        onEnded: ({ by }) => expectTypeOf(by).toEqualTypeOf<'caller' | 'callee' | 'bridge'>(),
      });
    }

    onOther(tx: RequestContext): void {
      fork(tx, ['sip:a@example.com', { uri: 'sip:b@example.com', q: 0.5 }], { order: 'serial' });
      // @ts-expect-error there is no such order
      fork(tx, [], { order: 'random' });
      expectTypeOf(respond(tx, 200)).toEqualTypeOf<boolean>();
      // @ts-expect-error a status is a number
      respond(tx, '200');
    }
  }
  definePlugin({ name: 'handled', summary: 'Handles', config: z.strictObject({}), handler: Handler, requires: [Greeter], root });
  expectTypeOf<Parameters<Handler['onInvite']>>().toEqualTypeOf<[tx: RequestContext]>();
  expectTypeOf<Content>().toHaveProperty('contentType');
});

test('a server is described with plugins, their names, or both', () => {
  const server = defineServer({
    domains: ['example.com'],
    plugins: [greeting({ word: 'Hi' }), optional, 'registrar', { plugin: './mine', config: {} }],
  });
  expect(server.plugins).toHaveLength(4);
  // @ts-expect-error domains are texts
  defineServer({ domains: [5], plugins: [] });
  // @ts-expect-error a server without plugins is none
  defineServer({ domains: ['example.com'] });
});
