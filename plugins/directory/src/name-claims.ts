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

  /** DIRECTORY_TAKEN for each name that somebody else has; the rest is the draft's from now on. */
  claim(draft: Draft): ParleyError[] {
    const faults = [this.claimName('address', draft.aor, draft.aor)];
    for (const login of draft.logins) faults.push(this.claimName('sign-in name', login, draft.aor));
    for (const phone of draft.phones) faults.push(this.claimPhone(phone, draft.aor));
    return faults.filter((fault) => fault !== undefined);
  }

  /** Addresses and sign-in names share one space: each address is a sign-in name. */
  private claimName(what: string, name: string, aor: string): ParleyError | undefined {
    const key = foldName(name);
    const stored = this.index.findByLogin(key);
    const owner = stored !== undefined && stored.id !== this.self ? stored.aor : this.names.get(key);
    // A user may list the own address as sign-in name; a second user with that address is a fault.
    if (owner !== undefined && (owner !== aor || what === 'address')) {
      return DirectoryErrors.DIRECTORY_TAKEN({ what, found: name, owner });
    }
    this.names.set(key, aor);
    return undefined;
  }

  private claimPhone(phone: string, aor: string): ParleyError | undefined {
    const stored = this.index.findByPhone(phone);
    const owner = stored !== undefined && stored.id !== this.self ? stored.aor : this.phones.get(phone);
    if (owner !== undefined && owner !== aor) return DirectoryErrors.DIRECTORY_TAKEN({ what: 'phone number', found: phone, owner });
    this.phones.set(phone, aor);
    return undefined;
  }
}
