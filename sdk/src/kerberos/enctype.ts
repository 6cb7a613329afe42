/** What an encryption type does. RFC 3961 section 3. */

/** The operations with one key for one purpose. Keys are derived when first needed. */
export interface UsageCipher {
  /** @param confounder random bytes in front of the plaintext; only tests give their own */
  encrypt(plaintext: Buffer, confounder?: Buffer): Buffer;
  /** Undefined when the ciphertext was made with another key or for another usage, was altered, or is too short. */
  decrypt(ciphertext: Buffer): Buffer | undefined;
  /** The keyed checksum over all parts, one after the other. */
  checksum(...parts: readonly Buffer[]): Buffer;
}

/** One encryption type with its checksum type. */
export interface Enctype {
  /** Assigned number. RFC 3961 section 8, RFC 8009 section 8. */
  readonly number: number;
  readonly name: string;
  readonly keyBytes: number;
  /** Broken by today's measures: only for those who ask for it. */
  readonly weak: boolean;
  /** @param usage key usage number, RFC 4120 section 7.5.1 */
  cipher(key: Buffer, usage: number): UsageCipher;
}

/** Key usage numbers. RFC 4120 section 7.5.1, RFC 4121 section 2. */
export const KEY_USAGE = {
  ticket: 2,
  apReqAuthenticator: 11,
  apRepPart: 12,
  acceptorSign: 23,
  initiatorSign: 25,
} as const;
