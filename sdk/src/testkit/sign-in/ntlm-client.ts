/** The client's side of an NTLM exchange, as the tests need it. [MS-NLMP] section 3.1 */
import { randomBytes } from 'node:crypto';
import { AV, decodeAvPairs } from '../../ntlm/av-pairs.ts';
import { decodeChallenge } from '../../ntlm/challenge-message.ts';
import { NTLM_FLAGS } from '../../ntlm/flags.ts';
import { NTLM_TYPE, writeField, writeHead } from '../../ntlm/message.ts';
import { hmacMd5, messageIntegrityCode, ntHash, ntProof, ntlmV2Key } from '../../ntlm/ntlm-v2.ts';
import { rc4 } from '../../kerberos/rc4.ts';

/** Who signs in. */
export interface NtlmClientOptions {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
  /** Whether it protects the exchange with a MIC. */
  readonly mic?: boolean;
  /** Milliseconds since 1970 by its clock. */
  readonly now?: number;
}

const PAYLOAD = 88;
const EPOCH_MS = 11_644_473_600_000n;

/** Answers one challenge. */
export class NtlmClient {
  readonly sessionKey = randomBytes(16);
  /** Of the AUTHENTICATE. */
  flags = 0;
  private readonly sent: Buffer[] = [];

  constructor(private readonly options: NtlmClientOptions) {}

  negotiate(flags: number): Buffer {
    const out = Buffer.alloc(32);
    writeHead(out, NTLM_TYPE.NEGOTIATE);
    out.writeUInt32LE(flags, 12);
    this.sent.push(out);
    return out;
  }

  authenticate(challengeMessage: Buffer): Buffer {
    const { user, domain, password, mic = false, now = Date.now() } = this.options;
    const { flags, challenge, targetInfo } = decodeChallenge(challengeMessage);
    this.flags = (flags & ~(NTLM_FLAGS.KEY_56 | NTLM_FLAGS.OEM | NTLM_FLAGS.LM_KEY)) >>> 0;
    const key = ntlmV2Key(ntHash(password), user, domain);
    const temp = Buffer.concat([head(now), randomBytes(8), Buffer.alloc(4), mic ? withMicFlag(targetInfo) : targetInfo, Buffer.alloc(4)]);
    const proof = ntProof(key, challenge, temp);
    const encrypted = (this.flags & NTLM_FLAGS.KEY_EXCH) === 0 ? Buffer.alloc(0) : rc4(hmacMd5(key, proof), this.sessionKey);
    const texts = [domain, user, 'PC1'].map((text) => Buffer.from(text, 'utf16le'));
    const parts = [Buffer.alloc(24), Buffer.concat([proof, temp]), ...texts, encrypted];
    const out = Buffer.alloc(PAYLOAD + parts.reduce((sum, part) => sum + part.length, 0));
    writeHead(out, NTLM_TYPE.AUTHENTICATE);
    out.writeUInt32LE(this.flags, 60);
    let offset = PAYLOAD;
    parts.forEach((part, i) => {
      writeField(out, 12 + i * 8, part.length, offset);
      part.copy(out, offset);
      offset += part.length;
    });
    if (mic) messageIntegrityCode(this.sessionKey, ...this.sent, challengeMessage, out).copy(out, 72);
    return out;
  }
}

function head(now: number): Buffer {
  const out = Buffer.alloc(16);
  out.writeUInt16LE(0x0101, 0);
  out.writeBigUInt64LE((BigInt(now) + EPOCH_MS) * 10_000n, 8);
  return out;
}

function withMicFlag(info: Buffer): Buffer {
  decodeAvPairs(info);
  return Buffer.concat([info.subarray(0, -4), Buffer.from([AV.FLAGS, 0, 4, 0, 2, 0, 0, 0]), Buffer.alloc(4)]);
}
