/** No name may mean two users: who has it already, in the directory or earlier in the same batch. */
import type { ParleyError } from '@parley/sdk';
import type { Draft } from './draft.ts';
import { DirectoryErrors } from './errors.ts';
import { foldName } from './names.ts';
import type { UserIndex } from './user-index.ts';

/** Names that the users of one batch claim, on top of those that the directory's users have. */
export class NameClaims {
  private readonly names = new Map<string, string>();
  private readonly phones = new Map<string, string>();

  /** @param self id of a user whose own names are not in its way */
  constructor(
    private readonly index: UserIndex,
    private readonly self?: string,
  ) {}

  /** DIRECTORY_EXISTS or DIRECTORY_TAKEN for each name of the draft that somebody else has. */
  conflicts(draft: Draft): ParleyError[] {
    const logins = draft.logins.map((login) => this.takenLogin(login, draft.aor));
    const phones = draft.phones.map((phone) => this.takenPhone(phone, draft.aor));
    return [this.takenAddress(draft.aor), ...logins, ...phones].filter((fault) => fault !== undefined);
  }

  /** The names are the draft's from now on. */
  claim({ aor, logins, phones }: Draft): void {
    for (const name of [aor, ...logins]) this.names.set(foldName(name), aor);
    for (const phone of phones) this.phones.set(phone, aor);
  }

  private takenAddress(aor: string): ParleyError | undefined {
    const owner = this.ownerOf(aor);
    if (owner === undefined) return undefined;
    return owner === aor ? DirectoryErrors.DIRECTORY_EXISTS({ found: aor }) : taken('address', aor, owner);
  }

  /** The own address may be listed as sign-in name: it is one anyway. */
  private takenLogin(login: string, aor: string): ParleyError | undefined {
    const owner = this.ownerOf(login);
    return owner === undefined || owner === aor ? undefined : taken('sign-in name', login, owner);
  }

  private takenPhone(phone: string, aor: string): ParleyError | undefined {
    const stored = this.index.findByPhone(phone);
    const owner = stored !== undefined && stored.id !== this.self ? stored.aor : this.phones.get(phone);
    return owner === undefined || owner === aor ? undefined : taken('phone number', phone, owner);
  }

  /** Addresses and sign-in names share one space: each address is a sign-in name. */
  private ownerOf(name: string): string | undefined {
    const stored = this.index.findByLogin(name);
    return stored !== undefined && stored.id !== this.self ? stored.aor : this.names.get(foldName(name));
  }
}

function taken(what: string, found: string, owner: string): ParleyError {
  return DirectoryErrors.DIRECTORY_TAKEN({ what, found, owner });
}
