/** All users in memory, found by each of their names. What makes look-ups synchronous. */
import type { User, UserPage, UserQuery } from './api.ts';
import { foldName } from './names.ts';
import { normalisePhone } from './phone.ts';

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 10_000;

/** Maps from every name to its user. Knows nothing of the store. */
export class UserIndex {
  private readonly byId = new Map<string, User>();
  private readonly byAor = new Map<string, User>();
  private readonly byLogin = new Map<string, User>();
  private readonly byPhone = new Map<string, User>();

  private enabled = 0;

  get size(): number {
    return this.byId.size;
  }

  /** Users who may sign in. */
  get enabledSize(): number {
    return this.enabled;
  }

  /** Adds a user, or replaces the one with the same id. */
  put(user: User): void {
    this.remove(user.id);
    this.byId.set(user.id, user);
    if (user.enabled) this.enabled++;
    this.byAor.set(user.aor, user);
    for (const login of user.logins) this.byLogin.set(foldName(login), user);
    for (const phone of user.phones) this.byPhone.set(phone, user);
  }

  remove(id: string): void {
    const user = this.byId.get(id);
    if (user === undefined) return;
    this.byId.delete(id);
    if (user.enabled) this.enabled--;
    this.byAor.delete(user.aor);
    for (const login of user.logins) this.byLogin.delete(foldName(login));
    for (const phone of user.phones) this.byPhone.delete(phone);
  }

  findById(id: string): User | undefined {
    return this.byId.get(id);
  }

  /** @param aor any case; the lower-case spelling costs one look-up and no copy */
  findByAor(aor: string): User | undefined {
    return this.byAor.get(aor) ?? this.byAor.get(aor.toLowerCase());
  }

  /** An address of record is a sign-in name too. */
  findByLogin(login: string): User | undefined {
    const folded = foldName(login);
    return this.byLogin.get(folded) ?? this.byAor.get(folded);
  }

  findByPhone(phone: string): User | undefined {
    const found = this.byPhone.get(phone);
    if (found !== undefined) return found;
    const number = normalisePhone(phone);
    return number === undefined ? undefined : this.byPhone.get(number);
  }

  list(query: UserQuery = {}): UserPage {
    const matching = [...this.byAor.values()].filter((user) => matches(user, query)).sort((a, b) => (a.aor < b.aor ? -1 : 1));
    const offset = Math.max(0, query.offset ?? 0);
    const limit = Math.min(Math.max(0, query.limit ?? DEFAULT_LIMIT), MAX_LIMIT);
    return { users: matching.slice(offset, offset + limit), total: matching.length };
  }

  all(): IterableIterator<User> {
    return this.byId.values();
  }
}

function matches(user: User, query: UserQuery): boolean {
  if (query.enabled !== undefined && user.enabled !== query.enabled) return false;
  if (query.group !== undefined && !user.groups.some((g) => foldName(g) === foldName(query.group as string))) return false;
  if (query.filter === undefined) return true;
  const wanted = query.filter.toLowerCase();
  return [user.aor, user.displayName, ...user.logins, ...user.phones].some((text) => text.toLowerCase().includes(wanted));
}
