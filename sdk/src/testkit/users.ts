/** The users of a server for tests, and what they sign in with. */
import { token } from '@parley/core';
import type { Host, Token } from '@parley/core';
import { TestkitErrors } from './errors.ts';
import { userOf, usualPassword } from './options.ts';
import type { TestUser } from './options.ts';

/** What the testkit needs of the plugin that keeps users. */
interface UserAdmin {
  addUsers(users: readonly object[]): Promise<unknown>;
}
const UserAdmin: Token<UserAdmin> = token<UserAdmin>('directory-admin');

/** Adds users, and remembers their passwords for their endpoints. */
export class TestUsers {
  private readonly names = new Set<string>();
  private readonly passwords = new Map<string, string>();

  constructor(private readonly domain: string) {}

  /** Undefined for users without one. */
  passwordOf(name: string): string | undefined {
    return this.passwords.get(name);
  }

  /** Throws TESTKIT_NO_DIRECTORY, and what the directory says. @param withPasswords gives one to those who have none */
  async add(host: Host, users: readonly (string | TestUser)[], withPasswords: boolean): Promise<void> {
    const admin = host.find(UserAdmin);
    if (admin === undefined) throw TestkitErrors.TESTKIT_NO_DIRECTORY();
    const entries = users.map((given) => {
      const { name, password, ...others } = userOf(given);
      const chosen = password === false ? undefined : (password ?? (withPasswords ? usualPassword(name) : undefined));
      if (chosen !== undefined) this.passwords.set(name, chosen);
      return { uri: `sip:${name}@${this.domain}`, displayName: name, ...others, ...(chosen === undefined ? {} : { password: chosen }) };
    });
    await admin.addUsers(entries);
    for (const user of users) this.names.add(userOf(user).name);
  }

  /** Adds those who are none yet; nobody when no plugin keeps users. */
  async addMissing(host: Host, names: readonly string[], withPasswords: boolean): Promise<void> {
    if (host.find(UserAdmin) === undefined) return;
    const missing = [...new Set(names)].filter((name) => !this.names.has(name));
    if (missing.length > 0) await this.add(host, missing, withPasswords);
  }
}
