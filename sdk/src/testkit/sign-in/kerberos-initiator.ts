/** The client's side of a session whose token and keytab are known: signs what it sends, verifies what it gets. */
import { readApReq } from '../../kerberos/ap-req.ts';
import { readAuthenticator } from '../../kerberos/authenticator.ts';
import { usableKey } from '../../kerberos/encrypted-data.ts';
import { KEY_USAGE } from '../../kerberos/enctype.ts';
import { unframeApReq } from '../../kerberos/gss-token.ts';
import type { KerberosKey } from '../../kerberos/kerberos-key.ts';
import type { Keytab } from '../../kerberos/keytab.ts';
import { readTicketPart } from '../../kerberos/ticket-part.ts';
import { initiatorMic } from './kerberos-issuer.ts';

const HEADER_BYTES = 16;
const SEQUENCE_AT = 8;
const ACCEPTOR_HEADER = '040401ffffffffff';

/** An initiator without mutual authentication, with AES keys. */
export class KerberosInitiator {
  readonly key: KerberosKey;
  /** Of its first message, and of the first one that it expects. */
  readonly sequence: number;

  constructor(token: Buffer, keytab: Keytab) {
    const request = readApReq(unframeApReq(token));
    const search = keytab.find(request.service, request.ticket.enctype, request.ticket.version);
    if (search.kind !== 'found') throw new Error(`the keytab does not open the ticket: ${search.kind}`);
    const ticket = readTicketPart(search.keys[0]?.for(KEY_USAGE.ticket).decrypt(request.ticket.cipher) as Buffer);
    const sessionKey = usableKey(ticket.key);
    const proof = sessionKey.for(KEY_USAGE.apReqAuthenticator).decrypt(request.authenticator.cipher) as Buffer;
    const { subkey, sequence } = readAuthenticator(proof);
    this.key = subkey === undefined ? sessionKey : usableKey(subkey);
    this.sequence = sequence;
  }

  /** Hexadecimal, as clients send it. @param nth message, from 0 */
  sign(buffer: string, nth: number): string {
    return initiatorMic(this.key, Buffer.from(buffer, 'latin1'), this.sequence + nth)
      .toString('hex')
      .toUpperCase();
  }

  /** Which message of the acceptor a signature says it is of, from 0. */
  nthOf(signature: string): number {
    return Number(Buffer.from(signature, 'hex').readBigUInt64BE(SEQUENCE_AT)) - this.sequence;
  }

  /** Whether the acceptor signed `buffer` as its nth message. */
  verifies(buffer: string, signature: string, nth: number): boolean {
    const token = Buffer.from(signature, 'hex');
    const header = token.subarray(0, HEADER_BYTES);
    const isNth = header.toString('hex', 0, 8) === ACCEPTOR_HEADER && header.readBigUInt64BE(SEQUENCE_AT) === BigInt(this.sequence + nth);
    const expected = this.key.for(KEY_USAGE.acceptorSign).checksum(Buffer.from(buffer, 'latin1'), header);
    return isNth && token.subarray(HEADER_BYTES).equals(expected);
  }
}
