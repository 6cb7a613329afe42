/** Whom a trace would wait for in vain: a misspelt name looks like a user who does nothing. */
import { ParleyError, hint } from '@parley/core';
import type { ControlClient, RawInput, ServerConfig } from '@parley/core';

const OPTIONS = ['user', 'from', 'to'] as const;
/** Users of a large directory among whom a similar name is looked for. */
const CANDIDATES = 10_000;
/** Numbers are called whether they are a user's or not. */
const NUMBER = /^\+?[\d.()-]+$/;

/**
 * A sentence for each name of a trace's options that is of this server and no user's. Addresses elsewhere are none of its users, and
 * without a directory nobody is: nothing is said of them.
 */
export async function unknownUsers(
  client: Pick<ControlClient, 'call'>,
  { domains }: Pick<ServerConfig, 'domains'>,
  { options = {} }: RawInput,
): Promise<readonly string[]> {
  const given = OPTIONS.map((option) => (options as Readonly<Record<string, unknown>>)[option]);
  const sentences: string[] = [];
  for (const wanted of given) {
    if (typeof wanted !== 'string' || wanted.startsWith('tel:')) continue;
    const name = wanted.replace(/^sips?:/i, '').toLowerCase();
    const [user = '', domain] = name.split('@');
    const ours = domains.filter((one) => domain === undefined || one.toLowerCase() === domain);
    if (ours.length === 0 || NUMBER.test(user) || !(await areUnknown(client, user, ours))) continue;
    sentences.push(`There is no user "${wanted}"${hint(name, await usersOf(client, domain !== undefined))}.`);
  }
  return sentences;
}

async function areUnknown(client: Pick<ControlClient, 'call'>, user: string, domains: readonly string[]): Promise<boolean> {
  for (const domain of domains) {
    try {
      await client.call('user show', { arguments: { uri: `${user}@${domain}` } });
      return false;
    } catch (error) {
      if (!(error instanceof ParleyError) || error.code !== 'DIRECTORY_USER_UNKNOWN') return false;
    }
  }
  return true;
}

async function usersOf(client: Pick<ControlClient, 'call'>, whole: boolean): Promise<readonly string[]> {
  const { rows = [] } = await client.call('user list', { options: { pageSize: String(CANDIDATES) } });
  const addresses = (rows as readonly { readonly user: string }[]).map(({ user }) => user);
  return whole ? addresses : addresses.map((address) => address.replace(/@.*/, ''));
}
