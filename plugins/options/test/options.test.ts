import { expect, test } from 'vitest';
import { testServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import registrar from '@parley/plugin-registrar';
import routing from '@parley/plugin-routing';
import plugin from '../src/plugin.ts';

test('RFC 3261 11.2: OPTIONS for the server itself is answered with what it takes', async () => {
  await using server = await testServer({ plugins: [plugin()] });
  const monitor = server.endpoint('monitor', { transport: 'udp', trusted: false });
  await monitor.send('OPTIONS', 'sip:example.com').expect(200, {
    headers: { Allow: /\bINVITE\b/, Accept: '*/*', Supported: 'path, outbound, gruu' },
  });
  await monitor.send('OPTIONS', 'sip:UC.example.com').expect(200);
});

test('OPTIONS for a user or for another server passes', async () => {
  await using server = await testServer({ plugins: [plugin(), directory(), registrar(), routing()], users: ['alice', 'bob'] });
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  const sent = alice.send('OPTIONS', 'bob');
  await bob.expect('OPTIONS').answer(200, { headers: { Allow: 'MESSAGE' } });
  await sent.expect(200, { headers: { Allow: 'MESSAGE' } });
  await alice.send('OPTIONS', 'sip:example.org').expect(403);
});

test('the plugin has nothing to configure', () => {
  expect(() => plugin.config.parse({ verbose: true })).toThrow(/verbose/);
});
