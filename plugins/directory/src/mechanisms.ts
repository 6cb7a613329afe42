/** What is kept of a password for each way of signing in. */
import { hash } from 'node:crypto';
import { ntHash } from '@parley/sdk';
import type { DigestAlgorithm, Mechanism, PasswordSet } from './api.ts';
import { userPartOf } from './names.ts';

/** Where the HA1 values of an algorithm are kept, and how Node names the hash. */
export const DIGESTS = {
  MD5: { mechanism: 'digest-md5', hash: 'md5', bytes: 16 },
  'SHA-256': { mechanism: 'digest-sha-256', hash: 'sha256', bytes: 32 },
} as const satisfies Record<DigestAlgorithm, { mechanism: string; hash: string; bytes: number }>;

/** MD4 of the password, the key of NTLM. [MS-NLMP] section 3.3.1, NTOWFv1. */
export const NT_HASH: Mechanism = {
  name: 'nt-hash',
  derive: ({ password }) => ntHash(password),
};

/** One mechanism for each digest algorithm. */
export const DIGEST_MECHANISMS: readonly Mechanism[] = (Object.keys(DIGESTS) as DigestAlgorithm[]).map((algorithm) => ({
  name: DIGESTS[algorithm].mechanism,
  derive: (set) => ha1Table(algorithm, set),
}));

/** Names that clients put into a digest's `username`: it is hashed as typed, so each spelling needs its own HA1. */
export function spellingsOf(aor: string, logins: readonly string[]): string[] {
  const names = [aor, userPartOf(aor), ...logins];
  return [...new Set(names.flatMap((name) => [name, name.toLowerCase()]))];
}

/** H(username:realm:password), raw. RFC 7616 section 3.4.2. */
export function ha1(algorithm: DigestAlgorithm, username: string, realm: string, password: string): Buffer {
  return hash(DIGESTS[algorithm].hash, `${username}:${realm}:${password}`, 'buffer');
}

const LABEL_BYTES = 8;

/*
 *  A user's HA1 values of one algorithm: entries of a label and a value, back to back.
 *   0                     8                               24 or 40
 *  +---------------------+-------------------------------+----
 *  | label(realm, name)  | HA1 (16 or 32 bytes)          | ...
 *  +---------------------+-------------------------------+----
 */
function ha1Table(algorithm: DigestAlgorithm, { spellings, realms, password }: PasswordSet): Buffer {
  const entries: Buffer[] = [];
  for (const realm of realms) {
    for (const name of spellings) entries.push(Buffer.from(labelOf(realm, name), 'latin1'), ha1(algorithm, name, realm, password));
  }
  return Buffer.concat(entries);
}

/** Finds the HA1 of a realm and user name in what `derive` of the digest mechanism kept. Looks at every entry, found or not. */
export function findHa1(algorithm: DigestAlgorithm, table: Buffer, realm: string, username: string): Buffer | undefined {
  const size = DIGESTS[algorithm].bytes;
  const label = labelOf(realm, username);
  let foundAt = -1;
  for (let at = 0; at + LABEL_BYTES + size <= table.length; at += LABEL_BYTES + size) {
    if (table.toString('latin1', at, at + LABEL_BYTES) === label) foundAt = at + LABEL_BYTES;
  }
  return foundAt < 0 ? undefined : table.subarray(foundAt, foundAt + size);
}

/** Names one entry in little room; not a secret. Eight bytes as a byte string. */
function labelOf(realm: string, username: string): string {
  return hash('sha256', `${realm}\0${username}`, 'latin1').slice(0, LABEL_BYTES);
}
