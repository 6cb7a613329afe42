/** Signatures of single messages: GSS_GetMIC and GSS_VerifyMIC. RFC 4121 section 4.2.6.1. */
import { timingSafeEqual } from 'node:crypto';
import { KEY_USAGE } from './enctype.ts';
import type { KerberosKey } from './kerberos-key.ts';
import { RC4_HMAC } from './rc4-hmac.ts';
import { Rc4MicContext } from './rc4-mic.ts';

/** Signs what the acceptor sends, verifies what the initiator sent. */
export interface MicContext {
  /** A token for `message`; each has the next sequence number. */
  sign(message: Buffer): Buffer;
  /**
   * Whether the initiator made `token` for `message`. Order and repetition are not judged: a protocol with counters of its own,
   * signed along ([MS-SIPAE] R11), would only be judged twice.
   */
  verify(message: Buffer, token: Buffer): boolean;
}

/**
 * The context of an acceptor.
 * @param key the initiator's subkey, or the session key without one
 * @param sequence number of the first token, 0..2^32-1
 */
export function acceptorMicContext(key: KerberosKey, sequence: number): MicContext {
  return key.enctype === RC4_HMAC ? new Rc4MicContext(key, sequence) : new AesMicContext(key, sequence);
}

//  0 1 | 2     | 3 .. 7         | 8 .. 15         | 16 ..
// 04 04  flags   ff ff ff ff ff   sequence number   checksum over message and bytes 0 to 15
const HEADER_BYTES = 16;
const TOKEN_ID = 0x0404;
const FLAGS_AT = 2;
const FILLER_AT = 3;
const SEQUENCE_AT = 8;
const FILLER = Buffer.alloc(SEQUENCE_AT - FILLER_AT, 0xff);
const SENT_BY_ACCEPTOR = 1;

class AesMicContext implements MicContext {
  private next: bigint;

  constructor(
    private readonly key: KerberosKey,
    sequence: number,
  ) {
    this.next = BigInt(sequence);
  }

  sign(message: Buffer): Buffer {
    const header = Buffer.alloc(HEADER_BYTES, 0xff);
    header.writeUInt16BE(TOKEN_ID);
    header[FLAGS_AT] = SENT_BY_ACCEPTOR;
    header.writeBigUInt64BE(this.next++, SEQUENCE_AT);
    return Buffer.concat([header, this.key.for(KEY_USAGE.acceptorSign).checksum(message, header)]);
  }

  verify(message: Buffer, token: Buffer): boolean {
    if (token.length < HEADER_BYTES) return false;
    const header = token.subarray(0, HEADER_BYTES);
    // Flags: not from the acceptor, not sealed (a MIC never is), no subkey of the acceptor, who asserts none.
    const isOurs = header.readUInt16BE() === TOKEN_ID && header[FLAGS_AT] === 0 && header.subarray(FILLER_AT, SEQUENCE_AT).equals(FILLER);
    if (!isOurs) return false;
    const expected = this.key.for(KEY_USAGE.initiatorSign).checksum(message, header);
    const found = token.subarray(HEADER_BYTES);
    return found.length === expected.length && timingSafeEqual(found, expected);
  }
}
