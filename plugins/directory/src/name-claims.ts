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
    const faults = [this.claimAddress(draft.aor)];
    for (const login of draft.logins) faults.push(this.claimLogin(login, draft.aor));
    for (const phone of draft.phones) faults.push(this.claimPhone(phone, draft.aor));
    return faults.filter((fault) => fault !== undefined);
  }

  private claimAddress(aor: string): ParleyError | undefined {
    const owner = this.ownerOf(aor);
    if (owner === aor) return DirectoryErrors.DIRECTORY_EXISTS({ found: aor });
    if (owner !== undefined) return DirectoryErrors.DIRECTORY_TAKEN({ what: 'address', found: aor, owner });
    this.names.set(aor, aor);
    return undefined;
  }

  private claimLogin(login: string, aor: string): ParleyError | undefined {
    const owner = this.ownerOf(login);
    // The own address may be listed as sign-in name: it is one anyway.
    if (owner !== undefined && owner !== aor) return DirectoryErrors.DIRECTORY_TAKEN({ what: 'sign-in name', found: login, owner });
    this.names.set(foldName(login), aor);
    return undefined;
  }

  /** Addresses and sign-in names share one space: each address is a sign-in name. */
  private ownerOf(name: string): string | undefined {
    const stored = this.index.findByLogin(name);
    return stored !== undefined && stored.id !== this.self ? stored.aor : this.names.get(foldName(name));
  }

  private claimPhone(phone: string, aor: string): ParleyError | undefined {
    const stored = this.index.findByPhone(phone);
    const owner = stored !== undefined && stored.id !== this.self ? stored.aor : this.phones.get(phone);
    if (owner !== undefined && owner !== aor) return DirectoryErrors.DIRECTORY_TAKEN({ what: 'phone number', found: phone, owner });
    this.phones.set(phone, aor);
    return undefined;
  }
}
