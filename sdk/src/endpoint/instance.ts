/** The name of an endpoint: `+sip.instance` and the UUID that belongs to an epid. [MS-SIPRE] sections 3.1, 3.2; RFC 5626 section 4.1. */
import { createHash } from 'node:crypto';

/** fcacfb03-8a73-46ef-91b1-e5ebeeaba4fe in GUID memory order: the name space of UUIDs made from an epid. [MS-SIPRE] 3.2 */
const EPID_NAMESPACE = Buffer.from('03fbacfc738aef4691b1e5ebeeaba4fe', 'hex');
const UUID_LENGTH = 16;
const UUID_TEXT = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const URN_PREFIX = 'urn:uuid:';

/** Longest epid that is accepted. Real clients send 10 to 12 digits; [MS-SIPRE] 3.1 advises to take up to 16. */
export const MAX_EPID_LENGTH = 16;

/** UUID text to its 16 bytes in GUID memory order: the first three groups are little endian. */
export function uuidToBytes(uuid: string): Buffer {
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex');
  return swapGroups(bytes);
}

/** The reverse of `uuidToBytes`; lower-case text. */
export function bytesToUuid(bytes: Buffer): string {
  const hex = swapGroups(Buffer.from(bytes.subarray(0, UUID_LENGTH))).toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function swapGroups(bytes: Buffer): Buffer {
  bytes.subarray(0, 4).reverse();
  bytes.subarray(4, 6).reverse();
  bytes.subarray(6, 8).reverse();
  return bytes;
}

/** The UUID that a client with this epid must register with. [MS-SIPRE] 3.2 */
export function instanceOfEpid(epid: string): string {
  const bytes = createHash('sha1').update(EPID_NAMESPACE).update(epid, 'latin1').digest();
  bytes[7] = ((bytes[7] as number) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  return bytesToUuid(bytes);
}

/**
 * The UUID inside a `+sip.instance` value, `"<urn:uuid:4b1682a8-...>"`, spelt as the client spelt it; undefined for anything else.
 * The quotes may be gone already. Clients look for their own spelling in the answer, so it is kept.
 */
export function readInstance(value: string): string | undefined {
  const start = value.startsWith('"') ? 1 : 0;
  const end = start === 1 && value.endsWith('"') ? value.length - 1 : value.length;
  if (value[start] !== '<' || value[end - 1] !== '>') return undefined;
  const urn = value.slice(start + 1, end - 1);
  if (urn.length !== URN_PREFIX.length + 36 || urn.slice(0, URN_PREFIX.length).toLowerCase() !== URN_PREFIX) return undefined;
  const uuid = urn.slice(URN_PREFIX.length);
  return UUID_TEXT.test(uuid) ? uuid : undefined;
}

/** True when two UUID texts name the same endpoint. */
export function sameInstance(a: string, b: string): boolean {
  return a === b || (a.length === b.length && a.toLowerCase() === b.toLowerCase());
}
