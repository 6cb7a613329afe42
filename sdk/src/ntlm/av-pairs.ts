/** The list of attributes that NTLM messages carry about a server. [MS-NLMP] section 2.2.2.1 */
import { NtlmErrors } from './errors.ts';

/** AvId values. */
export const AV = {
  EOL: 0,
  NB_COMPUTER_NAME: 1,
  NB_DOMAIN_NAME: 2,
  DNS_COMPUTER_NAME: 3,
  DNS_DOMAIN_NAME: 4,
  DNS_TREE_NAME: 5,
  FLAGS: 6,
  TIMESTAMP: 7,
} as const;

const PAIR_HEAD = 4;
/** More than any client sends. */
const MAX_PAIRS = 32;

/** What a server says of itself. */
export interface NtlmTarget {
  /** `EXAMPLE`, at most 15 characters. */
  readonly netbiosDomain: string;
  /** `UC`, at most 15 characters. */
  readonly netbiosComputer: string;
  /** `example.com` */
  readonly dnsDomain: string;
  /** `uc.example.com` */
  readonly dnsComputer: string;
}

/** TargetInfo of a CHALLENGE, in the order of OCS and Lync. */
export function encodeTargetInfo(target: NtlmTarget): Buffer {
  return Buffer.concat([
    pair(AV.NB_DOMAIN_NAME, target.netbiosDomain),
    pair(AV.NB_COMPUTER_NAME, target.netbiosComputer),
    pair(AV.DNS_DOMAIN_NAME, target.dnsDomain),
    pair(AV.DNS_COMPUTER_NAME, target.dnsComputer),
    Buffer.alloc(PAIR_HEAD),
  ]);
}

/** Values by AvId, up to the end mark. Throws NTLM_MALFORMED. */
export function decodeAvPairs(bytes: Buffer): Map<number, Buffer> {
  const pairs = new Map<number, Buffer>();
  let at = 0;
  for (let count = 0; count < MAX_PAIRS; count++) {
    if (at + PAIR_HEAD > bytes.length) throw NtlmErrors.NTLM_MALFORMED({ found: 'a list of attributes without an end' });
    const id = bytes.readUInt16LE(at);
    const end = at + PAIR_HEAD + bytes.readUInt16LE(at + 2);
    if (id === AV.EOL) return pairs;
    if (end > bytes.length) throw NtlmErrors.NTLM_MALFORMED({ found: 'an attribute beyond the end' });
    pairs.set(id, bytes.subarray(at + PAIR_HEAD, end));
    at = end;
  }
  throw NtlmErrors.NTLM_MALFORMED({ found: 'too many attributes' });
}

function pair(id: number, text: string): Buffer {
  const value = Buffer.from(text, 'utf16le');
  const head = Buffer.alloc(PAIR_HEAD);
  head.writeUInt16LE(id, 0);
  head.writeUInt16LE(value.length, 2);
  return Buffer.concat([head, value]);
}
