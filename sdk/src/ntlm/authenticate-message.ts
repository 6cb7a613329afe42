/** AUTHENTICATE_MESSAGE, the client's answer. [MS-NLMP] sections 2.2.1.3, 2.2.2.7 and 2.2.2.8 */
import { AV, decodeAvPairs } from './av-pairs.ts';
import { NtlmErrors } from './errors.ts';
import { NTLM_FLAGS } from './flags.ts';
import { NTLM_TYPE, checkHead, readField } from './message.ts';

const AT = { lm: 12, nt: 20, domain: 28, user: 36, workstation: 44, sessionKey: 52, flags: 60, mic: 72 } as const;
const MIN_LENGTH = 64;
const MIC_LENGTH = 16;
const PROOF_LENGTH = 16;
/** Length of an NTLMv1 response; nothing of that kind is taken. */
export const NTLM_V1_LENGTH = 24;
/** Of an NTLMv2 response: proof, two versions, 6 zeros, time, client challenge, 4 zeros, then the attributes. */
const TIME_AT = PROOF_LENGTH + 8;
const PAIRS_AT = PROOF_LENGTH + 28;
/** MsvAvFlags bit: the message carries a MIC. */
const HAS_MIC = 0x2;
/** Longest names; the directory has none that are longer. */
const MAX_NAME_BYTES = 512;
const KEY_LENGTH = 16;

/** An AUTHENTICATE, checked as to its form. */
export interface AuthenticateMessage {
  /** Exactly as sent: it goes into the proof. */
  readonly domain: string;
  readonly user: string;
  readonly workstation: string;
  readonly flags: number;
  /** The NTLM response; `proof` and what it was made of are its parts when it is one of version 2. */
  readonly ntResponse: Buffer;
  readonly encryptedSessionKey: Buffer;
}

/** An NTLMv2 response, taken apart. */
export interface NtlmV2Response {
  /** 16 bytes. */
  readonly proof: Buffer;
  /** What is proved together with the server's challenge. */
  readonly temp: Buffer;
  /** Milliseconds since 1970 by the client's clock. */
  readonly time: number;
  /** Whether the message has a MIC. */
  readonly hasMic: boolean;
}

/** Throws NTLM_MALFORMED. */
export function decodeAuthenticate(message: Buffer): AuthenticateMessage {
  checkHead(message, NTLM_TYPE.AUTHENTICATE, MIN_LENGTH);
  const flags = message.readUInt32LE(AT.flags);
  if ((flags & NTLM_FLAGS.UNICODE) === 0) throw NtlmErrors.NTLM_MALFORMED({ found: 'names that are not in Unicode' });
  return {
    domain: readName(message, AT.domain),
    user: readName(message, AT.user),
    workstation: readName(message, AT.workstation),
    flags,
    ntResponse: readField(message, AT.nt),
    encryptedSessionKey: (flags & NTLM_FLAGS.KEY_EXCH) === 0 ? Buffer.alloc(0) : readKey(message),
  };
}

/** undefined for what is no NTLMv2 response. Throws NTLM_MALFORMED for attributes that cannot be read. */
export function readNtlmV2Response(response: Buffer): NtlmV2Response | undefined {
  if (response.length < PAIRS_AT || response.readUInt16LE(PROOF_LENGTH) !== 0x0101) return undefined;
  const flags = decodeAvPairs(response.subarray(PAIRS_AT)).get(AV.FLAGS);
  return {
    proof: response.subarray(0, PROOF_LENGTH),
    temp: response.subarray(PROOF_LENGTH),
    time: readFileTime(response, TIME_AT),
    hasMic: flags?.length === 4 && (flags.readUInt32LE(0) & HAS_MIC) !== 0,
  };
}

/** The MIC and the message with zeros in its place. Throws NTLM_MALFORMED. [MS-NLMP] section 3.2.5.1.2 */
export function splitMic(message: Buffer): { readonly mic: Buffer; readonly rest: Buffer } {
  if (message.length < AT.mic + MIC_LENGTH) throw NtlmErrors.NTLM_MALFORMED({ found: 'no room for the MIC' });
  const rest = Buffer.from(message);
  rest.fill(0, AT.mic, AT.mic + MIC_LENGTH);
  return { mic: message.subarray(AT.mic, AT.mic + MIC_LENGTH), rest };
}

/** Seconds from 1601 to 1970. */
const EPOCH_SECONDS = 11_644_473_600n;

/** A FILETIME, 100 nanoseconds since 1601, as milliseconds since 1970. */
function readFileTime(bytes: Buffer, at: number): number {
  return Number(bytes.readBigUInt64LE(at) / 10_000n - EPOCH_SECONDS * 1000n);
}

function readName(message: Buffer, at: number): string {
  const bytes = readField(message, at);
  if (bytes.length > MAX_NAME_BYTES || bytes.length % 2 !== 0)
    throw NtlmErrors.NTLM_MALFORMED({ found: `a name of ${bytes.length} bytes` });
  return bytes.toString('utf16le');
}

function readKey(message: Buffer): Buffer {
  const key = readField(message, AT.sessionKey);
  if (key.length !== KEY_LENGTH) throw NtlmErrors.NTLM_MALFORMED({ found: `a session key of ${key.length} bytes` });
  return key;
}
