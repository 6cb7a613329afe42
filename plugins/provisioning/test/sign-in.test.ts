/** A captured sign-in of pidgin-sipe against a whole server. */
import { expect, test } from 'vitest';
import { accept, captured, serving } from './server.ts';

/** What the client is given in the 200 to its REGISTER. */
const GRUU = 'sip:alice@example.test;opaque=user:epid:2AteCBwDDVqNmvFJquaVSgAA;gruu';
const OWN_CONTACT = '<sip:alice@example.test:53026;maddr=127.0.0.1;transport=tcp>;proxy=replace';

test('MS-SIPREGE R4, R9: it registers, learns what there is to subscribe to, and is provisioned in the answer to its SUBSCRIBE', async () => {
  const { client } = await serving({ organization: 'Example & Sons' });
  const alice = await client();
  alice.send(captured('register'));
  const registered = await alice.receive('SIP/2.0 200', '\r\n\r\n');
  expect(registered).toContain('\r\nAllow-Events: reg,vnd-microsoft-provisioning-v2,vnd-microsoft-provisioning\r\n');
  expect(registered).toContain('\r\nSupported: adhoclist\r\nSupported: msrtc-event-categories\r\n');
  expect(registered).toContain(`;gruu="${GRUU}"`);
  alice.send(captured('subscribe-provisioning-v2', { [OWN_CONTACT]: `<${GRUU}>` }));
  const answer = await alice.receive('SIP/2.0 200', '</provisionGroupList>');
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  for (const line of [
    'Expires: 0',
    'Content-Type: application/vnd-microsoft-roaming-provisioning-v2+xml',
    'Event: vnd-microsoft-provisioning-v2',
    'Subscription-State: terminated;expires=0',
    'ms-piggyback-cseq: 1',
    'Supported: ms-benotify, ms-piggyback-first-notify',
    `Content-Length: ${body.length}`,
  ]) {
    expect(head.split('\r\n')).toContain(line);
  }
  expect(head).toMatch(/\r\nContact: <sip:127\.0\.0\.1:\d+;transport=tcp>\r\n/);
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
  const { client } = await serving();
  const alice = await client();
  alice.send(captured('subscribe-roaming-self'));
  const answer = await alice.receive('SIP/2.0 489', '\r\n\r\n');
  expect(answer).toContain('\r\nAllow-Events: reg,vnd-microsoft-provisioning-v2,vnd-microsoft-provisioning\r\n');
});

test('MS-SIPREGE R10: nobody learns how another user is provisioned', async () => {
  const { client } = await serving();
  const bob = await client();
  bob.send(captured('subscribe-provisioning-v2', { 'From: <sip:alice@': 'From: <sip:bob@' }));
  const answer = await bob.receive('SIP/2.0 403', '\r\n\r\n');
  expect(answer).toMatch(/\r\nms-diagnostics: 4004;reason="bob@example.test may not ask how alice@example.test is provisioned"/);
});

test('LCS 2005: the older event tells the user, and the phones when there is a gateway to control them by', async () => {
  const { client } = await serving({ lineServer: 'sip:pbx.example.test' });
  const alice = await client();
  alice.send(
    captured('subscribe-provisioning-v2', {
      'provisioning-v2\r\nAccept: application/vnd-microsoft-roaming-provisioning-v2':
        'provisioning\r\nAccept: application/vnd-microsoft-roaming-provisioning',
    }),
  );
  const answer = await alice.receive('SIP/2.0 200', '</provision>');
  expect(answer).toContain('\r\nContent-Type: application/vnd-microsoft-roaming-provisioning+xml\r\n');
  expect(answer).toContain(
    '<provision><user uri="sip:alice@example.test"><line uri="tel:+14255550100" server="sip:pbx.example.test"/></user></provision>',
  );
});

test('a client that stays subscribed is told at once what an administrator changes for it, and nothing else', async () => {
  const { client, clock, command, admin } = await serving({ groups: { sales: { ucPolicy: { EnableTeamCall: false } } } });
  const alice = await client();
  alice.send(captured('subscribe-provisioning-v2', { 'Expires: 0\r\n': '' }));
  const answer = await alice.receive('SIP/2.0 200', '</provisionGroupList>');
  expect(answer).toContain('\r\nSubscription-State: active;expires=28800\r\n');
  expect(answer).toContain('<property name="EnableTeamCall">false</property>');
  await command('policy set', { scope: 'user:bob@example.test', setting: 'ucPolicy.AllowCallForwarding', value: 'false' });
  await command('policy set', { scope: 'group:Sales', setting: 'ucpolicy.EnableTeamCall', value: 'maybe' });
  clock.advance(1000);
  const told = await alice.receive('BENOTIFY sip:', '</provisionGroupList>');
  expect(told).toContain('\r\nCSeq: 2 BENOTIFY\r\n');
  expect(told).toContain('<property name="EnableTeamCall">maybe</property>');
  expect(told).toContain('<property name="AllowCallForwarding">true</property>');
  await admin.changeUser('alice@example.test', { groups: [] });
  await new Promise((resolve) => setImmediate(resolve));
  clock.advance(1000);
  expect(await alice.receive('CSeq: 3 BENOTIFY', '</provisionGroupList>')).toContain('<property name="EnableTeamCall">true</property>');
});

test('MS-SIPREGE R8, R17: a user who is disabled while signed in is told so, and the connection ends', async () => {
  const { client, admin } = await serving();
  const alice = await client();
  alice.send(captured('register'));
  const tag = /\r\nTo: .*;tag=(\w+)/.exec(await alice.receive('SIP/2.0 200', '\r\n\r\n'))?.[1];
  alice.send(captured('subscribe-provisioning-v2', { 'Expires: 0\r\n': '' }));
  await alice.receive('SIP/2.0 200', '</provisionGroupList>');
  const closed = new Promise((resolve) => alice.socket.once('end', resolve));
  await admin.setEnabled('alice@example.test', false);
  const notice = await alice.receive('NOTIFY sip:127.0.0.1', 'deregistered;event=rejected');
  for (const line of [
    `From: <sip:alice@example.test>;tag=${tag}`,
    'To: <sip:alice@example.test>;tag=1916914948;epid=b34afb6ebb23',
    'Call-ID: 4CCDg6CB9a547AiDCE1m234Ft365CbEBEEx8DA4x',
    'CSeq: 1 NOTIFY',
    'Event: registration-notify',
    'Subscription-State: terminated;expires=0',
    'ms-diagnostics-public: 4141;reason="User disabled"',
    'Content-Type: text/registration-event',
  ]) {
    expect(notice.split('\r\n')).toContain(line);
  }
  expect(await alice.receive('BENOTIFY', 'terminated;reason=rejected')).toContain('vnd-microsoft-provisioning-v2');
  alice.send(accept(notice));
  await closed;
});

test('signing off takes the registration away', async () => {
  const { client } = await serving();
  const alice = await client();
  alice.send(captured('register'));
  await alice.receive('SIP/2.0 200', '\r\n\r\n');
  alice.send(captured('register-sign-off'));
  const answer = await alice.receive('SIP/2.0 200', '\r\n\r\n');
  expect(answer).toContain('\r\nExpires: 0\r\n');
  expect(answer).not.toContain('\r\nContact:');
});
