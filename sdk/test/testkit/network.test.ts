import { expect, test } from 'vitest';
import { z } from 'zod';
import { definePlugin } from '@parley/sdk';
import type { PluginUse } from '@parley/sdk';
import authDigest from '@parley/plugin-auth-digest';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import options from '@parley/plugin-options';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import { testServer } from '@parley/sdk/testkit';
import type { TestServer, TestServerOptions } from '@parley/sdk/testkit';

const serving = (more: Partial<TestServerOptions> = {}): Promise<TestServer> =>
  testServer({ plugins: [directory(), registrar(), routing(), options()], users: ['alice', 'bob'], ...more });

test('time stands still until a test lets it pass, and network latency is time', async () => {
  await using server = await serving({ network: { latency: '20ms' } });
  const alice = await server.endpoint('alice').register();
  const at = server.now;
  await alice.send('OPTIONS', 'sip:example.com').expect(200);
  expect(server.now - at).toBe(40);
  await server.advance('2m');
  expect(server.now - at).toBe(120_040);
});

test('RFC 3261 17.1.2.2: over UDP what gets lost is sent again, and arrives', async () => {
  await using server = await serving({ network: { loss: 1 } });
  const alice = server.endpoint('alice', { transport: 'udp' });
  const sent = alice.send('OPTIONS', 'sip:example.com');
  await server.advance('600ms');
  expect(server.messages.map(({ at, arrives }) => [at, arrives])).toEqual([
    [0, false],
    [500, false],
  ]);
  expect(server.ladder()).toMatch(/500 ms +\|-+ OPTIONS -+x\| +2 lost: sip:example.com/);
  server.network.loss = 0;
  await sent.expect(200, { within: '32s' });
  expect(server.now).toBe(1500);
});

test.each([1, 2, 3])('a call over UDP gets through a bad network, the same way for the same seed (%i)', async (seed) => {
  const call = async (): Promise<string> => {
    const network = { loss: 0.2, duplication: 0.2, reordering: 0.2, latency: '5-40ms', seed };
    await using server = await serving({ network });
    const alice = await server.endpoint('alice', { transport: 'udp' }).register();
    const bob = await server.endpoint('bob', { transport: 'udp' }).register();
    const invite = alice.invite('bob');
    const taken = (await bob.expect('INVITE', { within: '32s' })).answer(200);
    await invite.expect(200, { within: '32s' }).ack();
    await taken.expect('ACK', { within: '32s' });
    await invite.bye().expect(200, { within: '32s' });
    return server.ladder().replaceAll(/:\d{5}\b/g, '');
  };
  expect(await call()).toBe(await call());
});

test('who is cut off is not reached, and hears what a connection has kept when that is over', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  server.network.cut('bob');
  const sent = alice.message('bob', 'are you there?');
  await bob.expectNothing();
  server.network.mend('bob');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('another server is found by the virtual DNS, over any transport', async () => {
  await using server = await testServer({
    plugins: [directory(), registrar(), routing({ outbound: 'allow' })],
    users: ['alice'],
    dns: { 'example.org': { srv: [{ service: 'tls', target: 'sip.example.org', port: 5061 }] } },
  });
  const peer = await server.peer('sip.example.org');
  const alice = await server.endpoint('alice').register();
  const sent = alice.message('carol@example.org', 'hello');
  await peer.expect('MESSAGE', { uri: 'sip:carol@example.org' }).answer(200);
  await sent.expect(200);
  expect(server.dns.questions).toContain('SRV _sips._tcp.example.org');
  await alice.message('carol@example.net', 'hello').expect('5xx');
});

test('with an authentication plugin endpoints sign in for real, and cannot with a wrong password', async () => {
  await using server = await testServer({
    plugins: [directory(), authDigest(), registrar(), routing()],
    users: ['alice', { name: 'bob', password: 'Correct-horse-7' }],
  });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const sent = alice.message('bob', 'hello');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
  await server.endpoint('liar', { user: 'bob', password: 'wrong' }).registering().expect(401);
  await server
    .endpoint('curious', { user: 'bob', password: false })
    .registering()
    .expect(401, { headers: { 'WWW-Authenticate': /^Digest/ } });
  expect(server.ladder()).toContain('401');
});

test('a restart keeps what is stored, and endpoints come back', async () => {
  await using server = await serving();
  await server.addUsers('carol');
  const carol = await server.endpoint('carol', { transport: 'udp' }).register();
  await server.restart();
  const alice = await server.endpoint('alice').register();
  const sent = alice.message('carol', 'still there?');
  await carol.expect('MESSAGE').answer(200);
  await sent.expect(200);
  expect(server.find(DirectoryAdmin)).toBeDefined();
});

test('commands run as an administrator runs them', async () => {
  await using server = await serving();
  await server.endpoint('alice').register();
  const { rows } = await server.command('registrations');
  expect(rows).toHaveLength(1);
  await expect(server.command('registration')).rejects.toThrow(/There is no command "registration"/);
});

test('a failed expectation is the whole conversation', async () => {
  const server = await serving();
  const alice = await server.endpoint('alice').register();
  const error = await alice.invite('bob').expect(200).then(String, String);
  expect(error).toContain('alice expected 200 to its INVITE and got 480');
  expect(error).toMatch(/ {5}0 ms {6}\|---- REGISTER ---->\| {4}1 sip:example.com/);
  await expect(alice.expect('NOTIFY')).rejects.toThrow(/alice expected NOTIFY and heard nothing more/);
  await server.close();
});

/** A plugin that leaves a timer. */
function leaky(): PluginUse {
  const plugin = definePlugin({
    name: 'leaky',
    summary: 'Forgets a timer',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    setup(scope) {
      scope.onClose(() => undefined);
      const clock = scope.resolve<{ timers: { start(ms: number, run: () => void): unknown } }>({ name: 'core.clock' });
      clock.timers.start(3_600_000, function forgotten() {});
    },
  });
  return plugin();
}

test('what a server leaves behind is named when it is closed', async () => {
  const server = await testServer({ plugins: [leaky()] });
  await expect(server.close()).rejects.toThrow(/a timer of the plugin leaky in \d+ ms that calls forgotten/);
});

test('a server that does not boot says why, and leaves nothing', async () => {
  await expect(testServer({ plugins: [registrar()] })).rejects.toThrow(/directory/);
  await expect(testServer({ plugins: [], users: ['alice'] })).rejects.toThrow(/no plugin that keeps them/);
});
