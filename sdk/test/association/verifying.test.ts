import { PASS } from '@parley/core';
import { describe, expect, test } from 'vitest';
import { endpointGruu, instanceOfEpid } from '../../src/endpoint/index.ts';
import { Client, World, flow, headersOf, kindOf, reply, testKeys } from './support.ts';

function signedIn(name = 'alice', world = new World()): { world: World; client: Client } {
  const client = new Client(world, name);
  client.signIn();
  return { world, client };
}

describe('requests', () => {
  test('MS-SIPAE R9: a signed request passes with the identity of its user', () => {
    const { world, client } = signedIn();
    const { verdict, inbound } = client.send('INVITE');
    expect(verdict).toBe(PASS);
    expect(inbound.identity).toEqual({ aor: 'alice@example.com', mechanism: 'ntlm' });
    expect(world.outcome('verified')).toBe(1);
  });

  test.each(['Authorization', 'Proxy-Authorization'])('MS-SIPAE R12: %s is gone from what others see', (header) => {
    const { client } = signedIn();
    const { inbound } = client.send('INVITE', {}, { header });
    expect(inbound.message.has(header)).toBe(false);
  });

  test.each([
    ['Call-ID', 'another'],
    ['CSeq', '99 INVITE'],
    ['From', '<sip:alice@example.com>;tag=99999999;epid=a1b2c3d4e5f6'],
    ['From', '<sip:alice@EXAMPLE.com>;tag=11112222;epid=a1b2c3d4e5f6'],
    ['To', '<sip:carol@example.com>'],
    ['To', '<sip:bob@example.com>;tag=1'],
    ['Expires', '1'],
    ['P-Asserted-Identity', '<sip:alice@example.com>'],
    ['P-Preferred-Identity', '<tel:+14255550101>'],
  ])('MS-SIPAE R9: %s altered on the way to "%s" is challenged anew', (header, value) => {
    const { world, client } = signedIn();
    const invite = client.sign(client.request('INVITE'));
    invite.set(header, value);
    const { verdict, inbound } = world.check(invite, client.on);
    expect(kindOf(verdict)).toBe('challenge 401');
    expect(inbound.identity).toBeUndefined();
    expect(world.outcome('bad-signature')).toBe(1);
  });

  test('what is not signed may be rewritten: body, Contact, Via, Route', () => {
    const { world, client } = signedIn();
    const invite = client.sign(client.request('INVITE'));
    invite.setBody('v=0', 'application/sdp');
    invite.set('Contact', '<sip:192.0.2.7>');
    invite.prepend('Route', '<sip:ucsrv.example.com;lr>');
    expect(world.check(invite, client.on).verdict).toBe(PASS);
  });

  test('a message signed for another association is challenged anew, whichever opaque it names', () => {
    const world = new World();
    const { client: alice } = signedIn('alice', world);
    const { client: bob } = signedIn('bob', world);
    const asAlice = alice.sign(alice.request('INVITE'), { opaque: bob.opaque });
    expect(kindOf(world.check(asAlice.clone(), bob.on).verdict)).toBe('challenge 401');
    expect(kindOf(world.check(asAlice, alice.on).verdict)).toBe('challenge 401');
    const elsewhere = alice.sign(alice.request('INVITE'));
    expect(kindOf(world.check(elsewhere, bob.on).verdict)).toBe('challenge 401');
    expect(kindOf(alice.send('INVITE', {}, { keys: testKeys('bob-id', 'client') }).verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R11: a message that comes again is dropped, out of order is fine', () => {
    const { world, client } = signedIn();
    const first = client.sign(client.request('INVITE'), { cnum: 7 });
    const again = first.clone();
    const earlier = client.sign(client.request('INVITE'), { cnum: 3 });
    expect(world.check(first, client.on).verdict).toBe(PASS);
    expect(kindOf(world.check(again, client.on).verdict)).toBe('drop');
    expect(world.check(earlier, client.on).verdict).toBe(PASS);
    expect(world.outcome('replayed')).toBe(1);
  });

  test('MS-SIPAE R11: the message that ended the handshake cannot be replayed either', () => {
    const { client } = signedIn();
    expect(kindOf(client.send('OPTIONS', {}, { cnum: 1 }).verdict)).toBe('drop');
  });

  test('a forged counter does not move the window', () => {
    const { client } = signedIn();
    client.send('OPTIONS', {}, { cnum: 4_000_000_000, keys: testKeys('x', 'client') });
    expect(client.send('OPTIONS').verdict).toBe(PASS);
  });

  test('MS-SIPAE R9: an unsigned request of an endpoint with an association is challenged', () => {
    const { world, client } = signedIn();
    expect(kindOf(world.check(client.request('INVITE'), client.on).verdict)).toBe('challenge 401');
    expect(world.outcome('unsigned')).toBe(1);
  });

  test('a request of another endpoint on the same connection, or with other credentials, is for other gates', () => {
    const { world, client } = signedIn();
    const other = new Client(world, 'bob', client.on, '01010101');
    expect(world.check(other.request('INVITE'), client.on).verdict).toBe(PASS);
    const digest = client.request('INVITE', { headers: [['Authorization', 'Digest realm="example.com"']] });
    expect(world.check(digest, client.on).verdict).toBe(PASS);
  });

  test('MS-SIPAE section 7: a client that repeats the same for ever is cut off, one that recovers is not', () => {
    const { client } = signedIn();
    const bad = (): void => void client.send('OPTIONS', {}, { keys: testKeys('x', 'client') });
    for (let i = 0; i < 7; i++) bad();
    client.send('OPTIONS');
    for (let i = 0; i < 7; i++) bad();
    expect(client.on.closedFor).toBeUndefined();
    bad();
    expect(client.on.closedFor).toMatch(/repeats/);
  });
});

describe('ACK, CANCEL and responses', () => {
  test('MS-SIPAE R9: an unsigned or badly signed ACK or CANCEL is challenged, which the host makes a drop of', () => {
    const { world, client } = signedIn();
    for (const method of ['ACK', 'CANCEL']) {
      expect(kindOf(world.check(client.request(method), client.on).verdict)).toBe('challenge 401');
      expect(kindOf(client.send(method, {}, { keys: testKeys('x', 'client') }).verdict)).toBe('challenge 401');
      expect(client.send(method).verdict).toBe(PASS);
    }
  });

  test('the gate wants to see ACKs and CANCELs of clients that sign, and of nobody else', () => {
    const { world, client } = signedIn();
    expect(world.gate.guards?.(client.on)).toBe(true);
    expect(world.gate.guards?.(flow())).toBe(false);
  });

  /** An INVITE from bob as alice's client got it. */
  const delivered = (client: Client) =>
    client.request('INVITE', { from: '<sip:bob@example.com>;tag=b', to: `<sip:alice@example.com>;epid=${client.epid}` });

  test.each(['Authorization', 'Proxy-Authorization'])('MS-SIPAE R10: a response signed in %s passes, without it', (header) => {
    const { world, client } = signedIn();
    const { verdict, inbound } = world.check(client.sign(reply(delivered(client), 180), { header }), client.on);
    expect(verdict).toBe(PASS);
    expect(inbound.identity?.aor).toBe('alice@example.com');
    expect(inbound.message.has(header)).toBe(false);
  });

  test('MS-SIPAE R10: an unsigned, altered or repeated response is dropped', () => {
    const { world, client } = signedIn();
    expect(kindOf(world.check(reply(delivered(client), 200), client.on).verdict)).toBe('drop');
    const altered = client.sign(reply(delivered(client), 200));
    altered.set('Call-ID', 'another');
    expect(kindOf(world.check(altered, client.on).verdict)).toBe('drop');
    const good = client.sign(reply(delivered(client), 200));
    const again = good.clone();
    expect(world.check(good, client.on).verdict).toBe(PASS);
    expect(kindOf(world.check(again, client.on).verdict)).toBe('drop');
  });

  test('MS-SIPAE R10: 100 Trying and the responses of phones that sign nothing pass', () => {
    const { world, client } = signedIn();
    expect(world.check(reply(delivered(client), 100), client.on).verdict).toBe(PASS);
    expect(world.check(reply(delivered(client), 200), flow()).verdict).toBe(PASS);
  });
});

describe('whose message it is', () => {
  test('MS-SIPAE R8: who signed in as alice cannot send as bob or register bob', () => {
    const { client } = signedIn();
    const asBob = client.send('MESSAGE', { from: `<sip:bob@example.com>;tag=1;epid=${client.epid}` });
    expect(kindOf(asBob.verdict)).toBe('403');
    expect(headersOf(asBob.verdict)).toContainEqual(['ms-diagnostics', expect.stringMatching(/^4004;/)]);
    expect(kindOf(client.send('REGISTER', { to: '<sip:bob@example.com>' }).verdict)).toBe('403');
  });

  test('after a call was forwarded, the From inside the dialog is the address that was dialled', () => {
    const { client } = signedIn();
    const bye = client.send('BYE', { from: '<sip:sales@example.com>;tag=1', to: '<sip:bob@example.com>;tag=2' });
    expect(bye.verdict).toBe(PASS);
    expect(bye.inbound.identity?.aor).toBe('alice@example.com');
  });

  test('MS-SIPAE R4: nobody claims another endpoint’s epid or GRUU', () => {
    const { client } = signedIn();
    expect(kindOf(client.send('INVITE', { from: '<sip:alice@example.com>;tag=1;epid=01010101' }).verdict)).toBe('403');
    const other = instanceOfEpid('01010101');
    for (const contact of [endpointGruu('alice@example.com', other), endpointGruu('bob@example.com', instanceOfEpid(client.epid))]) {
      expect(kindOf(client.send('INVITE', { contact: `<${contact}>` }).verdict), contact).toBe('400');
    }
    expect(kindOf(client.send('REGISTER', { contact: `<sip:192.0.2.1>;+sip.instance="<urn:uuid:${other}>"` }).verdict)).toBe('400');
    const own = endpointGruu('alice@example.com', instanceOfEpid(client.epid));
    expect(client.send('INVITE', { contact: `<${own}>` }).verdict).toBe(PASS);
  });

  test('a user who is disabled, or gets a new password, has to sign in again; others do not', () => {
    for (const subject of ['user.disabled', 'user.password-changed']) {
      const world = new World();
      const { client: alice } = signedIn('alice', world);
      const { client: bob } = signedIn('bob', world);
      world.say(subject, { id: 'alice-id', aor: 'alice@example.com' });
      expect(kindOf(alice.send('OPTIONS').verdict)).toBe('challenge 401');
      expect(bob.send('OPTIONS').verdict).toBe(PASS);
      expect(world.lines.at(-1)).toEqual({ level: 'info', text: `clients have to sign in again: ${subject} alice@example.com` });
    }
  });

  test('what ended can still be told why: the notice is signed', () => {
    const { world, client } = signedIn();
    world.say('user.disabled', { id: 'alice-id', aor: 'alice@example.com' });
    const notify = client.request('NOTIFY', { from: '<sip:alice@example.com>;tag=s', to: `<sip:alice@example.com>;epid=${client.epid}` });
    world.stamp.apply(notify, client.on);
    expect(client.trusts(notify)).toBe(true);
  });

  test('a plugin can end associations of its own choice', () => {
    const { world, client } = signedIn();
    world.associations.endWhere(({ aor }) => aor === 'alice@example.com', 'the certificate was revoked');
    expect(kindOf(client.send('OPTIONS').verdict)).toBe('challenge 401');
  });
});
