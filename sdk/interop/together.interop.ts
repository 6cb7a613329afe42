/** The server that `npm start` runs, and everybody on it: phones that know digest only, SIPp, and an OCS client that signs in by NTLM. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { STARTED_DOMAIN, pluginsAsStarted } from './as-started.ts';
import { buildOcsClient, ocsClientAbsent } from './ocs/build.ts';
import { OcsClient } from './ocs/client.ts';
import { startBaresip } from './phones/baresip.ts';
import { startLinphone } from './phones/linphone.ts';
import type { Phone } from './phones/phone.ts';
import { missing } from './program.ts';
import { PASSWORD, ParleyServer, eventually, freePort } from './server.ts';
import { Sipp } from './sipp/sipp.ts';

const absent = missing({ baresip: 'baresip-core', linphonec: 'linphone-cli', sipp: 'sip-tester' }) ?? ocsClientAbsent();
if (absent !== undefined) console.warn(`The tests of all clients on one server are skipped: ${absent}`);

let server: ParleyServer;
let ocsClient: string;
let port = 27_000;
const phones: Phone[] = [];
const others: { stop(): Promise<void> }[] = [];

afterEach(async () => {
  await Promise.all(phones.splice(0).map((phone) => phone.stop()));
  await Promise.all(others.splice(0).map((one) => one.stop()));
});

async function begin(digest: object): Promise<void> {
  ocsClient = await buildOcsClient();
  server = await ParleyServer.start({
    domains: [STARTED_DOMAIN],
    plugins: await pluginsAsStarted({ 'auth-digest': digest }),
    logLevel: 'info',
  });
  await server.addUser('alice');
}

function phone(start: typeof startBaresip, transport: 'udp' | 'tls' = 'udp', user = 'alice'): Phone {
  port += 400;
  const options = { server, user, contact: `bob@${STARTED_DOMAIN}`, toneHz: 440, transport, answers: true } as const;
  const made = start(options, port);
  phones.push(made);
  return made;
}

async function sipp(password = PASSWORD): Promise<number | null> {
  const at = await freePort();
  const keys = { domain: STARTED_DOMAIN, contact: `sip:alice@127.0.0.1:${at}` };
  const made = new Sipp({ scenario: 'register', port: at, calls: 1, server: server.udp, service: 'alice', password, keys });
  others.push(made);
  return (await made.ended()).code;
}

async function signsInByNtlm(): Promise<void> {
  const client = new OcsClient(ocsClient, { server, user: 'alice', auth: 'auto' });
  others.push({ stop: () => client.dispose() });
  await client.signedOn();
  expect(client.log.text).toMatch(/^Authorization: NTLM /m);
  expect(client.log.verified).toBeGreaterThan(0);
}

describe.skipIf(absent !== undefined)('as it is', () => {
  beforeAll(() => begin({}));
  afterAll(() => server.stop());

  test('an OCS client that may choose signs in by NTLM', signsInByNtlm);

  test('a phone that knows SHA-256 registers', async () => {
    await phone(startLinphone, 'tls').registered();
  });

  test('a phone of MD5 alone gives up at the sight of SHA-256, as the documentation says', async () => {
    const baresip = phone(startBaresip);
    await eventually('baresip giving up', () => baresip.output.includes('Function not implemented'));
  });
});

describe.skipIf(absent !== undefined)('with MD5 alone, as the documentation says for old phones', () => {
  beforeAll(() => begin({ algorithms: ['MD5'] }));
  afterAll(() => server.stop());

  test('an OCS client that may choose signs in by NTLM', signsInByNtlm);

  test.each(['udp', 'tls'] as const)('baresip registers over %s', async (transport) => {
    await phone(startBaresip, transport).registered();
  });

  test('SIPp registers', async () => {
    expect(await sipp()).toBe(0);
  });

  test('SIPp sends a test message, as the documentation says, and baresip shows it', async () => {
    await server.addUser('bob');
    const baresip = phone(startBaresip, 'udp', 'bob');
    await baresip.registered();
    const keys = { from: 'alice', domain: STARTED_DOMAIN, text: 'It works' };
    const login = { user: 'alice', password: PASSWORD, uri: `bob@${STARTED_DOMAIN}` };
    const sent = new Sipp({ scenario: 'message', port: await freePort(), calls: 1, server: server.udp, service: 'bob', login, keys });
    others.push(sent);
    expect((await sent.ended()).code).toBe(0);
    await baresip.received('It works');
  });

  test('a wrong password is refused, and the operator has a line that says so', async () => {
    expect(await sipp('wrong')).not.toBe(0);
    await server.logged(`wrong password for alice (alice@${STARTED_DOMAIN})`);
  });
});
