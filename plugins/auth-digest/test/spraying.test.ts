/** Somebody tries passwords of one user from many addresses, against a whole server. */
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import type { SipResponse } from '@parley/sdk';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import authDigest from '../src/plugin.ts';

const PER_USER = 5;

function server(): Promise<TestServer> {
  return testServer({
    plugins: [directory({ signIn: { perUser: PER_USER, perUserMinute: 1, perAddress: 3 } }), authDigest(), registrar()],
    users: ['alice', 'bob'],
    log: 'info',
  });
}

async function tries(one: TestServer, index: number, user: string, password?: string): Promise<number> {
  const endpoint = one.endpoint(`from-${index}`, { user, address: `203.0.113.${index}`, ...(password !== undefined && { password }) });
  try {
    await endpoint.register();
    return 200;
  } catch {
    const last = one.messages.findLast(({ to }) => to === `from-${index}`)?.message;
    return last?.isRequest === false ? (last as SipResponse).status : 0;
  }
}

test('passwords tried from many addresses shut the user off for all of them, the others not, and the operator sees it', async () => {
  await using one = await server();
  for (let i = 1; i <= PER_USER; i++) expect(await tries(one, i, 'alice', `guess-${i}`)).toBe(401);
  // Even the right one does not help now: who sprays must not learn that it was right.
  expect(await tries(one, 90, 'alice')).toBe(503);
  expect(await tries(one, 91, 'bob')).toBe(200);
  const status = JSON.stringify(await one.command('status'));
  expect(status).toContain(String.raw`{"item":"parley_sign_in_waiting{limit=\"user\"}","value":1}`);
  await one.advance('10m');
  expect(await tries(one, 92, 'alice')).toBe(200);
});
