/** The registrar in a whole server: endpoints come, stay, move and go. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { runScenario, testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import directory from '@parley/plugin-directory';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import routing from '@parley/plugin-routing';
import { Location } from '../src/api.ts';
import plugin from '../src/plugin.ts';

const serving = (config: Parameters<typeof plugin>[0] = {}): Promise<TestServer> =>
  testServer({ plugins: [directory(), plugin(config), routing()], users: ['alice', 'bob'] });

const count = (server: TestServer, user = 'alice'): number => server.find(Location).bindings(`${user}@example.com`).length;

test('RFC 3261 10.3: a registration lasts as long as was granted, and ends when its client says so', async () => {
  await using server = await serving({ defaultExpires: 600 });
  const alice = server.endpoint('alice', { transport: 'udp' });
  await alice.registering().expect(200, { headers: { Contact: /;expires=600/ } });
  await server.advance('599s');
  expect(count(server)).toBe(1);
  await server.advance('2s');
  expect(count(server)).toBe(0);
  await alice.register();
  await alice.unregister();
  expect(count(server)).toBe(0);
});

test('MS-CONMGMT R7: an endpoint whose connection breaks is gone, and is reached again when it is back', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  const bob = await server.endpoint('bob').register();
  bob.disconnect();
  await server.settle();
  await alice.message('bob', 'where are you?').expect(480);
  await bob.register();
  const sent = alice.message('bob', 'and now?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('after a restart UDP endpoints are reached at once, connections have to come back', async () => {
  await using server = await serving();
  const bob = await server.endpoint('bob', { transport: 'udp' }).register();
  await server.endpoint('desk', { user: 'bob', epid: '0123456789' }).register();
  await server.restart();
  const alice = await server.endpoint('alice').register();
  expect(count(server, 'bob')).toBe(1);
  const sent = alice.message('bob', 'still there?');
  await bob.expect('MESSAGE').answer(200);
  await sent.expect(200);
});

test('who is disabled is signed out, and told so', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice').register();
  await server.find(DirectoryAdmin).setEnabled('alice@example.com', false);
  await server.settle();
  expect(count(server)).toBe(0);
  await alice.registering().expect('4xx');
});

test('RFC 3680: a subscriber is told all registrations, and each one that comes and goes', async () => {
  await using server = await serving();
  const alice = await server.endpoint('alice', { epid: '0a0a0a0a' }).register();
  const subscription = alice.subscribe('alice', 'reg', { headers: { Accept: 'application/reginfo+xml' } });
  await subscription.expect(200);
  const states: string[] = [];
  const told = async (): Promise<void> => {
    const { body } = await subscription.expect('NOTIFY', { headers: { Event: 'reg' } });
    const { root } = parseXml(Buffer.from(body));
    states.push(`${root.need('registration').attribute('state')} ${root.need('registration').all('contact').length}`);
  };
  await told();
  const second = await server.endpoint('second', { user: 'alice', epid: '0b0b0b0b' }).register();
  await told();
  await second.unregister();
  await told();
  expect(states).toEqual(['active 1', 'active 2', 'active 2']);
});

test.each(['register-tcp', 'register-tls'])('a captured REGISTER is answered with what its client looks for (%s)', async (name) => {
  const captured = readFileSync(new URL(`captures/${name}.sip`, import.meta.url), 'utf8')
    .replaceAll('\r\n', '\n')
    .trimEnd();
  const domain = /^REGISTER sip:(\S+)/.exec(captured)?.[1] ?? '';
  const user = /^From:.*<sip:([^@]+)@/m.exec(captured)?.[1] ?? '';
  await using server = await testServer({ plugins: [directory(), plugin(), routing()], domain });
  const scenario = [
    `[endpoint] ${user}  unregistered  over ${name.slice('register-'.length)}`,
    '',
    `${user} sends`,
    ...captured.split('\n').map((line) => (line === '' ? '' : `    ${line}`)),
    '',
    `${user} receives`,
    '    SIP/2.0 200 OK',
    `    To: <sip:${user}@\${domain}>;tag=\${tag}`,
    '    Contact: ${*};expires=${granted}${*}',
  ].join('\n');
  await runScenario(server, scenario);
});
