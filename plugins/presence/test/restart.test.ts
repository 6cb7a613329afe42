/** Subscriptions over UDP go on after the process was killed; a server that closes in order ends them. */
import type { Endpoint, Received, Subscription, TestServer } from '@parley/sdk/testkit';
import { expect, test } from 'vitest';
import type { PresenceTables } from '../src/rows.ts';
import { serving, signedIn } from './serving.ts';
import { publish, state } from './words.ts';

/** A phone on UDP that watches bob, and the first that it hears. */
async function watching(server: TestServer): Promise<readonly [Subscription, Received]> {
  const phone = server.endpoint('phone', { user: 'alice', transport: 'udp' });
  const subscription = phone.subscribe('bob', 'presence', { headers: { Accept: 'application/pidf+xml' }, expires: 3600 });
  await subscription.expect(200);
  return [subscription, await subscription.expect('NOTIFY')];
}

const kept = (server: TestServer): Promise<{ readonly id: string }[]> =>
  server.store.as<PresenceTables>().read.selectFrom('presence_subscriptions').select('id').execute();

test('after a kill a plain watcher on UDP is told at once how things are, in the same dialog, with a higher CSeq', async () => {
  await using server = await serving();
  const [subscription, before] = await watching(server);
  await server.kill();
  const after = await subscription.expect('NOTIFY', {
    within: '600ms',
    headers: { 'Subscription-State': /^active;expires=3(?:599|600)$/ },
  });
  for (const name of ['From', 'To', 'Call-ID', 'Event']) expect(after.header(name)).toBe(before.header(name));
  expect(after.request.cseq.number).toBeGreaterThan(before.request.cseq.number);
  await publish(await signedIn(server, 'bob'), state('machineState', 3500)).expect(200);
  const changed = await subscription.expect('NOTIFY', { body: /open/, within: '1s' });
  expect(changed.request.cseq.number).toBeGreaterThan(after.request.cseq.number);
});

test('a server that closes in order ends them, with a word', async () => {
  await using server = await serving();
  const [subscription] = await watching(server);
  await server.restart();
  await subscription.expect('NOTIFY', { headers: { 'Subscription-State': /^terminated/ } });
  await server.advance('1s');
  await expect(kept(server)).resolves.toEqual([]);
});

test.each([1000, 0])('CSeq only grows over any number of kills, with a pace of %i ms', async (paceMs) => {
  await using server = await serving({ paceMs });
  const [subscription, first] = await watching(server);
  const bob: Endpoint = await signedIn(server, 'bob');
  let last = first.request.cseq.number;
  const growing = async (): Promise<void> => {
    const { cseq } = (await subscription.expect('NOTIFY', { within: '2s' })).request;
    expect(cseq.number).toBeGreaterThan(last);
    last = cseq.number;
  };
  for (let life = 0; life < 4; life++) {
    for (let change = 0; change < 5; change++) {
      await publish(bob, state('machineState', (life + change) % 2 === 0 ? 3500 : 6500, life * 5 + change)).expect(200);
      await growing();
    }
    await server.kill('1s');
    await growing();
    await bob.register();
  }
});

test('what begins in the first moments of a life is not taken for something of the one before', async () => {
  await using server = await serving();
  const [subscription] = await watching(server);
  await server.advance('2s');
  await server.endpoint('bob').register();
  await subscription.expect('NOTIFY', { headers: { CSeq: '2 NOTIFY' } });
  await server.advance('2s');
  expect(server.messages.filter(({ from, message }) => from === 'server' && message?.isRequest === true)).toHaveLength(2);
});

test('what had run out, or cannot be read, is not gone on with', async () => {
  await using server = await serving();
  const row = { id: 'x', details: '{}', expires_at: 2_000_000_000_000 };
  await server.store.as<PresenceTables>().write((trx) =>
    trx
      .insertInto('presence_subscriptions')
      .values([row, { ...row, id: 'y', expires_at: 5 }])
      .execute(),
  );
  await server.kill();
  expect(await kept(server)).toHaveLength(2);
  await server.advance('600ms');
  expect(await kept(server)).toEqual([]);
});
