/** What all NTLM messages have in common: signature, type, and fields that say where in the message their bytes are. [MS-NLMP] section 2.2.1 */
import { NtlmErrors } from './errors.ts';

/** MessageType values. */
export const NTLM_TYPE = { NEGOTIATE: 1, CHALLENGE: 2, AUTHENTICATE: 3 } as const;

const SIGNATURE = Buffer.from('NTLMSSP\0', 'latin1');
/** Longer ones are no messages of clients. */
const MAX_MESSAGE = 8192;
/** Signature and type. */
export const NTLM_HEAD = 12;
const FIELD = 8;

/** Signature and type at the beginning of a buffer. */
export function writeHead(out: Buffer, type: number): void {
  SIGNATURE.copy(out);
  out.writeUInt32LE(type, 8);
}

/** Throws NTLM_MALFORMED for anything but a message of that type and at least that length. */
export function checkHead(message: Buffer, type: number, minLength: number): void {
  if (message.length > MAX_MESSAGE) throw NtlmErrors.NTLM_MALFORMED({ found: `${message.length} bytes` });
  if (message.length < minLength || !message.subarray(0, 8).equals(SIGNATURE) || message.readUInt32LE(8) !== type) {
    throw NtlmErrors.NTLM_MALFORMED({ found: `no message of type ${type}` });
  }
}

/** The bytes that a field points to. Throws NTLM_MALFORMED. @param at offset of the field: length, longest length, offset */
export function readField(message: Buffer, at: number): Buffer {
  const length = message.readUInt16LE(at);
  const offset = message.readUInt32LE(at + 4);
  if (length === 0) return Buffer.alloc(0);
  if (offset < NTLM_HEAD || offset + length > message.length) {
    throw NtlmErrors.NTLM_MALFORMED({ found: `a field that ends at ${offset + length} of ${message.length} bytes` });
  }
  return message.subarray(offset, offset + length);
}

/** Writes a field; returns the offset behind it. */
export function writeField(out: Buffer, at: number, length: number, offset: number): number {
  out.writeUInt16LE(length, at);
  out.writeUInt16LE(length, at + 2);
  out.writeUInt32LE(offset, at + 4);
  return at + FIELD;
}
