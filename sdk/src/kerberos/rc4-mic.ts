/** Signatures of single messages with RC4 keys, in the older form of RFC 1964 section 1.2.1. RFC 4757 section 7.2. */
import { timingSafeEqual } from 'node:crypto';
import type { MicContext } from './gss-mic.ts';
import { OID, isKerberos, readFrame, writeFrame } from './gss-token.ts';
import type { KerberosKey } from './kerberos-key.ts';
import { hmacMd5, littleEndian } from './rc4-hmac.ts';
import { rc4 } from './rc4.ts';

// In the frame of GSS-API:
//  0 1 | 2 3     | 4 .. 7      | 8 .. 15                     | 16 .. 23
// 01 01  SGN_ALG   ff ff ff ff   sequence number, encrypted    first half of the checksum over bytes 0 to 7 and message
const HEADER = Buffer.from('01011100ffffffff', 'hex');
const SEQUENCE_END = 16;
const TOKEN_BYTES = 24;
const CHECKSUM_BYTES = 8;
/** The key usage of these checksums, the same in both directions. */
const USAGE = 15;
/** Second half of what is encrypted as sequence number. */
const BY_INITIATOR = 0x0000_0000;
const BY_ACCEPTOR = 0xffff_ffff;

/** Of an acceptor. */
export class Rc4MicContext implements MicContext {
  private readonly sequenceKey: Buffer;

  /** @param next sequence number of the first token, 0..2^32-1 */
  constructor(
    private readonly key: KerberosKey,
    private next: number,
  ) {
    this.sequenceKey = hmacMd5(key.reveal(), littleEndian(0));
  }

  sign(message: Buffer): Buffer {
    const checksum = this.checksum(message);
    const sequence = Buffer.alloc(8);
    sequence.writeUInt32BE(this.next);
    sequence.writeUInt32BE(BY_ACCEPTOR, 4);
    this.next = (this.next + 1) >>> 0;
    return writeFrame(OID.kerberos, HEADER, this.cryptSequence(checksum, sequence), checksum);
  }

  verify(message: Buffer, token: Buffer): boolean {
    const body = unframe(token);
    if (body?.length !== TOKEN_BYTES || !body.subarray(0, HEADER.length).equals(HEADER)) return false;
    const checksum = body.subarray(SEQUENCE_END);
    if (!timingSafeEqual(checksum, this.checksum(message))) return false;
    return this.cryptSequence(checksum, body.subarray(HEADER.length, SEQUENCE_END)).readUInt32BE(4) === BY_INITIATOR;
  }

  private checksum(message: Buffer): Buffer {
    return this.key.for(USAGE).checksum(HEADER, message).subarray(0, CHECKSUM_BYTES);
  }

  private cryptSequence(checksum: Buffer, sequence: Buffer): Buffer {
    return rc4(hmacMd5(this.sequenceKey, checksum), sequence);
  }
}

function unframe(token: Buffer): Buffer | undefined {
  try {
    const { oid, body } = readFrame(token);
    return isKerberos(oid) ? body : undefined;
  } catch {
    return undefined; // a signature that cannot be read is a wrong one
  }
}
