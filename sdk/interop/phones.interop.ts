/** Two phones nobody here wrote: baresip and linphone. They register by digest, call, talk, write and hang up. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startBaresip } from './phones/baresip.ts';
import { startLinphone } from './phones/linphone.ts';
import { PHONE_TRANSPORTS } from './phones/phone.ts';
import type { Phone, PhoneTransport } from './phones/phone.ts';
import { shareOf } from './phones/tone.ts';
import { missing } from './program.ts';
import { ParleyServer, WITH_DIGEST, pause } from './server.ts';

const absent = missing({ baresip: 'baresip-core', linphonec: 'linphone-cli' });
if (absent !== undefined) console.warn(`The phone tests are skipped: ${absent}`);

const ALICE_HZ = 440;
const BOB_HZ = 660;
const CALL_MS = 4000;
/** Of the loudest second's energy; G.711 and jitter leave nearly all of it where it was. */
const AUDIBLE = 0.5;

describe.skipIf(absent !== undefined)('baresip and linphone', () => {
  let server: ParleyServer;
  const phones: Phone[] = [];
  let port = 26_000;

  beforeAll(async () => {
    // baresip 1.0 gives up on a response that offers anything besides MD5.
    // linphone verifies names only, so it calls the server localhost, in Route too: that must be a name of the server's.
    server = await ParleyServer.start({
      domains: ['example.com', 'localhost'],
      plugins: { ...WITH_DIGEST, 'auth-digest': { algorithms: ['MD5'] } },
    });
    for (const user of ['alice', 'bob', 'carol']) await server.addUser(user);
  });
  afterAll(async () => {
    await server.stop();
  });
  afterEach(async () => {
    await Promise.all(phones.splice(0).map((phone) => phone.stop()));
  });

  const phone = async (
    start: typeof startBaresip,
    user: string,
    contact: string,
    toneHz: number,
    transport: PhoneTransport,
    answers: boolean,
  ): Promise<Phone> => {
    port += 400;
    const made = start({ server, user, contact: `${contact}@example.com`, toneHz, transport, answers }, port);
    phones.push(made);
    await made.registered();
    return made;
  };

  test.each(PHONE_TRANSPORTS)(
    'register by digest over %s, call each other both ways with audio both ways, write, hang up',
    async (transport) => {
      const alice = await phone(startBaresip, 'alice', 'bob', ALICE_HZ, transport, true);
      const bob = await phone(startLinphone, 'bob', 'alice', BOB_HZ, transport, true);

      alice.message('Are you there?');
      await bob.received('Are you there.');
      bob.message('Yes, call me');
      await alice.received('Yes, call me');

      bob.expectCall();
      alice.call('bob@example.com');
      await alice.established();
      await bob.established();
      await pause(CALL_MS); // talk
      alice.hangUp();
      await alice.ended();
      await bob.ended();
      expect(shareOf(BOB_HZ, alice.heard()), 'alice hears bob').toBeGreaterThan(AUDIBLE);
      expect(shareOf(ALICE_HZ, bob.heard()), 'bob hears alice').toBeGreaterThan(AUDIBLE);

      alice.expectCall();
      bob.call('alice@example.com');
      await bob.established();
      await alice.established();
      await pause(CALL_MS);
      alice.hangUp(); // the called side this time
      await bob.ended();
      await alice.ended();
      expect(shareOf(BOB_HZ, alice.heard()), 'alice hears bob').toBeGreaterThan(AUDIBLE);
      expect(shareOf(ALICE_HZ, bob.heard()), 'bob hears alice').toBeGreaterThan(AUDIBLE);
    },
  );

  test.each([
    ['the baresip', 0],
    ['the linphone', 1],
  ])('a user on two phones: both ring; when %s answers, the other is cancelled', async (_name, winner) => {
    const alice = await phone(startBaresip, 'alice', 'carol', ALICE_HZ, 'udp', true);
    const ringing = [
      await phone(startBaresip, 'carol', 'alice', BOB_HZ, 'tcp', false),
      await phone(startLinphone, 'carol', 'alice', BOB_HZ, 'udp', false),
    ];
    for (const one of ringing) one.expectCall();
    alice.call('carol@example.com');
    await Promise.all(ringing.map((one) => one.ringing()));
    ringing[winner]?.answer();
    await alice.established();
    await ringing[winner]?.established();
    await ringing[1 - winner]?.ended();
    alice.hangUp();
    await ringing[winner]?.ended();
  });
});

test.skipIf(absent !== undefined)('linphone takes SHA-256 where the server prefers it', async () => {
  const server = await ParleyServer.start();
  const options = { server, user: 'alice', contact: 'bob@example.com', toneHz: ALICE_HZ, transport: 'tls', answers: true } as const;
  try {
    await server.addUser('alice');
    const alice = startLinphone(options, 25_000);
    try {
      await alice.registered();
    } finally {
      await alice.stop();
    }
  } finally {
    await server.stop();
  }
});
