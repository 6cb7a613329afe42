import { expect, test } from 'vitest';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';

test('a whole call, in ten lines', async () => {
  await using server = await testServer({ plugins: [directory(), registrar(), routing()], users: ['alice', 'bob'] });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const call = alice.invite('bob');
  const ringing = await bob.expect('INVITE').answer(180);
  await call.expect(180);
  const taken = ringing.answer(200);
  await call.expect(200).ack();
  await taken.expect('ACK');
  await call.bye().expect(200);
  expect(server.ladder()).toContain('|');
});
