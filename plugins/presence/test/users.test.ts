/** Users who may not use the server any more: what they published for the time being, and what they subscribed to, ends. */
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { Presence } from '../src/api.ts';
import { client, serving, signedIn } from './serving.ts';
import { availabilityIn, batch, note, ownData, partOf, publish, state } from './words.ts';

const BOB = 'bob@example.test';

test('MS-PRES 3.10.3: somebody who is disabled is shown to nobody, and is there again with what he wrote when enabled', async () => {
  await using server = await serving();
  const [admin, presence] = [server.find(DirectoryAdmin), server.find(Presence)];
  const [alice, bob] = [await signedIn(server, 'alice'), await signedIn(server, 'bob')];
  await publish(bob, state('machineState', 3500) + note('mine')).expect(200);
  expect(partOf(await batch(alice, ['bob']).expect(200), BOB)).toContain('mine');
  await admin.setEnabled(BOB, false);
  const gone = (await alice.expect('BENOTIFY', { within: '1.1s' })).body;
  expect(availabilityIn(gone)).toBe(18_500);
  expect(gone).not.toContain('mine');
  expect(presence.stateOf(BOB)?.availability).toBe(18_500);
  const poll = await batch(alice, ['bob'], { Expires: '0' }).expect(200);
  expect(partOf(poll, 'resourceList')).toContain('state="terminated"');
  await admin.setEnabled(BOB, true);
  const back = (await alice.expect('BENOTIFY', { within: '1.1s' })).body;
  expect(back).toContain('mine');
  expect(availabilityIn(back), 'no endpoint has registered yet').toBe(18_500);
});

test.each([
  ['disabled', (admin: DirectoryAdmin) => admin.setEnabled(BOB, false)],
  ['removed', (admin: DirectoryAdmin) => admin.removeUser(BOB)],
] as const)('the subscriptions of somebody who is %s end, with a word', async (_what, act) => {
  await using server = await serving();
  // Not registered: the connections of endpoints are closed, and so end everything on them.
  const [alice, bob] = [await signedIn(server, 'alice'), client(server, 'bob')];
  await ownData(bob).expect(200);
  await batch(bob, ['alice']).expect(200);
  await act(server.find(DirectoryAdmin));
  const ended = { headers: { 'Subscription-State': /^terminated/ } };
  const packages = [await bob.expect('BENOTIFY', ended), await bob.expect('BENOTIFY', ended)].map((last) => last.header('Event') ?? '');
  expect(packages.toSorted()).toEqual(['presence', 'vnd-microsoft-roaming-self']);
  await publish(alice, state('machineState', 6500)).expect(200);
  await server.advance('1.1s');
  await bob.expectNothing();
  await batch(bob, ['alice']).expect('4xx');
  await publish(bob, note('still here')).expect('4xx');
});
