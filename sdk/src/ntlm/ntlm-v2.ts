/** The computations of NTLMv2. [MS-NLMP] sections 3.3.2 and 3.4.5 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { NTLM_FLAGS } from './flags.ts';
import { md4 } from './md4.ts';
import { rc4 } from '../kerberos/rc4.ts';

/** MD4 of the password: all that is kept of it. NTOWFv1, section 3.3.1 */
export function ntHash(password: string): Buffer {
  return md4(Buffer.from(password, 'utf16le'));
}

/** NTOWFv2. The user's name in upper case, the domain exactly as the client sent it. */
export function ntlmV2Key(hash: Buffer, user: string, domain: string): Buffer {
  return hmacMd5(hash, Buffer.from(user.toUpperCase() + domain, 'utf16le'));
}

/** NTProofStr for a challenge. @param temp the client's part of the response, behind the proof */
export function ntProof(key: Buffer, challenge: Buffer, temp: Buffer): Buffer {
  return hmacMd5(key, challenge, temp);
}

/** ExportedSessionKey: with KEY_EXCH the key that the client chose, else the one that both compute. */
export function exportedSessionKey(key: Buffer, proof: Buffer, flags: number, encryptedSessionKey: Buffer): Buffer {
  const base = hmacMd5(key, proof);
  return (flags & NTLM_FLAGS.KEY_EXCH) === 0 ? base : rc4(base, encryptedSessionKey);
}

/** MIC over the messages of the exchange, in order; the last with zeros where the MIC is. */
export function messageIntegrityCode(sessionKey: Buffer, ...messages: readonly Buffer[]): Buffer {
  return hmacMd5(sessionKey, ...messages);
}

/** HMAC-MD5, 16 bytes. */
export function hmacMd5(key: Buffer, ...parts: readonly Buffer[]): Buffer {
  const hmac = createHmac('md5', key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
}

/** Compares in time that does not depend on where they differ. */
export function sameBytes(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}
