/** A key with its encryption type; what is derived from it is derived once. */
import type { Enctype, UsageCipher } from './enctype.ts';

/** Key of a service, a session or one direction of it. */
export class KerberosKey {
  private readonly ciphers = new Map<number, UsageCipher>();

  /** Throws a RangeError when the key's length is not that of the type. */
  constructor(
    readonly enctype: Enctype,
    private readonly bytes: Buffer,
  ) {
    if (bytes.length !== enctype.keyBytes)
      throw new RangeError(`a key of ${enctype.name} has ${enctype.keyBytes} bytes, not ${bytes.length}`);
  }

  /** The operations for a key usage; see `KEY_USAGE`. */
  for(usage: number): UsageCipher {
    let cipher = this.ciphers.get(usage);
    if (cipher === undefined) {
      cipher = this.enctype.cipher(this.bytes, usage);
      this.ciphers.set(usage, cipher);
    }
    return cipher;
  }

  /** The key itself. Keep it out of logs. */
  reveal(): Buffer {
    return this.bytes;
  }
}
