import directory from '@parley/plugin-directory';
import { Directory } from '@parley/plugin-directory/api';
import { NTLM_FLAGS, datagramKeys } from '@parley/sdk';
import { NtlmClient, testFlow, testServer } from '@parley/sdk/testkit';
import type { TestServer } from '@parley/sdk/testkit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { VerifyingNtlmAcceptor } from '../src/acceptor.ts';
import { ntlmMechanism } from '../src/mechanism.ts';
import plugin from '../src/plugin.ts';
import { NtlmVerifier } from '../src/verifier.ts';

const NOW = Date.UTC(2026, 0, 5);
const ASKED = 0xe2088297;
const PASSWORD = 'Looking-Glass 7';

let server: TestServer;
beforeAll(async () => {
  const users = [
    { name: 'alice', logins: ['EXAMPLE\\alice', 'alice@corp.example'], password: PASSWORD },
    { name: 'nopass', password: false as const },
    { name: 'dora', password: PASSWORD, enabled: false },
  ];
  server = await testServer({ plugins: [directory()], users, signIn: 'real', startAt: NOW });
});
afterAll(() => server.close());

function verifier(maxClockSkewSeconds = 900): NtlmVerifier {
  const names = { fqdn: 'uc.example.com', domains: ['example.com'] };
  return new NtlmVerifier(server.find(Directory), server.clock, names, { maxClockSkewSeconds });
}

/** The id of a user. */
function idOf(name: string): string | undefined {
  return server.find(Directory).findByAor(`${name}@example.com`)?.id;
}

/** A SIP sign-in with these names. */
function signIn(user: string, domain = '', { password = PASSWORD, now = NOW, homeDomain = 'example.com', skew = 900 } = {}) {
  const it = verifier(skew);
  const exchange = it.begin();
  const client = new NtlmClient({ user, domain, password, now });
  return it.verify(exchange, client.authenticate(exchange.datagramChallenge()), homeDomain, true);
}

describe('names', () => {
  test.each([
    ['alice', 'EXAMPLE'],
    ['ALICE', 'example'],
    ['alice@corp.example', ''],
    ['alice@example.com', ''],
    ['alice', 'corp.example'],
    ['alice', ''],
  ])('%s in "%s" is alice', (user, domain) => {
    expect(signIn(user, domain)).toMatchObject({ user: { aor: 'alice@example.com' } });
  });

  test.each([
    ['alice', 'OTHER'],
    ['bob', 'EXAMPLE'],
    ['', ''],
  ])('%s in "%s" is nobody', (user, domain) => {
    expect(signIn(user, domain)).toMatchObject({
      cause: 'credentials',
      detail: expect.stringContaining('nobody has the sign-in name'),
    });
  });

  test('a bare name is looked for in the domain of the address that signs in, and nowhere else', () => {
    expect(signIn('alice', '', { homeDomain: 'elsewhere.example' })).toMatchObject({ cause: 'credentials' });
  });
});

describe('refusals', () => {
  test('each has its cause, the account for the limits, and a line that says what to do', () => {
    expect(signIn('alice', 'EXAMPLE', { password: 'x' })).toEqual({
      cause: 'credentials',
      account: idOf('alice'),
      detail: 'wrong password for EXAMPLE\\alice (alice@example.com)',
    });
    expect(signIn('Nobody', 'EXAMPLE')).toMatchObject({ account: 'example\\nobody' });
    expect(signIn('nopass@example.com')).toMatchObject({ cause: 'credentials', detail: expect.stringContaining('has no password') });
    expect(signIn('dora@example.com')).toMatchObject({ cause: 'disabled', detail: expect.stringContaining('parley user enable') });
    expect(signIn('alice', 'EXAMPLE', { now: NOW - 3_600_000 })).toMatchObject({
      cause: 'skew',
      detail: expect.stringContaining('-60 minutes'),
    });
  });

  test('a disabled user with a wrong password learns nothing of it', () => {
    expect(signIn('dora@example.com', '', { password: 'x' })).toMatchObject({ cause: 'credentials' });
  });

  test('with maxClockSkewSeconds 0 any time is taken', () => {
    expect(signIn('alice', 'EXAMPLE', { now: NOW - 3_600_000, skew: 0 })).toMatchObject({ user: { aor: 'alice@example.com' } });
  });

  test('no user enumeration: every attempt asks for one hash, whoever is tried', () => {
    const asked = vi.spyOn(server.find(Directory), 'credential');
    for (const name of ['alice@example.com', 'nobody@example.com', 'nopass@example.com']) {
      asked.mockClear();
      signIn(name, '', { password: 'x' });
      expect(asked, name).toHaveBeenCalledTimes(1);
    }
    asked.mockRestore();
  });

  test('NTLMv1 is refused by name, whatever the password', () => {
    const it = verifier();
    const exchange = it.begin();
    const type3 = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: PASSWORD, now: NOW }).authenticate(
      exchange.datagramChallenge(),
    );
    type3.writeUInt16LE(24, 20);
    expect(it.verify(exchange, type3, '', true)).toMatchObject({ cause: 'unsupported', detail: expect.stringContaining('NTLMv1') });
  });

  test('keys that are too weak to sign with are refused', () => {
    const it = verifier();
    const exchange = it.begin();
    const type3 = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: PASSWORD, now: NOW }).authenticate(
      exchange.datagramChallenge(),
    );
    type3.writeUInt32LE((type3.readUInt32LE(60) & ~NTLM_FLAGS.KEY_128) >>> 0, 60);
    expect(it.verify(exchange, type3, '', true)).toMatchObject({ cause: 'unsupported' });
  });

  test('what is no NTLM is malformed, and nothing is thrown', () => {
    const it = verifier();
    expect(it.verify(it.begin(), Buffer.from('nonsense'), '', true)).toMatchObject({ cause: 'malformed' });
  });
});

