/** Basic authentication: the password itself, so over TLS only. RFC 7617. */
import type { Server } from '@parley/sdk';
import type { Directory, User } from '@parley/plugin-directory/api';
import type { SchemeVerdict } from './scheme.ts';

const QUALIFIED = /[\\@]/;
/** Longer names and passwords are nobody's. */
const MAX_CREDENTIALS = 1_024;

/** Who a Basic token speaks of. */
export interface BasicCredentials {
  readonly login: string;
  readonly password: string;
}

/** Name and password of a token in UTF-8; undefined when it is none. */
export function readBasic(token: Buffer): BasicCredentials | undefined {
  if (token.length > MAX_CREDENTIALS) return undefined;
  const text = token.toString('utf8');
  const colon = text.indexOf(':');
  return colon < 1 ? undefined : { login: text.slice(0, colon), password: text.slice(colon + 1) };
}

/** The user of a sign-in name; a bare one is looked for in each of the server's domains. */
export function accountOf(directory: Directory, domains: Server['domains'], login: string): User | undefined {
  const found = directory.findByLogin(login);
  if (found !== undefined || QUALIFIED.test(login)) return found;
  for (const domain of domains) {
    const user = directory.findByAor(`${login}@${domain}`);
    if (user !== undefined) return user;
  }
  return undefined;
}

/** Compares in the same time whether the user exists or not. */
export function checkBasic(directory: Directory, user: User | undefined, { login, password }: BasicCredentials): SchemeVerdict {
  const account = user?.id ?? login.toLowerCase().slice(0, 256);
  const isRight = directory.checkPassword(user?.id, password);
  if (!isRight || user === undefined) return { kind: 'failed', cause: 'wrong', account, detail: 'the name or password is wrong' };
  if (!user.enabled)
    return { kind: 'failed', cause: 'disabled', account, detail: `${user.aor} is disabled: \`parley user enable\` lets it in` };
  return { kind: 'user', user };
}
