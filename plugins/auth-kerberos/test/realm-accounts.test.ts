import { describe, expect, test } from 'vitest';
import { testKeytab, randomKerberosKey, kerberosUser } from '@parley/sdk/testkit';
import type { KerberosConfig } from '../src/config.ts';
import { RealmAccounts } from '../src/realm-accounts.ts';
import { users } from './support.ts';

const KEYTAB = testKeytab({ principal: 'sip/ocs.example.test', key: randomKerberosKey() });
const accounts = (realms: KerberosConfig['realms'] = []): RealmAccounts => new RealmAccounts(users, realms, () => KEYTAB);
const found = (verdict: ReturnType<RealmAccounts['find']>): string => (verdict.kind === 'user' ? verdict.user.displayName : verdict.kind);

describe('without a configuration', () => {
  test('users of the keytab’s realm sign in as the address of the same name', () => {
    expect(found(accounts().find(kerberosUser('alice')))).toBe('alice');
    expect(found(accounts().find(kerberosUser('ALICE')))).toBe('alice');
    expect(found(accounts().find(kerberosUser('carol')))).toBe('nobody');
  });

  test('users of other realms do not, whatever their names; realms are compared exactly', () => {
    expect(found(accounts().find(kerberosUser('alice', 'EVIL.TEST')))).toBe('realm');
    expect(found(accounts().find(kerberosUser('bob', 'CORP.TEST')))).toBe('realm');
    expect(found(accounts().find(kerberosUser('alice', 'example.test')))).toBe('realm');
  });
});

describe('with realms', () => {
  test('a sign-in name that is the principal comes first', () => {
    expect(found(accounts([{ realm: 'CORP.TEST' }]).find(kerberosUser('bob', 'CORP.TEST')))).toBe('robert');
  });

  test('then the address in the domain that the realm is mapped to', () => {
    expect(found(accounts([{ realm: 'CORP.TEST', domain: 'example.test' }]).find(kerberosUser('alice', 'CORP.TEST')))).toBe('alice');
  });

  test('then the name in the Windows domain', () => {
    expect(found(accounts([{ realm: 'EXAMPLE.TEST' }]).find(kerberosUser('bob')))).toBe('nobody');
    expect(found(accounts([{ realm: 'EXAMPLE.TEST', netbiosDomain: 'EXAMPLE' }]).find(kerberosUser('bob')))).toBe('robert');
  });

  test('realms that are not named may not sign in, the keytab’s own neither', () => {
    expect(found(accounts([{ realm: 'CORP.TEST' }]).find(kerberosUser('alice')))).toBe('realm');
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
