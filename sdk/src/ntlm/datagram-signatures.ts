/** Signatures of messages under an NTLM session without a connection, as SIP uses it. [MS-NLMP] sections 3.4.4 and 3.4.5, [MS-SIPAE] section 3.3 of the sheet. */
import { hash } from 'node:crypto';
import type { SessionKeys } from '../association/index.ts';
import { NTLM_FLAGS } from './flags.ts';
import { hmacMd5, sameBytes } from './ntlm-v2.ts';
import { rc4 } from '../kerberos/rc4.ts';

/** Which end of the exchange. */
export type NtlmSide = 'client' | 'server';

const MAGIC = {
  client: {
    sign: 'session key to client-to-server signing key magic constant\0',
    seal: 'session key to client-to-server sealing key magic constant\0',
  },
  server: {
    sign: 'session key to server-to-client signing key magic constant\0',
    seal: 'session key to server-to-client sealing key magic constant\0',
  },
} as const;

/** SIP stacks sign every message, in both directions, with this sequence number. */
const SEQUENCE = Buffer.from([100, 0, 0, 0]);
const SEQUENCE_TEXT = SEQUENCE.toString('latin1');
const VERSION_HEX = '01000000';
const SEQUENCE_HEX = SEQUENCE.toString('hex');
const CHECKSUM_LENGTH = 8;
const SIGNATURE_HEX = /^01000000[0-9a-f]{16}64000000$/i;

/** SIGNKEY of section 3.4.5.2: of what this side sends. */
export function signingKey(sessionKey: Buffer, side: NtlmSide): Buffer {
  return md5(sessionKey, MAGIC[side].sign);
}

/** SEALKEY of section 3.4.5.3 for 128 bits. */
export function sealingKey(sessionKey: Buffer, side: NtlmSide): Buffer {
  return md5(sessionKey, MAGIC[side].seal);
}

/**
 * The keys of a session of which this is `side`: signs what it sends, verifies what the other sends. For sessions with
 * EXTENDED_SESSIONSECURITY and 128-bit keys.
 */
export function datagramKeys(sessionKey: Buffer, flags: number, side: NtlmSide = 'server'): SessionKeys {
  const outbound = new Direction(sessionKey, flags, side);
  const inbound = new Direction(sessionKey, flags, side === 'server' ? 'client' : 'server');
  return {
    sign: (buffer) => VERSION_HEX + outbound.checksum(buffer).toString('hex') + SEQUENCE_HEX,
    verify: (buffer, signature) =>
      SIGNATURE_HEX.test(signature) && sameBytes(Buffer.from(signature.slice(8, 24), 'hex'), inbound.checksum(buffer)),
  };
}

/** One direction. */
class Direction {
  private readonly key: Buffer;
  /** RC4 starts anew for every message and the sequence number never changes, so its stream is always the same; without KEY_EXCH there is none. */
  private readonly stream: Buffer;

  constructor(sessionKey: Buffer, flags: number, side: NtlmSide) {
    this.key = signingKey(sessionKey, side);
    const zeros = Buffer.alloc(CHECKSUM_LENGTH);
    this.stream =
      (flags & NTLM_FLAGS.KEY_EXCH) === 0
        ? zeros
        : rc4(hash('md5', Buffer.concat([sealingKey(sessionKey, side), SEQUENCE]), 'buffer'), zeros);
  }

  /** @param text a byte string */
  checksum(text: string): Buffer {
    const sum = hmacMd5(this.key, Buffer.from(SEQUENCE_TEXT + text, 'latin1')).subarray(0, CHECKSUM_LENGTH);
    for (let i = 0; i < CHECKSUM_LENGTH; i++) sum[i] = (sum[i] as number) ^ (this.stream[i] as number);
    return sum;
  }
}

function md5(key: Buffer, magic: string): Buffer {
  return hash('md5', Buffer.concat([key, Buffer.from(magic, 'latin1')]), 'buffer');
}
