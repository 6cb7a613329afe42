import { describe, expect, test } from 'vitest';
import { keytabOf, randomKey, user } from '../../../sdk/test/kerberos/issuer.ts';
import type { KerberosConfig } from '../src/config.ts';
import { RealmAccounts } from '../src/realm-accounts.ts';
import { FakeDirectory } from './support.ts';

const KEYTAB = keytabOf({ principal: 'sip/ocs.example.test', key: randomKey() });
const accounts = (realms: KerberosConfig['realms'] = []): RealmAccounts => new RealmAccounts(new FakeDirectory(), realms, () => KEYTAB);
const found = (verdict: ReturnType<RealmAccounts['find']>): string => (verdict.kind === 'user' ? verdict.user.id : verdict.kind);

describe('without a configuration', () => {
  test('users of the keytab’s realm sign in as the address of the same name', () => {
    expect(found(accounts().find(user('alice')))).toBe('alice');
    expect(found(accounts().find(user('ALICE')))).toBe('alice');
    expect(found(accounts().find(user('carol')))).toBe('nobody');
  });

  test('users of other realms do not, whatever their names; realms are compared exactly', () => {
    expect(found(accounts().find(user('alice', 'EVIL.TEST')))).toBe('realm');
    expect(found(accounts().find(user('bob', 'CORP.TEST')))).toBe('realm');
    expect(found(accounts().find(user('alice', 'example.test')))).toBe('realm');
  });
});

describe('with realms', () => {
  test('a sign-in name that is the principal comes first', () => {
    expect(found(accounts([{ realm: 'CORP.TEST' }]).find(user('bob', 'CORP.TEST')))).toBe('bob');
  });

  test('then the address in the domain that the realm is mapped to', () => {
    expect(found(accounts([{ realm: 'CORP.TEST', domain: 'example.test' }]).find(user('alice', 'CORP.TEST')))).toBe('alice');
  });

  test('then the name in the Windows domain', () => {
    expect(found(accounts([{ realm: 'EXAMPLE.TEST' }]).find(user('bob')))).toBe('nobody');
    expect(found(accounts([{ realm: 'EXAMPLE.TEST', netbiosDomain: 'EXAMPLE' }]).find(user('bob')))).toBe('bob');
  });

  test('realms that are not named may not sign in, the keytab’s own neither', () => {
    expect(found(accounts([{ realm: 'CORP.TEST' }]).find(user('alice')))).toBe('realm');
  });
});

test.each([['alice', 'admin'], ['alice/admin'], ['EXAMPLE\\bob'], ['alice@example.test'], []])(
  'the principal %j is no user',
  (...components) => {
    const withAll = accounts([{ realm: 'EXAMPLE.TEST', domain: 'example.test', netbiosDomain: 'EXAMPLE' }]);
    expect(found(withAll.find({ type: 1, components: components.filter((one) => one !== undefined), realm: 'EXAMPLE.TEST' }))).toBe(
      'nobody',
    );
  },
);
