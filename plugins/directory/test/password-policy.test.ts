import { expect, test } from 'vitest';
import { PasswordPolicy, passwordFaults } from '../src/password-policy.ts';
import { PASSWORD_OPTIONS } from '../src/command-input.ts';
import { DirectoryConfig } from '../src/config.ts';

const policy = PasswordPolicy.parse({ minLength: 10, minClasses: 3 });

test('a password that meets the minimum has no faults', () => {
  expect(passwordFaults(policy, 'Correct horse 7', 'alice')).toEqual([]);
});

test('every reason is told at once', () => {
  expect(passwordFaults(policy, 'alice', 'alice')).toEqual([
    'it has 5 characters and needs 10',
    'it has 1 of lower case, upper case, digits and other characters and needs 3',
    'it contains the user name',
  ]);
});

test('characters are counted, not code units', () => {
  expect(passwordFaults(PasswordPolicy.parse({ minLength: 3 }), '😀😀', 'alice')).toEqual(['it has 2 characters and needs 3']);
});

test('very long passwords and control characters are refused', () => {
  expect(passwordFaults(PasswordPolicy.parse({}), 'x'.repeat(300), 'alice')).toEqual(['it has 300 characters and may have 256']);
  expect(passwordFaults(PasswordPolicy.parse({}), 'tab\tin the middle', 'alice')).toEqual(['it has control characters']);
});

test('a password is judged while it is typed, by the rules of the configuration and the user it is for', () => {
  const [option] = PASSWORD_OPTIONS;
  const judge = (value: string): string | undefined =>
    option?.check?.(value, DirectoryConfig.parse({ passwords: { minLength: 10 } }), { uri: 'sip:Alice@example.com' });
  expect(judge('short')).toContain('it has 5 characters and needs 10');
  expect(judge('alice-and-more')).toContain('it contains the user name');
  expect(judge('Correct-Horse-9')).toBeUndefined();
});
