/** Writing DER: the few types that AP-REP and SPNEGO answers need. X.690 section 10. */
import { DER, contextTag } from './der.ts';

/** One element with these contents, one after the other. */
export function der(tag: number, ...contents: readonly Buffer[]): Buffer {
  const body = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), derLength(body.length), body]);
}

/** The field `[n]` of a SEQUENCE. */
export function derField(n: number, contents: Buffer): Buffer {
  return der(contextTag(n), contents);
}

/** SEQUENCE. */
export function derSequence(...contents: readonly Buffer[]): Buffer {
  return der(DER.sequence, ...contents);
}

/** INTEGER (or ENUMERATED) of at most 32 bits, signed or not. */
export function derInteger(value: number, tag: number = DER.integer): Buffer {
  const bytes = Buffer.alloc(5);
  bytes.writeIntBE(value, 0, 5);
  let start = 0;
  while (start < 4 && isNeedless(bytes[start] as number, bytes[start + 1] as number)) start++;
  return der(tag, bytes.subarray(start));
}

/** OCTET STRING. */
export function derOctets(bytes: Buffer): Buffer {
  return der(DER.octetString, bytes);
}

/** KerberosTime of milliseconds since 1970; the milliseconds are left out. RFC 4120 section 5.2.3. */
export function derTime(time: number): Buffer {
  const text = `${new Date(time).toISOString().slice(0, 19).replaceAll(/[-:T]/g, '')}Z`;
  return der(DER.generalizedTime, Buffer.from(text, 'latin1'));
}

function derLength(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(length);
  const start = bytes.findIndex((byte) => byte !== 0);
  return Buffer.concat([Buffer.from([0x80 | (4 - start)]), bytes.subarray(start)]);
}

function isNeedless(first: number, second: number): boolean {
  return (first === 0 && second < 0x80) || (first === 0xff && second >= 0x80);
}
