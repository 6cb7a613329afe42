/** What is kept of a password for each way of signing in. */
import { createHash } from 'node:crypto';
import type { DigestAlgorithm, Mechanism, PasswordSet } from './api.ts';
import { userPartOf } from './names.ts';
import { md4 } from './md4.ts';

/** Where the HA1 values of an algorithm are kept, and how Node names the hash. */
export const DIGESTS = {
  MD5: { mechanism: 'digest-md5', hash: 'md5', bytes: 16 },
  'SHA-256': { mechanism: 'digest-sha-256', hash: 'sha256', bytes: 32 },
} as const satisfies Record<DigestAlgorithm, { mechanism: string; hash: string; bytes: number }>;

/** MD4 of the password, the key of NTLM. [MS-NLMP] section 3.3.1, NTOWFv1. */
export const NT_HASH: Mechanism = {
  name: 'nt-hash',
  derive: ({ password }) => md4(Buffer.from(password, 'utf16le')),
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
  return createHash(DIGESTS[algorithm].hash).update(`${username}:${realm}:${password}`, 'utf8').digest();
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
    for (const name of spellings) entries.push(labelOf(realm, name), ha1(algorithm, name, realm, password));
  }
  return Buffer.concat(entries);
}

/** Finds the HA1 of a realm and user name in what `derive` of the digest mechanism kept. Looks at every entry, found or not. */
export function findHa1(algorithm: DigestAlgorithm, table: Buffer, realm: string, username: string): Buffer | undefined {
  const size = DIGESTS[algorithm].bytes;
  const label = labelOf(realm, username);
  let found: Buffer | undefined;
  for (let at = 0; at + LABEL_BYTES + size <= table.length; at += LABEL_BYTES + size) {
    if (label.equals(table.subarray(at, at + LABEL_BYTES))) found = table.subarray(at + LABEL_BYTES, at + LABEL_BYTES + size);
  }
  return found;
}

/** Names one entry in little room; not a secret. */
function labelOf(realm: string, username: string): Buffer {
  return createHash('sha256').update(`${realm}\0${username}`, 'utf8').digest().subarray(0, LABEL_BYTES);
}
