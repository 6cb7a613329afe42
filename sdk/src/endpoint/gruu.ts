/** Addresses of one endpoint: the GRUU of [MS-SIPRE] section 3.3 and the public GRUU of RFC 5627. */
import { bytesToUuid, uuidToBytes } from './instance.ts';

/** `opaque` values that begin like this name an endpoint of a user. Compared without case; the id behind it with case. */
const OPAQUE_PREFIX = 'user:epid:';
/** base64url of 18 bytes: 16 of the UUID, two of zero. */
const ID_LENGTH = 24;
const PADDING = Buffer.alloc(2);

/** The endpoint's id in its GRUU, 24 characters of base64url. `uuid` is the text of its +sip.instance. */
export function gruuId(uuid: string): string {
  return Buffer.concat([uuidToBytes(uuid), PADDING], 18).toString('base64url');
}

/** The UUID (lower case) that an `opaque` value like `user:epid:qIIWS2j5AVeD_HxnQdxmlwAA` stands for; undefined when it is none of ours. */
export function instanceOfOpaque(opaque: string): string | undefined {
  if (opaque.length !== OPAQUE_PREFIX.length + ID_LENGTH) return undefined;
  if (opaque.slice(0, OPAQUE_PREFIX.length).toLowerCase() !== OPAQUE_PREFIX) return undefined;
  const id = opaque.slice(OPAQUE_PREFIX.length);
  const bytes = Buffer.from(id, 'base64url');
  // One spelling for each endpoint: what does not decode to 18 bytes and back to itself was not made here.
  if (bytes.length !== 18 || bytes[16] !== 0 || bytes[17] !== 0 || bytes.toString('base64url') !== id) return undefined;
  return bytesToUuid(bytes);
}

/** GRUU of an endpoint; `addressOfRecord` is `alice@example.com`, escaped as in a URI. [MS-SIPRE] 3.3, parameters in the order of real servers. */
export function endpointGruu(addressOfRecord: string, uuid: string): string {
  return `sip:${addressOfRecord};opaque=${OPAQUE_PREFIX}${gruuId(uuid)};gruu`;
}

/** Public GRUU of RFC 5627 section 3.1.1. */
export function publicGruu(addressOfRecord: string, uuid: string): string {
  return `sip:${addressOfRecord};gr=urn:uuid:${uuid}`;
}

/** The UUID in the `gr` parameter of a public GRUU; undefined for any other value. */
export function instanceOfGr(gr: string): string | undefined {
  const match = /^urn:uuid:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(gr);
  return match?.[1]?.toLowerCase();
}
