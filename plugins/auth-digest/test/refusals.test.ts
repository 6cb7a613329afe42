/** What the operator reads of each refused sign-in: docs/sign-in-errors.md lists these lines. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import authDigest from '../src/plugin.ts';
import { answer, request } from './support.ts';
import type { Answer } from './support.ts';

const ADDRESS = '203.0.113.9';
const PASSWORDS = { alice: 'Wonderland 7', bob: 'Builder 88', dora: 'Explorer 99' };

function server(): Promise<TestServer> {
  return testServer({
    plugins: [directory(), authDigest({ algorithms: ['SHA-256'] }), registrar()],
    users: [
      { name: 'alice', password: PASSWORDS.alice },
      { name: 'bob', password: PASSWORDS.bob },
      { name: 'dora', password: PASSWORDS.dora, enabled: false },
      { name: 'erin', password: false },
    ],
    log: 'info',
  });
}

/** Answers the challenge of a REGISTER of alice's, or sends what it is given instead. */
async function signIn(one: TestServer, answered: number, how: Answer | string): Promise<void> {
  const phone = one.endpoint(`phone-${one.parties.size}`, { user: 'alice', address: ADDRESS, password: false });
  const challenge = await phone.registering().expect(401);
  const nonce = /nonce="([^"]*)"/.exec(challenge.first('WWW-Authenticate') ?? '')?.[1] ?? '';
  const header = typeof how === 'string' ? how : answer(request('REGISTER'), nonce, how).first('Authorization');
  await phone.registering({ headers: { Authorization: header ?? '' } }).expect(answered);
}

function failures(one: TestServer): Readonly<Record<string, unknown>>[] {
  return one.log.filter(({ msg }) => String(msg).startsWith('sign-in failed:'));
}

test.each<[what: string, answered: number, how: Answer | string, line: string]>([
  ['a wrong password', 401, { password: 'guess' }, 'wrong password for alice (alice@example.com)'],
  ['an unknown name', 401, { username: 'nobody' }, 'nobody has the sign-in name nobody; parley user change URI --login adds it'],
  ['no password', 401, { username: 'erin' }, 'erin@example.com has no password; parley user password erin@example.com sets one'],
  [
    'a name without a digest',
    401,
    { username: 'ALICE@example.com' },
    'no digest is kept for the sign-in name ALICE@example.com of alice@example.com; sign in as alice@example.com, ' +
      'or set the password anew: parley user password alice@example.com',
  ],
  [
    'an algorithm that is not offered',
    401,
    { algorithm: 'MD5' },
    'the client of alice answers with MD5, which auth-digest is not set to offer',
  ],
  [
    'another URI',
    400,
    { uri: 'sip:elsewhere.example' },
    'the client of alice signs sip:elsewhere.example and asks for sip:example.com; checkUri: false in auth-digest lets it',
  ],
  ['no user name', 400, 'Digest realm="example.com"', 'The credentials in Authorization cannot be read: response is missing.'],
  [
    'a disabled user',
    403,
    { username: 'dora', password: PASSWORDS.dora },
    'dora@example.com is disabled; parley user enable dora@example.com changes that',
  ],
  [
    'another user’s address',
    403,
    { username: 'bob', password: PASSWORDS.bob },
    "bob@example.com signed in as somebody else; add the address or number to the user, or mend the client's sign-in address",
  ],
])('%s is one line that says what to do', async (_, answered, how, line) => {
  await using one = await server();
  await signIn(one, answered, how);
  expect(failures(one)).toEqual([
    expect.objectContaining({
      level: 'info',
      from: 'alice@example.com',
      address: ADDRESS,
      scheme: 'Digest',
      msg: `sign-in failed: ${line}`,
    }),
  ]);
});

test('a sign-in that succeeds is none, and no line has what somebody signs in with', async () => {
  await using one = await server();
  await one.endpoint('alice', { password: PASSWORDS.alice }).register();
  expect(failures(one)).toEqual([]);
  await signIn(one, 401, { password: 'guess 4711' });
  expect(JSON.stringify(one.log)).not.toMatch(/Wonderland|guess|nonce|response/);
});

test('who goes on trying is told of once in ten seconds, with how often it was', async () => {
  await using one = await server();
  for (let i = 0; i < 4; i++) await signIn(one, 401, { password: `guess ${i}` });
  expect(failures(one)).toHaveLength(1);
  await one.advance('10s');
  await signIn(one, 401, { password: 'guess 4' });
  expect(failures(one)).toEqual([expect.anything(), expect.objectContaining({ suppressed: 3 })]);
});

test('`parley status` counts the failures', async () => {
  await using one = await server();
  await signIn(one, 401, { password: 'guess' });
  const { rows } = await one.command('status');
  expect(rows).toContainEqual({ item: 'parley_sign_in_failures_total', value: 1 });
});
