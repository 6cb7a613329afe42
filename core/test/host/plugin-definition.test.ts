import { expect, test } from 'vitest';
import { z } from 'zod';
import { definePlugin, inject, injectable, provide, token } from '../../src/host/index.ts';
import type { Token } from '../../src/host/index.ts';

interface Greeter {
  greet(): string;
}
const Greeter: Token<Greeter> = token<Greeter>('greeter');

@injectable()
class Polite implements Greeter {
  constructor(@inject(Greeter) private readonly other: Greeter) {}

  greet(): string {
    return this.other.greet();
  }
}

const polite = definePlugin({
  name: 'polite',
  summary: 'Greets.',
  config: z.strictObject({ times: z.int().min(1).default(1).describe('How often') }),
  provides: [Greeter],
  root: new URL('..', import.meta.url),
  handler: Polite,
});

test('a definition is data, and called with a configuration it is a use of the plugin', () => {
  expect(polite.name).toBe('polite');
  expect(polite.handler).toBe(Polite);
  expect(polite({ times: 2 })).toEqual({ plugin: polite, config: { times: 2 } });
  expect(polite()).toEqual({ plugin: polite, config: {} });
});

test('the configuration that a definition is called with is typed', () => {
  // @ts-expect-error times is a number
  expect(polite({ times: 'two' }).config).toEqual({ times: 'two' });
  const strict = definePlugin({ name: 'strict', summary: 'Needs one.', config: z.strictObject({ url: z.string() }), root: polite.root });
  // @ts-expect-error url has no default
  expect(strict().config).toEqual({});
});

test.each(['', 'Registrar', '1st', 'a b', 'a/b'])('a plugin cannot be named %j', (name) => {
  expect(() => definePlugin({ name, summary: 'Greets.', config: z.strictObject({}), root: polite.root })).toThrow(/plugin name/);
});

test('a configuration that is no schema is refused where the plugin is defined, and not where it is used', () => {
  // @ts-expect-error an object of options is no schema
  const define = (): unknown => definePlugin({ name: 'wrong', summary: 'Greets.', config: { port: 5060 }, root: polite.root });
  expect(define).toThrow('plugin "wrong": config has to be a zod schema, such as z.strictObject({})');
});

test.each([undefined, '', '  '])('a plugin that does not say what it is for is refused by name: %j', (summary) => {
  // @ts-expect-error authors who write JavaScript leave it out
  const define = (): unknown => definePlugin({ name: 'mute', summary, config: z.strictObject({}), root: polite.root });
  expect(define).toThrow('plugin "mute": summary has to say in a sentence what it does for the operator');
});

test('a token that nothing of the plugin could be is refused by name', () => {
  const define = (): unknown =>
    // @ts-expect-error there is no handler
    definePlugin({ name: 'empty', summary: 'Greets.', config: z.strictObject({}), root: polite.root, provides: [Greeter] });
  expect(define).toThrow('plugin "empty" provides "greeter" and has no handler that could be it: name the class under handler');
});

test('the handler has to have the methods of the tokens that it provides', () => {
  class Mute {
    wave(): void {
      // says nothing
    }
  }
  const parts = { name: 'mute', summary: 'Greets.', config: z.strictObject({}), root: polite.root };
  // @ts-expect-error it has no greet
  expect(definePlugin({ ...parts, handler: Mute, provides: [Greeter] }).name).toBe('mute');
  expect(definePlugin({ ...parts, handler: Mute, provides: [provide(Greeter, Polite)] }).name).toBe('mute');
});

test('a token cannot have a name that would not be unique in every file system and log', () => {
  expect(() => token('Directory')).toThrow(/token name/);
});
