/** Users who may not use the server any more: what they published for the time being, and what they subscribed to, ends. */
import { expect, test } from 'vitest';
import { DOMAIN, availabilityIn, notePublication, partOf, serving, statePublication } from './server.ts';
import type { Client, Served } from './server.ts';

const BOB = `bob@${DOMAIN}`;

/** What the next notification about a contact shows, told at once or after the pace. */
async function next(watcher: Client, { clock }: Served): Promise<string> {
  clock.advance(1100);
  return (await watcher.request(({ body }) => body.length > 0)).body.toString();
}

test('MS-PRES 3.10.3: somebody who is disabled is shown to nobody, and is there again with what he wrote when enabled', async () => {
  const served = await serving();
  const { endpoint, admin, presence } = served;
  const [alice, bob] = [await endpoint('alice'), await endpoint('bob')];
  await bob.publish(statePublication('machineState', 3500) + notePublication('mine', 200));
  expect(partOf(await alice.batch(['bob']), BOB)).toContain('mine');
  await admin.setEnabled(BOB, false);
  const gone = await next(alice, served);
  expect(availabilityIn(gone)).toBe(18_500);
  expect(gone).not.toContain('mine');
  expect(presence.stateOf(BOB)?.availability).toBe(18_500);
  const poll = await alice.batch(['bob'], { Expires: '0' });
  expect(partOf(poll, 'resourceList')).toContain('state="terminated"');
  await admin.setEnabled(BOB, true);
  const back = await next(alice, served);
  expect(back).toContain('mine');
  expect(availabilityIn(back), 'no endpoint has registered yet').toBe(18_500);
});

test.each([
  ['disabled', ({ admin }: Served) => admin.setEnabled(BOB, false)],
  ['removed', ({ admin }: Served) => admin.removeUser(BOB)],
] as const)('the subscriptions of somebody who is %s end, with a word', async (_what, act) => {
  const served = await serving();
  // Not registered: the connections of endpoints are closed, and so end everything on them.
  const [alice, bob] = [await served.endpoint('alice'), await served.client('bob')];
  await bob.roamingSelf();
  await bob.batch(['alice']);
  await act(served);
  const ended: string[] = [];
  while (ended.length < 2) {
    const last = await bob.request((request) => (request.first('Subscription-State') ?? '').startsWith('terminated'));
    ended.push(last.first('Event') ?? '');
  }
  expect(ended.toSorted()).toEqual(['presence', 'vnd-microsoft-roaming-self']);
  await alice.publish(statePublication('machineState', 6500));
  await bob.ask('OPTIONS', DOMAIN);
  expect(bob.requests.filter(({ method }) => method === 'BENOTIFY')).toEqual([]);
  expect((await bob.batch(['alice'])).status).toBeGreaterThanOrEqual(403);
  expect((await bob.publish(notePublication('still here', 200))).status).toBeGreaterThanOrEqual(403);
});
