/** What passwords left behind, sealed, in memory and ready to be stored. */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { DigestAlgorithm, Mechanism, PasswordSet } from './api.ts';
import { DirectoryErrors } from './errors.ts';
import { DIGEST_MECHANISMS, DIGESTS, NT_HASH, findHa1, ha1 } from './mechanisms.ts';
import type { CredentialRow } from './schema.ts';
import type { Vault } from './vault.ts';

/** Stands for a user who does not exist; no real id looks like this. */
const NOBODY = '';
/** Entries of a decoy table: what a user with one sign-in name in one realm has. */
const DECOY_ENTRIES = 3;
const CHECK_ALGORITHM: DigestAlgorithm = 'SHA-256';

/** Credentials by user and mechanism. Values leave it one at a time and opened for the moment. */
export class Credentials {
  private readonly mechanisms = new Map<string, Mechanism>();
  private readonly sealed = new Map<string, Map<string, string>>();
  private readonly decoys = new Map<string, string>();

  constructor(private readonly vault: Vault) {
    for (const mechanism of [...DIGEST_MECHANISMS, NT_HASH]) this.addMechanism(mechanism);
  }

  /** Throws DIRECTORY_MECHANISM_TWICE. */
  addMechanism(mechanism: Mechanism): void {
    if (this.mechanisms.has(mechanism.name)) throw DirectoryErrors.DIRECTORY_MECHANISM_TWICE({ mechanism: mechanism.name });
    this.mechanisms.set(mechanism.name, mechanism);
  }

  /** Rows for a new password; asks every mechanism. Keeps nothing yet. */
  derive(set: PasswordSet): CredentialRow[] {
    const rows: CredentialRow[] = [];
    for (const mechanism of this.mechanisms.values()) {
      const value = mechanism.derive(set);
      if (value === undefined) continue;
      rows.push({ user_id: set.userId, mechanism: mechanism.name, value: this.vault.seal(set.userId, mechanism.name, value) });
    }
    return rows;
  }

  /** Takes in rows as they are stored; they replace what those users had. */
  put(rows: readonly CredentialRow[]): void {
    for (const [userId, own] of Map.groupBy(rows, (row) => row.user_id)) {
      this.sealed.set(userId, new Map(own.map((row) => [row.mechanism, row.value])));
    }
  }

  remove(userId: string): void {
    this.sealed.delete(userId);
  }

  /** Sorted names of the mechanisms that the user has something for. */
  mechanismsOf(userId: string): string[] {
    return [...(this.sealed.get(userId)?.keys() ?? [])].sort();
  }

  /** False when the key is not the one that the rows were sealed with. */
  fitsKey(row: CredentialRow): boolean {
    return this.vault.open(row.user_id, row.mechanism, row.value) !== undefined;
  }

  /** See `Directory.credential`. */
  open(userId: string | undefined, mechanism: string): Buffer | undefined {
    const sealed = userId === undefined ? undefined : this.sealed.get(userId)?.get(mechanism);
    const opened = this.vault.open(sealed === undefined ? NOBODY : (userId as string), mechanism, sealed ?? this.decoy(mechanism));
    if (sealed === undefined) return undefined;
    if (opened === undefined) throw DirectoryErrors.DIRECTORY_CREDENTIAL_DAMAGED({ user: userId as string, mechanism });
    return opened;
  }

  /** See `Directory.digestHa1`. A user who does not exist has a table searched all the same. */
  digestHa1(userId: string | undefined, algorithm: DigestAlgorithm, realm: string, username: string): Buffer | undefined {
    const { mechanism, bytes } = DIGESTS[algorithm];
    const table = this.open(userId, mechanism);
    const found = findHa1(algorithm, table ?? Buffer.alloc(DECOY_ENTRIES * (bytes + 8)), realm, username);
    return table === undefined ? undefined : found;
  }

  /** True when `password` gives the digest that is kept for this address in one of the realms. */
  check(userId: string | undefined, aor: string, realms: readonly string[], password: string): boolean {
    let matches = false;
    for (const realm of realms) {
      const kept = this.digestHa1(userId, CHECK_ALGORITHM, realm, aor);
      const given = ha1(CHECK_ALGORITHM, aor, realm, password.normalize('NFC'));
      if (timingSafeEqual(kept ?? Buffer.alloc(given.length), given) && kept !== undefined) matches = true;
    }
    return matches;
  }

  private decoy(mechanism: string): string {
    let decoy = this.decoys.get(mechanism);
    if (decoy === undefined) {
      decoy = this.vault.seal(NOBODY, mechanism, randomBytes(DECOY_ENTRIES * 40));
      // Asked for by code, not by clients: the names are those of mechanisms, so this stays small.
      this.decoys.set(mechanism, decoy);
    }
    return decoy;
  }
}
