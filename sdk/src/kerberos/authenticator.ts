/** The authenticator: the client's proof that it knows the session key, now. RFC 4120 section 5.5.1, RFC 4121 section 4.1.1. */
import { DER, DerReader, applicationTag } from './der.ts';
import { expectNumber, PVNO } from './ap-req.ts';
import { readRawKey } from './encrypted-data.ts';
import type { RawKey } from './encrypted-data.ts';
import { KerberosErrors } from './errors.ts';
import { readPrincipalName } from './principal.ts';
import type { Principal } from './principal.ts';

const AUTHENTICATOR = 2;
/** Checksum type that carries GSS-API flags instead of a checksum. RFC 4121 section 4.1.1. */
const GSS_CHECKSUM = 0x8003;
const BINDINGS_BYTES = 16;
/** Length field, channel bindings, flags. */
const GSS_CHECKSUM_BYTES = 4 + BINDINGS_BYTES + 4;

/** Context flags of GSS-API. RFC 4121 section 4.1.1.1. */
export const GSS_FLAG = { delegation: 1, mutual: 2, replay: 4, sequence: 8, confidentiality: 16, integrity: 32, dceStyle: 0x1000 } as const;

/** What the client says about this attempt. */
export interface Authenticator {
  readonly client: Principal;
  /** The client's clock, milliseconds since 1970. */
  readonly time: number;
  /** Microseconds of it, as an AP-REP repeats them. */
  readonly microseconds: number;
  /** The client's own key for this session. */
  readonly subkey: RawKey | undefined;
  /** Of the first message that the client signs. */
  readonly sequence: number;
  /** GSS_FLAG bits. */
  readonly flags: number;
}

/** Throws KERBEROS_DER_* or KERBEROS_TOKEN_MALFORMED; without a checksum of type 0x8003 it is not one of GSS-API. */
export function readAuthenticator(bytes: Buffer): Authenticator {
  const reader = new DerReader(bytes);
  const authenticator = reader.inside(applicationTag(AUTHENTICATOR), (outer) =>
    outer.inside(DER.sequence, (sequence) => {
      expectNumber(
        'authenticator-vno',
        PVNO,
        sequence.field(0, (field) => field.integer()),
      );
      const realm = sequence.field(1, (field) => field.text());
      const name = sequence.field(2, readPrincipalName);
      const flags = sequence.optionalField(3, readGssChecksum);
      const microseconds = sequence.field(4, (field) => field.integer());
      const seconds = sequence.field(5, (field) => field.time());
      const subkey = sequence.optionalField(6, readRawKey);
      const number = sequence.optionalField(7, (field) => field.integer() >>> 0); // some write it as a signed number
      sequence.optionalField(8, (field) => field.rest());
      if (flags === undefined) throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: 'the authenticator has no checksum' });
      if (microseconds < 0 || microseconds > 999_999) throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: `cusec is ${microseconds}` });
      const time = seconds + Math.floor(microseconds / 1000);
      return { client: { ...name, realm }, time, microseconds, subkey, sequence: number ?? 0, flags };
    }),
  );
  reader.end();
  return authenticator;
}

/** Checksum ::= SEQUENCE { cksumtype [0] Int32, checksum [1] OCTET STRING }: the flags. Channel bindings and delegated credentials are not used. */
function readGssChecksum(reader: DerReader): number {
  return reader.inside(DER.sequence, (sequence) => {
    expectNumber(
      'cksumtype',
      GSS_CHECKSUM,
      sequence.field(0, (field) => field.integer()),
    );
    const bytes = sequence.field(1, (field) => field.take(DER.octetString));
    if (bytes.length < GSS_CHECKSUM_BYTES)
      throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: `a GSS checksum of ${bytes.length} bytes` });
    expectNumber('length of the channel bindings', BINDINGS_BYTES, bytes.readUInt32LE());
    return bytes.readUInt32LE(4 + BINDINGS_BYTES);
  });
}