test('challenges differ', () => {
  const it = verifier();
  expect(new Set(Array.from({ length: 20 }, () => it.begin().datagramChallenge().toString('hex'))).size).toBe(20);
});

describe('the mechanism', () => {
  test('MS-SIPAE R5: an empty token begins, anything else does not', () => {
    const it = verifier();
    const context = { flow: testFlow(), claimedAor: 'alice@example.com' };
    expect(ntlmMechanism(it, 'uc.example.com').begin(context).step(Buffer.alloc(0))).toMatchObject({ kind: 'continue' });
    expect(ntlmMechanism(it, 'uc.example.com').begin(context).step(Buffer.from('x'))).toMatchObject({ kind: 'failed', cause: 'malformed' });
  });

  test('MS-SIPAE sheet 3.3: ends with keys that the client has, too', async () => {
    const it = verifier();
    const handshake = ntlmMechanism(it, 'uc.example.com').begin({ flow: testFlow(), claimedAor: 'alice@example.com' });
    const first = await handshake.step(Buffer.alloc(0));
    if (first.kind !== 'continue') throw new Error('no challenge');
    const client = new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password: PASSWORD, now: NOW });
    const last = await handshake.step(client.authenticate(first.token));
    if (last.kind !== 'done') throw new Error('not done');
    const ours = datagramKeys(client.sessionKey, client.flags, 'client');
    expect(last.keys.verify('<a>', ours.sign('<a>'))).toBe(true);
    expect(ours.verify('<b>', last.keys.sign('<b>'))).toBe(true);
  });
});

describe('for web services', () => {
  const begin = () => new VerifyingNtlmAcceptor(verifier()).begin();
  const client = (password = PASSWORD) => new NtlmClient({ user: 'alice', domain: 'EXAMPLE', password, now: NOW, mic: true });

  test('three messages give the user', () => {
    const exchange = begin();
    const alice = client();
    const answer = alice.authenticate(exchange.challenge(alice.negotiate(ASKED)));
    expect(exchange.authenticate(answer)).toMatchObject({ user: { aor: 'alice@example.com' } });
  });

  test('a challenge is good once, and needed', () => {
    const exchange = begin();
    const alice = client();
    const answer = alice.authenticate(exchange.challenge(alice.negotiate(ASKED)));
    exchange.authenticate(answer);
    expect(exchange.authenticate(answer)).toMatchObject({ failure: { cause: 'malformed' } });
    expect(begin().authenticate(answer)).toMatchObject({ failure: { cause: 'malformed' } });
  });

  test('a wrong password, and a NEGOTIATE that is none', () => {
    const exchange = begin();
    const mallory = client('guess');
    const answer = mallory.authenticate(exchange.challenge(mallory.negotiate(ASKED)));
    expect(exchange.authenticate(answer)).toMatchObject({ failure: { cause: 'credentials', account: idOf('alice') } });
    expect(() => begin().challenge(Buffer.from('x'))).toThrow(/no message of type 1/);
  });
});

test('a misspelt option is refused by name, and the schema describes every option', () => {
  expect(() => plugin.config.parse({ targetname: 'x' })).toThrow(/targetname/);
  for (const [name, field] of Object.entries(plugin.config.shape)) expect(field.description, name).toBeTruthy();
});
