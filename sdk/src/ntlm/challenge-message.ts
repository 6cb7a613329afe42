/** CHALLENGE_MESSAGE, the server's question. [MS-NLMP] section 2.2.1.2 */
import { encodeTargetInfo } from './av-pairs.ts';
import type { NtlmTarget } from './av-pairs.ts';
import { NTLM_FLAGS } from './flags.ts';
import { NTLM_TYPE, checkHead, readField, writeField, writeHead } from './message.ts';

/** Length of a server challenge. */
export const CHALLENGE_LENGTH = 8;
const PAYLOAD = 56;
const AT = { targetName: 12, flags: 20, challenge: 24, targetInfo: 40, version: 48 } as const;
/** Windows 6.1, revision 15: what clients expect of a server of that family. [MS-NLMP] section 2.2.2.10 */
const VERSION = Buffer.from('0601b11d0000000f', 'hex');

/** A CHALLENGE as a client reads it. */
export interface ChallengeMessage {
  readonly flags: number;
  /** 8 bytes. */
  readonly challenge: Buffer;
  readonly targetInfo: Buffer;
}

/** The message for a challenge of 8 random bytes. With REQUEST_TARGET among the flags it names the domain. */
export function encodeChallenge(flags: number, challenge: Buffer, target: NtlmTarget): Buffer {
  const name = (flags & NTLM_FLAGS.REQUEST_TARGET) === 0 ? Buffer.alloc(0) : Buffer.from(target.netbiosDomain, 'utf16le');
  const info = encodeTargetInfo(target);
  const out = Buffer.alloc(PAYLOAD + name.length + info.length);
  writeHead(out, NTLM_TYPE.CHALLENGE);
  writeField(out, AT.targetName, name.length, PAYLOAD);
  out.writeUInt32LE(flags, AT.flags);
  challenge.copy(out, AT.challenge, 0, CHALLENGE_LENGTH);
  writeField(out, AT.targetInfo, info.length, PAYLOAD + name.length);
  VERSION.copy(out, AT.version);
  name.copy(out, PAYLOAD);
  info.copy(out, PAYLOAD + name.length);
  return out;
}

/** Throws NTLM_MALFORMED. */
export function decodeChallenge(message: Buffer): ChallengeMessage {
  checkHead(message, NTLM_TYPE.CHALLENGE, AT.version);
  return {
    flags: message.readUInt32LE(AT.flags),
    challenge: message.subarray(AT.challenge, AT.challenge + CHALLENGE_LENGTH),
    targetInfo: readField(message, AT.targetInfo),
  };
}
