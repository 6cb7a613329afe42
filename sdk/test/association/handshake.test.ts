import { Inbound, PASS } from '@parley/core';
import { describe, expect, test } from 'vitest';
import { MAX_HANDSHAKES_PER_FLOW } from '../../src/association/pending-handshakes.ts';
import { instanceOfEpid } from '../../src/endpoint/index.ts';
import { Client, REALM, World, flow, headersOf, kindOf, reply } from './support.ts';
import type { Shape } from './support.ts';

const BOTH = `realm="${REALM}", targetname="ucsrv.example.com"`;

describe('challenges', () => {
  test('MS-SIPAE R1, R3: scheme, realm, targetname and version, the same at all times', () => {
    const { challenger } = new World();
    const inbound = {} as Parameters<typeof challenger.challenge>[0];
    expect(challenger.challenge(inbound)).toEqual([`NTLM ${BOTH}, version=4`]);
    expect(challenger.challenge(inbound)).toEqual(challenger.challenge(inbound));
  });

  test('MS-SIPAE R3: TLS-DSK tells where certificates come from', () => {
    const { challenger } = new World('TLS-DSK');
    expect(challenger.challenge({} as never)).toEqual([`TLS-DSK ${BOTH}, version=4, sts-uri="https://ucsrv.example.com/CertProv"`]);
  });

  test('MS-SIPAE sheet 3.2: NTLM, Kerberos, TLS-DSK is the order', () => {
    const orders = (['TLS-DSK', 'NTLM', 'Kerberos'] as const).map((scheme) => [new World(scheme).challenger.order, scheme] as const);
    expect(orders.toSorted(([a], [b]) => a - b).map(([, scheme]) => scheme)).toEqual(['NTLM', 'Kerberos', 'TLS-DSK']);
  });

  test('who names an endpoint, or has signed on the connection, is shown to know the scheme; a plain phone is not', () => {
    const world = new World();
    const { challenger } = world;
    const client = new Client(world);
    const plain = { from: '<sip:alice@example.com>;tag=1' };
    const knows = (shape: Shape, on = flow()): unknown => challenger.suits?.(new Inbound(client.request('REGISTER', shape), on));
    expect([knows({}), knows(plain)]).toEqual([true, false]);
    const on = flow();
    world.check(client.sign(client.request('REGISTER', plain), { opaque: '00000000' }), on);
    expect(knows(plain, on)).toBe(true);
  });

  test('MS-SIPAE R2: a request without our credentials passes to other gates, whoever challenges then', () => {
    const world = new World();
    const client = new Client(world);
    expect(world.check(client.request('REGISTER'), client.on).verdict).toBe(PASS);
    const foreign = client.request('INVITE', { headers: [['Authorization', 'NTLM realm="x", targetname="y", gssapi-data=""']] });
    const { verdict, inbound } = world.check(foreign, client.on);
    expect(verdict).toBe(PASS);
    expect(inbound.identity).toBeUndefined();
  });
});

