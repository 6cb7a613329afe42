/** Which user of the directory a Kerberos principal is. */
import type { Keytab, Principal } from '@parley/sdk';
import type { Directory, User } from '@parley/plugin-directory/api';
import type { KerberosConfig } from './config.ts';

/** The user, or why there is none. */
export type AccountVerdict = { readonly kind: 'user'; readonly user: User } | { readonly kind: 'realm' } | { readonly kind: 'nobody' };

interface RealmNames {
  readonly domain: string;
  readonly netbiosDomain: string | undefined;
}

/** Characters with a meaning in sign-in names: a principal that has them in a component is no user's. */
const SEPARATOR = /[\\/@]/;

/** Realms are compared exactly, as Kerberos does; user names in any case, as the directory does. */
export class RealmAccounts {
  private readonly named: ReadonlyMap<string, RealmNames>;

  /** @param keytab whose realms may sign in when the configuration names none */
  constructor(
    private readonly directory: Pick<Directory, 'findByLogin' | 'findByAor'>,
    realms: KerberosConfig['realms'],
    private readonly keytab: () => Keytab,
  ) {
    this.named = new Map(
      realms.map(({ realm, domain, netbiosDomain }) => [realm, { domain: domain ?? realm.toLowerCase(), netbiosDomain }]),
    );
  }

  /** `alice@EXAMPLE.COM` is who has that as a sign-in name, else alice@domain, else EXAMPLE\alice. Not alice/admin: that is somebody else. */
  find({ components, realm }: Principal): AccountVerdict {
    const names = this.namesOf(realm);
    if (names === undefined) return { kind: 'realm' };
    const [name] = components;
    if (name === undefined || components.length > 1 || SEPARATOR.test(name)) return { kind: 'nobody' };
    const { directory } = this;
    const user =
      directory.findByLogin(`${name}@${realm}`) ??
      directory.findByAor(`${name}@${names.domain}`) ??
      (names.netbiosDomain === undefined ? undefined : directory.findByLogin(`${names.netbiosDomain}\\${name}`));
    return user === undefined ? { kind: 'nobody' } : { kind: 'user', user };
  }

  private namesOf(realm: string): RealmNames | undefined {
    if (this.named.size > 0) return this.named.get(realm);
    const isOwn = this.keytab().entries.some(({ principal }) => principal.realm === realm);
    return isOwn ? { domain: realm.toLowerCase(), netbiosDomain: undefined } : undefined;
  }
}
