/** The server's side of one NTLM exchange, without a directory: challenge, proof, MIC, session key. [MS-NLMP] section 3.2.5 */
import { NTLM_V1_LENGTH, decodeAuthenticate, readNtlmV2Response, splitMic } from './authenticate-message.ts';
import type { AuthenticateMessage, NtlmV2Response } from './authenticate-message.ts';
import type { NtlmTarget } from './av-pairs.ts';
import { encodeChallenge } from './challenge-message.ts';
import { DATAGRAM_FLAGS, NTLM_FLAGS, connectionFlags } from './flags.ts';
import { decodeNegotiate } from './negotiate-message.ts';
import { exportedSessionKey, messageIntegrityCode, ntProof, ntlmV2Key, sameBytes } from './ntlm-v2.ts';

/** What an AUTHENTICATE says before anything is proved. */
export interface NtlmClaim {
  readonly message: AuthenticateMessage;
  /** undefined: an NTLMv1 response, or none at all. */
  readonly response: NtlmV2Response | undefined;
}

/** Flags without which no session is made: its signatures would be of another kind. */
const REQUIRED = NTLM_FLAGS.EXTENDED_SESSIONSECURITY | NTLM_FLAGS.KEY_128;

/** One exchange. Its challenge is good for one answer. */
export class NtlmServerExchange {
  private readonly messages: Buffer[] = [];

  /**
   * @param target what the server says of itself
   * @param challenge 8 random bytes
   */
  constructor(
    private readonly target: NtlmTarget,
    private readonly challengeBytes: Buffer,
  ) {}

  /** CHALLENGE without a NEGOTIATE before it, as SIP uses NTLM. */
  datagramChallenge(): Buffer {
    return this.sent(encodeChallenge(DATAGRAM_FLAGS, this.challengeBytes, this.target));
  }

  /** CHALLENGE on a connection. Throws NTLM_MALFORMED. */
  connectionChallenge(negotiate: Buffer): Buffer {
    const flags = connectionFlags(decodeNegotiate(negotiate).flags);
    this.messages.push(negotiate);
    return this.sent(encodeChallenge(flags, this.challengeBytes, this.target));
  }

  /** Who the client says it is. Throws NTLM_MALFORMED. */
  read(authenticate: Buffer): NtlmClaim {
    const message = decodeAuthenticate(authenticate);
    const { ntResponse } = message;
    return { message, response: ntResponse.length <= NTLM_V1_LENGTH ? undefined : readNtlmV2Response(ntResponse) };
  }

  /**
   * The session key if the client knows the password and nobody changed the exchange; undefined if not. Throws NTLM_MALFORMED.
   * @param hash NT hash of the user's password
   */
  prove(authenticate: Buffer, { message, response }: NtlmClaim, hash: Buffer): Buffer | undefined {
    if (response === undefined) return undefined;
    const key = ntlmV2Key(hash, message.user, message.domain);
    const proof = ntProof(key, this.challengeBytes, response.temp);
    if (!sameBytes(proof, response.proof)) return undefined;
    const sessionKey = exportedSessionKey(key, proof, message.flags, message.encryptedSessionKey);
    return response.hasMic && !this.hasGoodMic(authenticate, sessionKey) ? undefined : sessionKey;
  }

  private hasGoodMic(authenticate: Buffer, sessionKey: Buffer): boolean {
    const { mic, rest } = splitMic(authenticate);
    return sameBytes(messageIntegrityCode(sessionKey, ...this.messages, rest), mic);
  }

  private sent(message: Buffer): Buffer {
    this.messages.push(message);
    return message;
  }
}

/** Whether a session with these flags can sign messages as SIP wants it. */
export function canSign(flags: number): boolean {
  return (flags & REQUIRED) >>> 0 === REQUIRED >>> 0;
}