describe('a handshake', () => {
  test('MS-SIPAE R5: the first token is answered with an opaque, a token, this scheme alone, and Date', () => {
    const world = new World();
    const verdict = new Client(world).begin();
    expect(kindOf(verdict)).toBe('401');
    expect(headersOf(verdict)).toEqual([
      ['Date', 'Mon, 05 Jan 2026 12:00:00 GMT'],
      [
        'WWW-Authenticate',
        expect.stringMatching(
          /^NTLM opaque="[0-9A-F]{8}", gssapi-data="Y2hhbGxlbmdl", targetname="ucsrv.example.com", realm="SIP Communications Service", version=4$/,
        ),
      ],
    ]);
    expect(world.associations.pending).toBe(1);
  });

  test('MS-SIPAE R5: opaques differ', () => {
    const world = new World();
    const opaques = Array.from({ length: 50 }, () => {
      const client = new Client(world, 'alice', flow());
      client.begin();
      return client.opaque;
    });
    expect(new Set(opaques).size).toBe(50);
  });

  test('MS-SIPAE R8: ends with the identity of the user on the message and the connection', () => {
    const world = new World();
    const client = new Client(world);
    const { verdict, inbound } = client.signIn();
    expect(verdict).toBe(PASS);
    expect(inbound.identity).toEqual({ aor: 'alice@example.com', mechanism: 'ntlm' });
    expect(client.on.authenticated).toBe(true);
    expect([world.associations.size, world.associations.pending, world.outcome('signed-in')]).toEqual([1, 0, 1]);
    expect(world.attempts).toEqual(['succeeded alice-id 198.51.100.7']);
  });

  test('MS-SIPAE sheet 3.1: Proxy-Authorization is taken for a 401 as well', () => {
    const world = new World();
    const client = new Client(world);
    const first = client.request('REGISTER', { headers: [['Proxy-Authorization', `NTLM ${BOTH}, gssapi-data="", version=4`]] });
    expect(kindOf(world.check(first, client.on).verdict)).toBe('401');
  });

  test('MS-SIPAE R6: an unknown opaque, that of another connection, and that of another endpoint get a fresh challenge', () => {
    const world = new World();
    const client = new Client(world);
    client.begin();
    expect(kindOf(world.check(client.last(), flow()).verdict)).toBe('challenge 401');
    const other = new Client(world, 'alice', client.on, '01010101');
    other.opaque = client.opaque;
    expect(kindOf(world.check(other.last(), other.on).verdict)).toBe('challenge 401');
    client.opaque = '00000000';
    expect(kindOf(world.check(client.last(), client.on).verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R7: in version 4 the message with the last token is signed with the new keys', () => {
    for (const spoil of [{ keys: new Client(new World(), 'bob').keys }, { version: 2 }]) {
      const world = new World();
      const client = new Client(world);
      client.begin();
      const { verdict } = world.check(client.last(undefined, { ...spoil, ...('version' in spoil && { version: 2 }) }), client.on);
      expect(kindOf(verdict)).toBe('challenge 401');
      expect(world.associations.size).toBe(0);
    }
    const world = new World();
    const client = new Client(world);
    client.begin();
    const unsigned = client.token('alice:alice-id', `, opaque="${client.opaque}", version=4`);
    expect(kindOf(world.check(unsigned, client.on).verdict)).toBe('challenge 401');
    expect(world.associations.size).toBe(0);
  });

  test('MS-SIPAE section 8: versions 2 and 3 are refused unless the operator wants them, and need no signature on the last token', () => {
    const attempt = (world: World, version: number): [string, number] => {
      const client = new Client(world);
      const first = client.token('', `, version=${version}`);
      const { verdict } = world.check(first, client.on);
      const opaque = /opaque="([^"]+)"/.exec(headersOf(verdict)[1]?.[1] ?? '')?.[1];
      if (opaque === undefined) return [kindOf(verdict), 0];
      const last = client.token('alice:alice-id', `, opaque="${opaque}", version=${version}`);
      return [kindOf(world.check(last, client.on).verdict), world.associations.size];
    };
    expect(attempt(new World(), 3)).toEqual(['challenge 401', 0]);
    expect(attempt(new World('NTLM', { oldestVersion: 3 }), 3)).toEqual(['pass', 1]);
    expect(attempt(new World('NTLM', { oldestVersion: 3 }), 2)).toEqual(['challenge 401', 0]);
    expect(attempt(new World('NTLM', { oldestVersion: 2 }), 2)).toEqual(['pass', 1]);
  });

  test('MS-SIPAE R8: the From and the To must be addresses of the user', () => {
    const world = new World();
    const client = new Client(world, 'alice');
    client.begin();
    const asBob = new Client(world, 'bob', client.on, client.epid);
    asBob.begin();
    const { verdict } = world.check(asBob.last('alice:alice-id', { keys: client.keys }), client.on);
    expect(kindOf(verdict)).toBe('403');
    expect(headersOf(verdict)).toContainEqual(['ms-diagnostics', expect.stringContaining('4004;')]);
    expect(world.associations.size).toBe(0);
  });

  test('a phone number of the user is an address of the user', () => {
    const world = new World();
    const client = new Client(world);
    Object.defineProperty(client, 'address', { value: 'sip:+14255550101@example.com;user=phone' });
    expect(client.signIn().verdict).toBe(PASS);
  });

  test('MS-SIPAE R4: identifiers that contradict each other are refused with 400', () => {
    const world = new World();
    const client = new Client(world);
    const request = client.request('REGISTER', { contact: `<sip:192.0.2.1>;+sip.instance="<urn:uuid:${instanceOfEpid('01010101')}>"` });
    request.append('Authorization', `NTLM ${BOTH}, gssapi-data="", version=4`);
    const { verdict } = world.check(request, client.on);
    expect(kindOf(verdict)).toBe('400');
    expect(headersOf(verdict)[0]?.[1]).toMatch(/was not made of the epid/);
  });

  test('MS-SIPAE R17: an association ends after 8 hours', () => {
    const world = new World();
    const client = new Client(world);
    client.signIn();
    world.clock.advance(8 * 3_600_000 - 1);
    expect(client.send('OPTIONS').verdict).toBe(PASS);
    world.clock.advance(1);
    expect(kindOf(client.send('OPTIONS').verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R17: or with the ticket or certificate', () => {
    const world = new World('Kerberos');
    world.expiresAt = world.clock.now() + 60_000;
    const client = new Client(world, 'alice', flow(), 'a1b2c3d4e5f6', 'Kerberos');
    client.signIn();
    world.clock.advance(60_000);
    expect(kindOf(client.send('OPTIONS').verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R18: a new handshake replaces the association of the endpoint; an unsigned REGISTER begins one', () => {
    const world = new World();
    const client = new Client(world);
    client.signIn();
    const former = client.opaque;
    expect(kindOf(world.check(client.request('REGISTER'), client.on).verdict)).toBe('challenge 401');
    expect(client.signIn().verdict).toBe(PASS);
    expect(world.associations.size).toBe(1);
    expect(kindOf(client.send('OPTIONS', {}, { opaque: former }).verdict)).toBe('challenge 401');
    expect(client.send('OPTIONS').verdict).toBe(PASS);
  });

  test('MS-SIPAE R18: so does one of another scheme on the same connection', () => {
    const ntlm = new World('NTLM');
    const kerberos = new World('Kerberos');
    const on = flow();
    const first = new Client(ntlm, 'alice', on);
    first.signIn();
    new Client(kerberos, 'alice', on, undefined, 'Kerberos').signIn();
    expect([ntlm.associations.size, kerberos.associations.size]).toEqual([0, 1]);
    expect(kindOf(first.send('OPTIONS').verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R18: connection loss ends associations and handshakes', () => {
    const world = new World();
    const client = new Client(world);
    client.signIn();
    new Client(world, 'bob', client.on, '01010101').begin();
    world.lose(client.on);
    expect([world.associations.size, world.associations.pending, world.cancelled]).toEqual([0, 0, 1]);
    expect(kindOf(client.send('OPTIONS').verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R18: de-registration ends the association once its answer is signed', () => {
    const world = new World();
    const client = new Client(world);
    client.signIn();
    const { verdict, inbound } = client.send('REGISTER', { headers: [['Expires', '0']] });
    expect(verdict).toBe(PASS);
    const ok = reply(inbound.message, 200);
    world.stamp.apply(ok, client.on);
    expect(client.trusts(ok)).toBe(true);
    expect(world.associations.size).toBe(0);
    expect(kindOf(client.send('OPTIONS').verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE R22: a mechanism that ends with a token sends it in a 401 with the same opaque, and the next message is signed', () => {
    const world = new World('TLS-DSK');
    world.lastToken = 'finished';
    const client = new Client(world, 'alice', flow(), undefined, 'TLS-DSK');
    client.begin();
    const { verdict } = world.check(client.token('alice:alice-id', `, opaque="${client.opaque}", version=4`), client.on);
    expect(kindOf(verdict)).toBe('401');
    expect(headersOf(verdict)[1]?.[1]).toContain(`opaque="${client.opaque}", gssapi-data="ZmluaXNoZWQ="`);
    expect(client.send('REGISTER').verdict).toBe(PASS);
  });
});

describe('failures', () => {
  test('MS-SIPAE R19: a wrong password is a new challenge with ms-diagnostics 1000, one line for the operator, and an attempt', () => {
    const world = new World();
    const client = new Client(world);
    client.begin();
    const { verdict } = world.check(client.last('alice:guess'), client.on);
    expect(kindOf(verdict)).toBe('challenge 401');
    expect(headersOf(verdict)).toEqual([['ms-diagnostics', '1000;reason="Final handshake failed";source="ucsrv.example.com"']]);
    expect(world.attempts).toEqual(['failed alice-id 198.51.100.7']);
    expect(world.lines).toEqual([{ level: 'info', text: 'sign-in failed: wrong password for alice' }]);
    expect(world.associations.pending).toBe(0);
  });

  test('an unknown user is told the same', () => {
    const world = new World();
    const client = new Client(world);
    client.begin();
    expect(headersOf(world.check(client.last('nobody:x'), client.on).verdict)[0]?.[1]).toMatch(/^1000;/);
    expect(world.attempts).toEqual(['failed nobody 198.51.100.7']);
  });

  test('MS-OCER: a clock that is off is told with 1013, and is no attempt', () => {
    const world = new World();
    world.failAs = 'skew';
    const client = new Client(world);
    client.begin();
    const { verdict } = world.check(client.last(), client.on);
    expect(headersOf(verdict)[0]?.[1]).toMatch(/^1013;reason="Significant time skew/);
    expect(world.attempts).toEqual([]);
  });

  test('MS-SIPAE R20: a disabled user is told 403 with 4141', () => {
    const world = new World();
    (world.users.get('alice') as { enabled: boolean }).enabled = false;
    const client = new Client(world);
    client.begin();
    const { verdict } = world.check(client.last(), client.on);
    expect(kindOf(verdict)).toBe('403');
    expect(headersOf(verdict)).toContainEqual(['ms-diagnostics', '4141;reason="User disabled";source="ucsrv.example.com"']);
    expect(world.associations.size).toBe(0);
  });

  test('beyond the limit of attempts the right password gets the same 503 as a wrong one', () => {
    const world = new World();
    world.limited.add('alice-id');
    const answers = ['alice:alice-id', 'alice:guess'].map((text) => {
      const client = new Client(world);
      client.begin();
      return world.check(client.last(text), client.on).verdict;
    });
    expect(answers.map(kindOf)).toEqual(['503', '503']);
    expect(answers[0]).toEqual(answers[1]);
    expect(headersOf(answers[0] as never)).toContainEqual(['Retry-After', '30']);
    expect([world.attempts, world.outcome('limited')]).toEqual([[], 2]);
  });

  test.each(['!!!!', 'YQ', 'A'.repeat(24_000)])('a token that is no base64 or too long is challenged anew', (token) => {
    const world = new World();
    const client = new Client(world);
    const request = client.request('REGISTER', { headers: [['Authorization', `NTLM ${BOTH}, gssapi-data="${token}", version=4`]] });
    expect(kindOf(world.check(request, client.on).verdict)).toBe('challenge 401');
    expect(world.associations.pending).toBe(0);
  });

  test('MS-SIPAE R2: a token in an ACK or CANCEL is dropped', () => {
    const world = new World();
    const client = new Client(world);
    const ack = client.request('ACK', { headers: [['Authorization', `NTLM ${BOTH}, gssapi-data="", version=4`]] });
    expect(kindOf(world.check(ack, client.on).verdict)).toBe('drop');
  });

  test('a plugin that fails leaves no handshake behind', () => {
    const world = new World();
    const client = new Client(world);
    client.begin();
    expect(() => world.check(client.last('throw'), client.on)).toThrow('a fault of the plugin');
    expect(world.associations.pending).toBe(0);
  });
});

describe('bounds', () => {
  test('MS-SIPAE section 5: a handshake lives for 60 seconds', () => {
    const world = new World();
    const client = new Client(world);
    client.begin();
    world.clock.advance(59_999);
    expect(world.associations.pending).toBe(1);
    world.clock.advance(5001);
    expect([world.associations.pending, world.cancelled]).toEqual([0, 1]);
    expect(kindOf(world.check(client.last(), client.on).verdict)).toBe('challenge 401');
  });

  test('MS-SIPAE section 5: a connection has four at most; the oldest makes room', () => {
    const world = new World();
    const on = flow();
    const clients = Array.from({ length: MAX_HANDSHAKES_PER_FLOW + 1 }, (_, i) => new Client(world, 'alice', on, `0101010${i}`));
    for (const client of clients) client.begin();
    expect([world.associations.pending, world.cancelled]).toEqual([MAX_HANDSHAKES_PER_FLOW, 1]);
    const [first, second] = clients as [Client, Client];
    expect(kindOf(world.check(first.last(), on).verdict)).toBe('challenge 401');
    expect(world.check(second.last(), on).verdict).toBe(PASS);
  });

  test('a connection has 16 associations at most', () => {
    const world = new World();
    const on = flow();
    for (let i = 0; i < 20; i++) new Client(world, 'alice', on, `0101${i + 1000}`).signIn();
    expect(world.associations.size).toBe(16);
  });

  test('no more than 10,000 handshakes are under way; others come back later', () => {
    const world = new World();
    for (let i = 0; i < 10_000; i++) {
      const client = new Client(world);
      world.check(client.token('', ', version=4'), client.on);
    }
    const verdict = new Client(world).begin();
    expect(kindOf(verdict)).toBe('503');
    expect(world.associations.pending).toBe(10_000);
  });

  test('closing the plugin cancels what is under way', async () => {
    const world = new World();
    new Client(world).begin();
    await world.close();
    expect([world.associations.pending, world.cancelled, world.clock.timers.size]).toEqual([0, 1, 0]);
  });
});

describe('a mechanism that takes its time', () => {
  test('holds up that message only, and a second token meanwhile is dropped', async () => {
    const world = new World();
    world.slow = true;
    const client = new Client(world);
    client.begin();
    const last = client.last();
    const late = world.gate.check(new Inbound(last, client.on));
    expect(kindOf(world.check(client.last(), client.on).verdict)).toBe('drop');
    expect(await late).toBe(PASS);
    expect(world.associations.size).toBe(1);
  });

  test('whose connection goes meanwhile comes to nothing', async () => {
    const world = new World();
    world.slow = true;
    const client = new Client(world);
    client.begin();
    const late = world.gate.check(new Inbound(client.last(), client.on));
    world.lose(client.on);
    expect(kindOf(await late)).toBe('drop');
    expect(world.associations.size).toBe(0);
  });
});
