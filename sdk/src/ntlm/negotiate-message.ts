/** NEGOTIATE_MESSAGE, with which a client begins on a connection. In SIP there is none. [MS-NLMP] section 2.2.1.1 */
import { NTLM_TYPE, checkHead } from './message.ts';

const FLAGS_AT = 12;
const MIN_LENGTH = 16;

/** The flags that a client asks for; names in it are not believed and not read. Throws NTLM_MALFORMED. */
export function decodeNegotiate(message: Buffer): { readonly flags: number } {
  checkHead(message, NTLM_TYPE.NEGOTIATE, MIN_LENGTH);
  return { flags: message.readUInt32LE(FLAGS_AT) };
}
