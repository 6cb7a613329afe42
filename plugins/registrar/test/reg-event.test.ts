/** RFC 3680: where a user is registered, as the user's own endpoints are told. */
import { expect, test } from 'vitest';
import { parseXml } from '@parley/sdk';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { overloaded, testServer } from '@parley/sdk/testkit';
import type { Subscription } from '@parley/sdk/testkit';
import { AOR, another, serving, withContact } from './serving.ts';

/** The next document of a subscriber: `version state: event contact, ...`. */
async function told(subscription: Subscription): Promise<string> {
  const { body } = await subscription.expect('NOTIFY', { headers: { Event: 'reg', 'Content-Type': 'application/reginfo+xml' } });
  const { root } = parseXml(body);
  const registration = root.need('registration');
  const contacts = registration.all('contact').map((contact) => `${contact.attribute('event')} ${contact.need('uri').text}`);
  return `${root.attribute('version')} ${registration.attribute('state')}: ${contacts.join(', ')}`;
}

test('RFC 3680: a subscriber is told all registrations of the user, whenever one comes or goes, and why it goes', async () => {
  await using server = await serving();
  const watcher = server.endpoint('alice');
  const subscription = watcher.subscribe('alice', 'reg', { headers: { Accept: 'application/reginfo+xml' } });
  await subscription.expect(200);
  const [first, second] = [another(server), another(server)];
  expect(await told(subscription)).toBe('0 init: ');
  await first.registering(withContact('<sip:alice@192.0.2.50>')).expect(200);
  expect(await told(subscription)).toBe('1 active: registered sip:alice@192.0.2.50');
  await second.registering(withContact('<sip:alice@192.0.2.51>')).expect(200);
  expect(await told(subscription)).toBe('2 active: registered sip:alice@192.0.2.50, registered sip:alice@192.0.2.51');
  await first.registering(withContact('<sip:alice@192.0.2.50>;expires=0')).expect(200);
  expect(await told(subscription)).toBe('3 active: registered sip:alice@192.0.2.51, unregistered sip:alice@192.0.2.50');
  await server.find(DirectoryAdmin).setEnabled(AOR, false);
  expect(await told(subscription)).toBe('4 terminated: rejected sip:alice@192.0.2.51');
  await server.find(DirectoryAdmin).setEnabled(AOR, true);
  await subscription.unsubscribe().expect(200);
  await subscription.expect('NOTIFY');
  await first.register();
  await watcher.expectNothing();
});

test('RFC 3680: nobody is told where another user is, and an unknown sender nothing', async () => {
  await using server = await serving();
  await server
    .endpoint('bob')
    .subscribe('alice', 'reg')
    .expect(403, { headers: { Warning: /bob@example\.com may not see where alice@example\.com is registered/ } });
  await server
    .endpoint('alice', { trusted: false })
    .subscribe('alice', 'reg')
    .expect(403, { headers: { Warning: /nothing has authenticated/ } });
});

test('a server with too much to do says when to subscribe again', async () => {
  await using server = await testServer({ plugins: [overloaded(new URL('../reg-event.am', import.meta.url))] });
  await server
    .endpoint('alice')
    .subscribe('alice', 'reg')
    .expect(503, { headers: { 'Retry-After': '30' } });
});
