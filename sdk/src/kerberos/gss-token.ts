/** The frame of GSS-API tokens: the mechanism's object identifier, then what the mechanism puts there. RFC 2743 section 3.1, RFC 4121 section 4.1. */
import { DER, DerReader, applicationTag } from './der.ts';
import { der } from './der-writer.ts';
import { KerberosErrors } from './errors.ts';

/** Object identifiers, as the hexadecimal contents of their encoding. */
export const OID = {
  /** 1.2.840.113554.1.2.2 */
  kerberos: '2a864886f712010202',
  /** 1.2.840.48018.1.2.2, which Windows 2000 sent by a slip and everything after it still offers first. */
  kerberosOfWindows: '2a864882f712010202',
  /** 1.3.6.1.5.5.2 */
  spnego: '2b0601050502',
  /** 1.3.6.1.4.1.311.2.2.10 */
  ntlm: '2b06010401823702020a',
} as const;

/** TOK_ID of the tokens that set up a context. RFC 4121 section 4.1. */
export const TOKEN_ID = { apReq: 0x0100, apRep: 0x0200, error: 0x0300 } as const;

const FRAME = applicationTag(0);

/** True for either object identifier of Kerberos. */
export function isKerberos(oid: string): boolean {
  return oid === OID.kerberos || oid === OID.kerberosOfWindows;
}

/** One OBJECT IDENTIFIER, in the form of {@link OID}. Throws KERBEROS_DER_*. */
export function readOid(reader: DerReader): string {
  return reader.take(DER.oid).toString('hex');
}

/** One OBJECT IDENTIFIER. */
export function writeOid(oid: string): Buffer {
  return der(DER.oid, Buffer.from(oid, 'hex'));
}

/** Takes the frame off. Throws KERBEROS_DER_*. */
export function readFrame(token: Buffer): { readonly oid: string; readonly body: Buffer } {
  const reader = new DerReader(token);
  const frame = reader.inside(FRAME, (inner) => ({ oid: readOid(inner), body: inner.rest() }));
  reader.end();
  return frame;
}

/** Puts a frame around. */
export function writeFrame(oid: string, ...body: readonly Buffer[]): Buffer {
  return der(FRAME, writeOid(oid), ...body);
}

/** The AP-REQ in an initial context token. Throws KERBEROS_DER_* or KERBEROS_TOKEN_MALFORMED. */
export function unframeApReq(token: Buffer): Buffer {
  const { oid, body } = readFrame(token);
  if (!isKerberos(oid)) throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: 'it is of another GSS-API mechanism' });
  if (body.length < 2 || body.readUInt16BE() !== TOKEN_ID.apReq)
    throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: 'it is no AP-REQ' });
  return body.subarray(2);
}

/** An AP-REP as the acceptor's context token. */
export function frameApRep(apRep: Buffer): Buffer {
  return writeFrame(OID.kerberos, tokenId(TOKEN_ID.apRep), apRep);
}

/** The two bytes of a TOK_ID. */
export function tokenId(id: number): Buffer {
  return Buffer.from([id >> 8, id & 0xff]);
}
