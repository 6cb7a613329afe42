/** Reading DER as Kerberos and SPNEGO use it: definite lengths in their shortest form, bounded depth and length. X.690 section 10. */
import { isUtf8 } from 'node:buffer';
import { KerberosErrors } from './errors.ts';

/** Identifier octets of the universal types that occur. X.680 section 8.6. */
export const DER = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  generalizedTime: 0x18,
  generalString: 0x1b,
  sequence: 0x30,
} as const;

/** Identifier octet of `[n]`, n at most 30. */
export const contextTag = (n: number): number => 0xa0 | n;
/** Identifier octet of `[APPLICATION n]`, n at most 30. */
export const applicationTag = (n: number): number => 0x60 | n;

/** Deepest nesting: SPNEGO, AP-REQ and ticket together need 14. */
export const MAX_DEPTH = 20;
/** Longest encoding: what Windows allows a ticket with its group memberships to have, and some. */
export const MAX_LENGTH = 65_536;
/** Bytes of an INTEGER: 32 bits, and one byte to keep an unsigned one positive. */
const MAX_INTEGER_BYTES = 5;
const MAX_STRING = 1024;
/** `YYYYMMDDHHMMSSZ`: RFC 4120 section 5.2.3 allows no other form. */
const KERBEROS_TIME = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const CONTROL = /\p{Cc}/u;

/** Goes through the elements of one encoding, or of one constructed element. Everything throws KERBEROS_DER_MALFORMED or KERBEROS_DER_LIMIT. */
export class DerReader {
  private at = 0;

  /** @param offset where `bytes` stand in the whole encoding, for errors */
  constructor(
    private readonly bytes: Buffer,
    private readonly depth = 0,
    private readonly offset = 0,
  ) {
    if (bytes.length > MAX_LENGTH) throw KerberosErrors.KERBEROS_DER_LIMIT({ at: offset, found: `${bytes.length} bytes` });
    if (depth > MAX_DEPTH) throw KerberosErrors.KERBEROS_DER_LIMIT({ at: offset, found: `${depth} levels` });
  }

  /** True when nothing is left. */
  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  /** The identifier octet of the next element; undefined at the end. */
  peek(): number | undefined {
    return this.bytes[this.at];
  }

  /** The contents of the next element, which must have this identifier. */
  take(tag: number): Buffer {
    return this.element(tag).contents;
  }

  /** Goes into the next element, which must have this identifier. */
  enter(tag: number): DerReader {
    const { contents, offset } = this.element(tag);
    return new DerReader(contents, this.depth + 1, offset);
  }

  /** Reads the next element's inside with `read`, to its end. */
  inside<T>(tag: number, read: (inner: DerReader) => T): T {
    const inner = this.enter(tag);
    const value = read(inner);
    inner.end();
    return value;
  }

  /** The field `[n]` of a SEQUENCE. */
  field<T>(n: number, read: (inner: DerReader) => T): T {
    return this.inside(contextTag(n), read);
  }

  /** The field `[n]`, or undefined when another or none comes next. */
  optionalField<T>(n: number, read: (inner: DerReader) => T): T | undefined {
    return this.peek() === contextTag(n) ? this.field(n, read) : undefined;
  }

  /** Every element up to the end, at most `limit`. */
  list<T>(limit: number, read: (inner: DerReader) => T): T[] {
    const values: T[] = [];
    while (!this.atEnd) {
      if (values.length === limit)
        throw KerberosErrors.KERBEROS_DER_LIMIT({ at: this.offset + this.at, found: `more than ${limit} elements` });
      values.push(read(this));
    }
    return values;
  }

  /** A signed whole number of at most 33 bits. */
  integer(tag: number = DER.integer): number {
    const contents = this.take(tag);
    if (contents.length === 0 || contents.length > MAX_INTEGER_BYTES) throw this.malformed(`an INTEGER of ${contents.length} bytes`);
    const [first, second] = contents;
    const isPadded = contents.length > 1 && ((first === 0 && (second as number) < 0x80) || (first === 0xff && (second as number) >= 0x80));
    if (isPadded) throw this.malformed('an INTEGER with a needless byte');
    return contents.readIntBE(0, contents.length);
  }

  /** 32 bits, the first one highest; shorter strings are filled up with zeros. RFC 4120 section 5.2.8. */
  flags(): number {
    const contents = this.take(DER.bitString);
    if (contents.length < 1 || (contents[0] as number) > 7) throw this.malformed('a BIT STRING without its count of unused bits');
    const padded = Buffer.alloc(4);
    contents.copy(padded, 0, 1, Math.min(5, contents.length));
    return padded.readUInt32BE();
  }

  /** Text of at most 1 KiB without control characters. RFC 4120 section 5.2.1; in practice it is UTF-8. */
  text(): string {
    const contents = this.take(DER.generalString);
    if (contents.length > MAX_STRING)
      throw KerberosErrors.KERBEROS_DER_LIMIT({ at: this.offset + this.at, found: `a string of ${contents.length} bytes` });
    const text = contents.toString('utf8');
    if (!isUtf8(contents) || CONTROL.test(text)) throw this.malformed('a string with control characters or broken UTF-8');
    return text;
  }

  /** Milliseconds since 1970. */
  time(): number {
    const digits = KERBEROS_TIME.exec(this.take(DER.generalizedTime).toString('latin1'));
    if (digits === null) throw this.malformed('a time that is not written YYYYMMDDHHMMSSZ');
    const [, year, month, day, hour, minute, second] = digits;
    const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
    if (Number.isNaN(time)) throw this.malformed('a time that does not exist');
    return time;
  }

  /** What is left, as it stands. */
  rest(): Buffer {
    const rest = this.bytes.subarray(this.at);
    this.at = this.bytes.length;
    return rest;
  }

  /** Throws when something is left. */
  end(): void {
    if (!this.atEnd) throw this.malformed('more than belongs here');
  }

  private element(tag: number): { readonly contents: Buffer; readonly offset: number } {
    const found = this.peek();
    if (found !== tag)
      throw this.malformed(found === undefined ? `the end instead of ${name(tag)}` : `${name(found)} instead of ${name(tag)}`);
    const { length, start } = this.length(this.at + 1);
    if (start + length > this.bytes.length) throw this.malformed(`${length} bytes announced and ${this.bytes.length - start} there`);
    this.at = start + length;
    return { contents: this.bytes.subarray(start, start + length), offset: this.offset + start };
  }

  /** X.690 section 8.1.3, the definite form only, and as short as it can be (section 10.1). */
  private length(at: number): { readonly length: number; readonly start: number } {
    const first = this.bytes[at];
    if (first === undefined) throw this.malformed('no length');
    if (first < 0x80) return { length: first, start: at + 1 };
    const count = first & 0x7f;
    if (count === 0) throw this.malformed('an indefinite length');
    if (count > 3) throw KerberosErrors.KERBEROS_DER_LIMIT({ at: this.offset + at, found: `a length of ${count} bytes` });
    if (at + 1 + count > this.bytes.length) throw this.malformed('half a length');
    const length = this.bytes.readUIntBE(at + 1, count);
    if (length < 0x80 || length < 2 ** (8 * (count - 1))) throw this.malformed('a length that is not in its shortest form');
    return { length, start: at + 1 + count };
  }

  private malformed(found: string): Error {
    return KerberosErrors.KERBEROS_DER_MALFORMED({ at: this.offset + this.at, found });
  }
}

function name(tag: number): string {
  return `element 0x${tag.toString(16).padStart(2, '0')}`;
}
