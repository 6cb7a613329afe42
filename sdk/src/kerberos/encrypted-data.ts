/** EncryptedData and EncryptionKey. RFC 4120 section 5.2.9. */
import { DER } from './der.ts';
import type { DerReader } from './der.ts';
import { derField, derInteger, derOctets, derSequence } from './der-writer.ts';
import { enctypeName, enctypeOf } from './enctypes.ts';
import { KerberosErrors } from './errors.ts';
import { KerberosKey } from './kerberos-key.ts';

/** Something encrypted, and with what. */
export interface EncryptedData {
  readonly enctype: number;
  /** Key version; undefined for session keys. */
  readonly version: number | undefined;
  readonly cipher: Buffer;
}

/** EncryptedData ::= SEQUENCE { etype [0] Int32, kvno [1] UInt32 OPTIONAL, cipher [2] OCTET STRING }. Throws KERBEROS_DER_*. */
export function readEncryptedData(reader: DerReader): EncryptedData {
  return reader.inside(DER.sequence, (sequence) => ({
    enctype: sequence.field(0, (field) => field.integer()),
    version: sequence.optionalField(1, (field) => field.integer() >>> 0), // some write it as a signed number
    cipher: sequence.field(2, (field) => field.take(DER.octetString)),
  }));
}

export function writeEncryptedData({ enctype, version, cipher }: EncryptedData): Buffer {
  const kvno = version === undefined ? [] : [derField(1, derInteger(version))];
  return derSequence(derField(0, derInteger(enctype)), ...kvno, derField(2, derOctets(cipher)));
}

/** A key in a ticket or authenticator, of a type that we may not know. */
export interface RawKey {
  readonly enctype: number;
  readonly bytes: Buffer;
}

/** EncryptionKey ::= SEQUENCE { keytype [0] Int32, keyvalue [1] OCTET STRING }. Throws KERBEROS_DER_*. */
export function readRawKey(reader: DerReader): RawKey {
  return reader.inside(DER.sequence, (sequence) => ({
    enctype: sequence.field(0, (field) => field.integer()),
    bytes: sequence.field(1, (field) => field.take(DER.octetString)),
  }));
}

export function writeRawKey({ enctype, bytes }: RawKey): Buffer {
  return derSequence(derField(0, derInteger(enctype)), derField(1, derOctets(bytes)));
}

/** Throws KERBEROS_TOKEN_MALFORMED when the type is unknown or the key's length is not that of the type. */
export function usableKey({ enctype, bytes }: RawKey): KerberosKey {
  const known = enctypeOf(enctype);
  if (known === undefined || bytes.length !== known.keyBytes) {
    throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: `a key of ${bytes.length} bytes for ${enctypeName(enctype)}` });
  }
  return new KerberosKey(known, bytes);
}
