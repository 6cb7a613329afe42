/** What the two sides of an NTLM exchange agree on. [MS-NLMP] section 2.2.2.5 */

/** Negotiate flags by their names in the specification, without the prefix NTLMSSP_NEGOTIATE_. */
export const NTLM_FLAGS = {
  UNICODE: 0x1,
  OEM: 0x2,
  REQUEST_TARGET: 0x4,
  SIGN: 0x10,
  SEAL: 0x20,
  DATAGRAM: 0x40,
  LM_KEY: 0x80,
  NTLM: 0x200,
  ALWAYS_SIGN: 0x8000,
  TARGET_TYPE_SERVER: 0x20000,
  EXTENDED_SESSIONSECURITY: 0x80000,
  IDENTIFY: 0x100000,
  TARGET_INFO: 0x800000,
  VERSION: 0x2000000,
  KEY_128: 0x20000000,
  KEY_EXCH: 0x40000000,
  KEY_56: 0x80000000,
} as const;

const F = NTLM_FLAGS;

/**
 * What OCS 2007 R2 and Lync 2013 send in SIP; clients give up without UNICODE, SIGN, DATAGRAM, NTLM, ALWAYS_SIGN,
 * EXTENDED_SESSIONSECURITY, IDENTIFY, TARGET_INFO and KEY_EXCH. 0xE29882F3, [MS-SIPAE] section 3.3 of the sheet.
 */
export const DATAGRAM_FLAGS =
  (F.UNICODE |
    F.OEM |
    F.SIGN |
    F.SEAL |
    F.DATAGRAM |
    F.LM_KEY |
    F.NTLM |
    F.ALWAYS_SIGN |
    F.EXTENDED_SESSIONSECURITY |
    F.IDENTIFY |
    F.TARGET_INFO |
    F.VERSION |
    F.KEY_128 |
    F.KEY_EXCH |
    F.KEY_56) >>>
  0;

/** Always in an answer to a NEGOTIATE. */
const CONNECTION_FLAGS =
  F.UNICODE | F.NTLM | F.ALWAYS_SIGN | F.EXTENDED_SESSIONSECURITY | F.TARGET_INFO | F.TARGET_TYPE_SERVER | F.REQUEST_TARGET;
/** In an answer to a NEGOTIATE that asks for them. [MS-NLMP] section 3.2.5.1.1 */
const OFFERED_FLAGS = F.SIGN | F.SEAL | F.VERSION | F.KEY_128 | F.KEY_EXCH | F.KEY_56;

/** The flags that answer a client's NEGOTIATE, where a connection carries the exchange. */
export function connectionFlags(asked: number): number {
  return (CONNECTION_FLAGS | (asked & OFFERED_FLAGS)) >>> 0;
}
