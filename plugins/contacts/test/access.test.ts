/** Access control entries of LCS 2005: kept with the contacts, and handed to presence. */
import { PresenceAccess, definePlugin, provide } from '@parley/sdk';
import { expect, test } from 'vitest';
import { z } from 'zod';
import presence from '@parley/plugin-presence';
import { FROM_BOB, bodyOf, captured, client, heard, say, service, serving, subscribed } from './serving.ts';

function setAce(mask: string, rights: string): string {
  return service(`<m:setACE><m:type>USER</m:type><m:mask>sip:${mask}@example.test</m:mask><m:rights>${rights}</m:rights></m:setACE>`);
}

test('LCS 2005: access control entries are kept, and told to all endpoints as a whole', async () => {
  await using server = await serving();
  const [first, second] = [client(server), client(server)];
  const acl = { 'vnd-microsoft-roaming-contacts\r': 'vnd-microsoft-roaming-ACL\r', 'roaming-contacts+xml': 'roaming-acls+xml' };
  const answer = await subscribed(first, acl);
  expect(answer).toContain('\r\nContent-Type: application/vnd-microsoft-roaming-acls+xml\r\n');
  expect(bodyOf(answer)).toBe('<ACLlist deltaNum="1"><userACL/></ACLlist>');
  await subscribed(second);
  await say(second, setAce('bob', 'BD'), captured('service-add-group'));
  const told = await heard(first);
  expect(told).toContain('\r\nEvent: vnd-microsoft-roaming-ACL\r\n');
  expect(bodyOf(told)).toBe(
    '<ACLlist deltaNum="2"><userACL><ace type="USER" mask="sip:bob@example.test" rights="BD"/></userACL></ACLlist>',
  );
  const all = [await heard(second), await heard(second), await heard(second)];
  expect(
    all.map((message) => message.split(' ', 1)[0]),
    'two answers, and one notice about the group',
  ).toEqual(['SIP/2.0', 'SIP/2.0', 'BENOTIFY']);
});

test('MS-PRES 3.9: an access control entry is answered when presence knows it, too; a client is told when presence cannot', async () => {
  await using server = await serving({}, presence({ limits: { members: 10 } }));
  const [alice, bob] = [client(server), client(server)];
  const look = async (): Promise<string> => {
    await say(bob, service('<m:getPresence><presentity uri="sip:alice@example.test"/></m:getPresence>', FROM_BOB));
    return heard(bob);
  };
  expect(await look()).toMatch(/^SIP\/2\.0 200/);
  await say(alice, setAce('Bob', 'BD'));
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 200/);
  expect(await look()).toMatch(/^SIP\/2\.0 403/);
  for (let i = 1; i < 10; i++) {
    await say(alice, setAce(`u${i}`, 'BD'));
    expect(await heard(alice)).toMatch(/^SIP\/2\.0 200/);
  }
  await say(alice, setAce('carol', 'BD'));
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 403[\s\S]*reached the limit of 10 members/);
});

test('what comes behind an access control entry has no reason to wait for presence', async () => {
  const known = Promise.withResolvers<void>();
  const slow = definePlugin({
    name: 'slow',
    summary: 'A presence that takes its time',
    config: z.strictObject({}),
    root: new URL('.', import.meta.url),
    provides: [
      provide(
        PresenceAccess,
        class implements PresenceAccess {
          readonly apply = (): Promise<void> => known.promise;
        },
      ),
    ],
  });
  await using server = await serving({}, slow());
  const alice = client(server);
  await say(alice, setAce('bob', 'BD'), captured('service-delete-contact', {}, 'behind'));
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 200[\s\S]*\r\nCall-ID: behind\r\n/);
  known.resolve();
  expect(await heard(alice)).toMatch(/^SIP\/2\.0 200/);
});
