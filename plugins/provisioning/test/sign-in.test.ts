/** A captured sign-in of pidgin-sipe against a whole server. */
import { expect, test } from 'vitest';
import { DirectoryAdmin } from '@parley/plugin-directory/api';
import { captured, client, serving } from './serving.ts';

/** What the client is given in the 200 to its REGISTER. */
const GRUU = 'sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu';
const OWN_CONTACT = '<sip:alice@example.test:53026;maddr=127.0.0.1;transport=tcp>;proxy=replace';
const STAYING = { 'Expires: 0\r\n': '' };

test('MS-SIPREGE R4, R9: it registers, learns what there is to subscribe to, and is provisioned in the answer to its SUBSCRIBE', async () => {
  const server = await serving({ organization: 'Example & Sons' });
  const alice = client(server);
  await alice.write(captured('register'));
  const registered = (await alice.next()).text;
  expect(registered).toMatch(/^SIP\/2\.0 200 /);
  expect(registered).toContain('\r\nAllow-Events: reg,vnd-microsoft-provisioning-v2,vnd-microsoft-provisioning\r\n');
  expect(registered).toContain('\r\nSupported: adhoclist\r\nSupported: msrtc-event-categories\r\n');
  expect(registered).toContain(`;gruu="${GRUU}"`);
  await alice.write(captured('subscribe-provisioning-v2', { [OWN_CONTACT]: `<${GRUU}>` }));
  const [head = '', body = ''] = (await alice.next()).text.split('\r\n\r\n');
  for (const line of [
    'SIP/2.0 200 OK',
    'Expires: 0',
    'Content-Type: application/vnd-microsoft-roaming-provisioning-v2+xml',
    'Event: vnd-microsoft-provisioning-v2',
    'Subscription-State: terminated;expires=0',
    'ms-piggyback-cseq: 1',
    'Supported: ms-benotify, ms-piggyback-first-notify',
    `Content-Length: ${body.length}`,
    'Contact: <sip:192.0.2.1:5060;transport=tcp>',
  ]) {
    expect(head.split('\r\n')).toContain(line);
  }
  expect([...body.matchAll(/<provisionGroup name="(\w+)">/g)].map((found) => found[1])).toEqual([
    'ServerConfiguration',
    'meetingPolicy',
    'persistentChatConfiguration',
    'ucPolicy',
  ]);
  expect(body).toContain('<organization>Example &amp; Sons</organization>');
  expect(body).toContain('<ucPC2PCAVEncryption>SupportEncryption</ucPC2PCAVEncryption>');
  expect(body).toContain('<instance><property name="AllowCallForwarding">true</property>');
});

test('MS-SIPREGE R11: what nobody serves is a bad event, and the answer lists what there is', async () => {
  const alice = client(await serving());
  await alice.write(captured('subscribe-roaming-self'));
  const answer = await alice.expect(489);
  expect(answer.all('Allow-Events')).toEqual(['reg,vnd-microsoft-provisioning-v2,vnd-microsoft-provisioning']);
});

test('MS-SIPREGE R10: nobody learns how another user is provisioned', async () => {
  const bob = (await serving()).endpoint('bob', { transport: 'tcp' });
  await bob.write(captured('subscribe-provisioning-v2', { 'From: <sip:alice@': 'From: <sip:bob@' }));
  const answer = await bob.expect(403);
  expect(answer.first('ms-diagnostics')).toMatch(/^4004;reason="bob@example.test may not ask how alice@example.test is provisioned"/);
});

test.each([
  [
    'and the phones when there is a gateway to control them by',
    '<line uri="tel:+14255550100" server="sip:pbx.example.test"/>',
    'sip:pbx.example.test',
  ],
  ['and no phones without one', '', undefined],
])('LCS 2005: the older event tells the user, %s', async (_name, lines, lineServer) => {
  const alice = client(await serving(lineServer === undefined ? {} : { lineServer }));
  await alice.write(
    captured('subscribe-provisioning-v2', {
      'provisioning-v2\r\nAccept: application/vnd-microsoft-roaming-provisioning-v2':
        'provisioning\r\nAccept: application/vnd-microsoft-roaming-provisioning',
    }),
  );
  const answer = await alice.expect(200);
  expect(answer.first('Content-Type')).toBe('application/vnd-microsoft-roaming-provisioning+xml');
  const user = lines === '' ? '<user uri="sip:alice@example.test"/>' : `<user uri="sip:alice@example.test">${lines}</user>`;
  expect(answer.body.toString()).toBe(`<provision>${user}</provision>`);
});

test('a client that stays subscribed is told at once what an administrator changes for it, and nothing else', async () => {
  const server = await serving({ groups: { sales: { ucPolicy: { EnableTeamCall: false } } } });
  const alice = client(server);
  await alice.write(captured('subscribe-provisioning-v2', STAYING));
  const answer = await alice.expect(200);
  expect(answer.first('Subscription-State')).toBe('active;expires=28800');
  expect(answer.body.toString()).toContain('<property name="EnableTeamCall">false</property>');
  await server.command('policy set', { scope: 'user:bob@example.test', setting: 'ucPolicy.AllowCallForwarding', value: 'false' });
  await server.command('policy set', { scope: 'group:Sales', setting: 'ucpolicy.EnableTeamCall', value: 'maybe' });
  const told = await alice.expect('BENOTIFY', { within: '1s' });
  expect(told.header('CSeq')).toBe('2 BENOTIFY');
  expect(told.body).toContain('<property name="EnableTeamCall">maybe</property>');
  expect(told.body).toContain('<property name="AllowCallForwarding">true</property>');
  await server.find(DirectoryAdmin).changeUser('alice@example.test', { groups: [] });
  await alice.expect('BENOTIFY', {
    headers: { CSeq: '3 BENOTIFY' },
    body: /<property name="EnableTeamCall">true<\/property>/,
    within: '1s',
  });
});

test('MS-SIPREGE R8, R17: a user who is disabled while signed in is told so, and the connection ends', async () => {
  const server = await serving();
  const alice = client(server);
  await alice.write(captured('register'));
  const { to } = await alice.expect(200);
  await alice.write(captured('subscribe-provisioning-v2', STAYING));
  await alice.expect(200);
  expect(server.figure('parley_connections')).toBe(1);
  await server.find(DirectoryAdmin).setEnabled('alice@example.test', false);
  const notice = await alice.expect('NOTIFY', {
    headers: {
      From: `<sip:alice@example.test>;tag=${to.tag}`,
      To: '<sip:alice@example.test>;tag=1916914948;epid=b34afb6ebb23',
      'Call-ID': '4CCDg6CB9a547AiDCE1m234Ft365CbEBEEx8DA4x',
      CSeq: '1 NOTIFY',
      Event: 'registration-notify',
      'Subscription-State': 'terminated;expires=0',
      'ms-diagnostics-public': '4141;reason="User disabled"',
      'Content-Type': 'text/registration-event',
    },
    body: /deregistered;event=rejected/,
  });
  const ended = { 'Subscription-State': /^terminated;reason=rejected/, Event: 'vnd-microsoft-provisioning-v2' };
  await alice.expect('BENOTIFY', { headers: ended });
  notice.answer(200);
  await server.settle();
  expect(server.figure('parley_connections')).toBe(0);
});

test('signing off takes the registration away', async () => {
  const alice = client(await serving());
  await alice.write(captured('register'));
  await alice.expect(200);
  await alice.write(captured('register-sign-off'));
  const answer = await alice.expect(200, { headers: { Expires: '0' } });
  expect(answer.has('Contact')).toBe(false);
});
