import { expect, test } from 'vitest';
import { ParleyError } from '../../src/errors/index.ts';
import { FakeClock } from '../../src/clock/index.ts';
import { optionKey, runCommand, takesValue } from '../../src/host/index.ts';
import type { AdminCommand, CommandInput, PluginScope, RawInput } from '../../src/host/index.ts';

const scope = { name: 'test' } as PluginScope;

const add: AdminCommand = {
  path: 'user add',
  summary: 'Adds a user.',
  arguments: [
    { name: 'uri', summary: 'The address' },
    { name: 'note', summary: 'A note', optional: true },
  ],
  options: [
    { flag: '--display-name <text>', summary: 'The name' },
    { flag: '--force', summary: 'Replace' },
    { flag: '--role <role>', summary: 'The role', choices: ['user', 'admin'], default: 'user' },
  ],
  examples: [],
  run: ({ arguments: given, options }) => ({ data: { ...given, ...options } }),
};

function run(command: AdminCommand, raw: RawInput, clock = new FakeClock()): ReturnType<typeof runCommand> {
  return runCommand({ command, scope }, raw, { clock });
}

test('a command gets its arguments and options by name, defaults filled in', async () => {
  const result = await run(add, { arguments: { uri: 'sip:a@b' }, options: { displayName: 'Alice', force: true } });
  expect(result.data).toEqual({ uri: 'sip:a@b', displayName: 'Alice', force: true, role: 'user' });
});

test.each<[RawInput, string]>([
  [{}, 'The argument "uri" is missing'],
  [{ arguments: { uri: 5 } }, 'The argument "uri" must be a text'],
  [{ arguments: { uri: 'a', url: 'b' } }, 'There is no argument "url"'],
  [{ arguments: ['a'] }, 'Arguments and options must be objects'],
  [{ arguments: { uri: 'a' }, options: { displayName: true } }, 'The option --display-name <text> needs a value'],
  [{ arguments: { uri: 'a' }, options: { force: 'yes' } }, 'The option --force takes no value'],
  [{ arguments: { uri: 'a' }, options: { role: 'king' } }, 'The option --role <role> must be one of user, admin'],
  [{ arguments: { uri: 'a' }, options: { __proto__: null, constructor: 'x' } }, 'There is no option "constructor"'],
])('%j is refused', async (raw, sentence) => {
  await expect(run(add, raw)).rejects.toMatchObject({
    code: 'CONTROL_BAD_INPUT',
    message: `${sentence}.`,
    fix: 'See `parley user add --help`.',
  });
});

test('a required option that is missing is named', async () => {
  const command = { ...add, arguments: [], options: [{ flag: '--login <name>', summary: '', required: true }] };
  await expect(run(command, {})).rejects.toThrow('The option --login <name> is missing');
});

test('a command’s own error stays as it is, any other is wrapped', async () => {
  const own = new ParleyError('DIRECTORY_TAKEN', { sentence: 'Taken.', fix: 'Take another.' });
  const failing = (error: Error): AdminCommand => ({
    path: 'x',
    summary: '',
    examples: [],
    run: () => {
      throw error;
    },
  });
  await expect(run(failing(own), {})).rejects.toBe(own);
  await expect(run(failing(new Error('boom')), {})).rejects.toMatchObject({
    code: 'CONTROL_COMMAND_FAILED',
    message: 'The command "x" failed: boom.',
  });
});

test('a command that takes too long is told so and given up', async () => {
  const clock = new FakeClock();
  let input: CommandInput | undefined;
  const hanging: AdminCommand = {
    path: 'hang',
    summary: '',
    examples: [],
    timeoutSeconds: 5,
    run: (given) => {
      input = given;
      return new Promise(() => {});
    },
  };
  const result = run(hanging, {}, clock);
  const refused = expect(result).rejects.toMatchObject({ code: 'CONTROL_TIMEOUT' });
  clock.advance(5_010);
  await refused;
  expect(input?.signal.aborted).toBe(true);
});

test('the key of an option is its long flag', () => {
  expect(optionKey('--display-name <text>')).toBe('displayName');
  expect(optionKey('-f, --force')).toBe('force');
  expect(() => optionKey('force')).toThrow(TypeError);
  expect([takesValue('--force'), takesValue('--role <role>'), takesValue('--watch [seconds]')]).toEqual([false, true, true]);
});
