import { describe, expect, test } from 'vitest';
import { KERBEROS_NOW, randomKerberosKey, kerberosService, kerberosToken, kerberosUser, writeKeytab } from '@parley/sdk/testkit';
import { FQDN, SPN, World, idOf, weakKey } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

test('a ticket of a user signs in until it ends', () => {
  const world = new World();
  expect(world.verify()).toMatchObject({
    kind: 'accepted',
    user: { aor: 'alice@example.test' },
    principal: 'alice@EXAMPLE.TEST',
    expiresAt: KERBEROS_NOW + 9 * HOUR + 5 * MINUTE,
  });
  expect(world.verifier.samples()).toEqual([{ labels: { outcome: 'accepted' }, value: 1 }]);
  expect(world.verifier.remembered).toBe(1);
});

describe('refused', () => {
  test('a user of another realm, with the one thing to change', () => {
    const verdict = new World().verify({ client: kerberosUser('alice', 'EVIL.TEST') });
    expect(verdict).toMatchObject({
      cause: 'credentials',
      account: 'alice@evil.test',
      detail: expect.stringMatching(/users of EVIL.TEST may not sign in; add the realm to realms/) as string,
    });
  });

  test('a principal that no user has', () => {
    const verdict = new World().verify({ client: kerberosUser('carol') });
    expect(verdict).toMatchObject({
      cause: 'credentials',
      account: 'carol@example.test',
      detail: expect.stringMatching(/parley user change URI --login carol@EXAMPLE.TEST/) as string,
    });
  });

  test('a disabled user', () => {
    expect(new World().verify({ client: kerberosUser('dora') })).toMatchObject({
      cause: 'disabled',
      account: idOf('dora'),
      detail: expect.stringMatching(/parley user enable/) as string,
    });
  });

  test('a ticket for HTTP at the SIP door, and the other way round', () => {
    const world = new World();
    const forHttp = world.token({ service: kerberosService(`HTTP/${FQDN}`) });
    expect(world.verifier.verify(forHttp, 'sip')).toMatchObject({ cause: 'credentials' });
    expect(world.verifier.verify(forHttp, 'HTTP')).toMatchObject({ kind: 'accepted' });
    expect(world.verifier.verify(world.token(), 'HTTP')).toMatchObject({ cause: 'credentials' });
  });

  test('a clock an hour off is a skew, which is no failed attempt of the user', () => {
    const verdict = new World().verify({ time: KERBEROS_NOW - HOUR });
    expect(verdict).toMatchObject({ cause: 'skew' });
    expect(verdict).not.toHaveProperty('account');
  });

  test('a ticket shown twice, on whichever door', () => {
    const world = new World();
    const token = world.token();
    expect(world.verifier.verify(token, 'sip').kind).toBe('accepted');
    expect(world.verifier.verify(token, 'sip')).toMatchObject({
      cause: 'credentials',
      detail: expect.stringMatching(/second time/) as string,
    });
  });

  test.each([
    ['expired', { endsAt: KERBEROS_NOW - HOUR }, 'credentials'],
    ['not yet valid', { startsAt: KERBEROS_NOW + HOUR }, 'skew'],
    ['of another key version', { version: 7 }, 'credentials'],
    ['of two clients', { authenticatorClient: kerberosUser('bob') }, 'credentials'],
    ['with a weak session key', { sessionKey: weakKey() }, 'unsupported'],
  ] as const)('a ticket %s', (_, shape, cause) => {
    expect(new World().verify(shape)).toMatchObject({ kind: 'refused', cause });
  });

  test('noise', () => {
    expect(new World().verifier.verify(Buffer.from('noise'), 'sip')).toMatchObject({ cause: 'malformed' });
  });
});

describe('configuration', () => {
  test('the allowed skew', () => {
    expect(new World({ skewSeconds: 3600 }).verify({ time: KERBEROS_NOW - HOUR }).kind).toBe('accepted');
    expect(new World({ skewSeconds: 10 }).verify({ time: KERBEROS_NOW - MINUTE })).toMatchObject({ cause: 'skew' });
  });

  test('rc4-hmac by explicit choice', () => {
    const shape = { sessionKey: weakKey() };
    expect(new World({ enctypes: ['aes256-cts-hmac-sha1-96', 'rc4-hmac'] }).verify(shape).kind).toBe('accepted');
  });

  test('a keytab elsewhere, for another name', () => {
    const elsewhere = new World();
    elsewhere.write(writeKeytab({ principal: 'sip/pool.example.test', key: elsewhere.key }));
    const world = new World({ keytab: elsewhere.keytab, spn: 'sip/pool.example.test' });
    const token = kerberosToken(elsewhere.key, { service: kerberosService('sip/pool.example.test') });
    expect(world.verifier.verify(token, 'sip').kind).toBe('accepted');
  });

  test('what is remembered of one user', () => {
    const world = new World({ maxRememberedPerUser: 10 });
    for (let n = 0; n < 10; n++) expect(world.verify().kind).toBe('accepted');
    expect(world.verify()).toMatchObject({ cause: 'unsupported', detail: expect.stringMatching(/maxRemembered/) as string });
    world.clock.advance(11 * MINUTE);
    world.verifier.refresh();
    expect(world.verifier.remembered).toBe(0);
    expect(world.verify().kind).toBe('accepted');
  });
});

test('keys of a new version are used as soon as the keytab is replaced', () => {
  const world = new World();
  const fresh = randomKerberosKey();
  const token = (): Buffer => kerberosToken(fresh, { version: 3 });
  expect(world.verifier.verify(token(), 'sip')).toMatchObject({ detail: expect.stringMatching(/version 3 of the key/) as string });
  world.write(writeKeytab({ principal: SPN, key: world.key }, { principal: SPN, key: fresh, version: 3 }));
  world.verifier.refresh();
  expect(world.verifier.verify(token(), 'sip').kind).toBe('accepted');
  expect(world.verify().kind).toBe('accepted');
});
