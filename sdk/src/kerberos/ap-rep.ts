/** AP-REP: the service's proof that it could read the ticket. RFC 4120 section 5.5.2. */
import { applicationTag } from './der.ts';
import { PVNO } from './ap-req.ts';
import type { Authenticator } from './authenticator.ts';
import { derField, derInteger, derSequence, derTime, der } from './der-writer.ts';
import { writeEncryptedData } from './encrypted-data.ts';
import { KEY_USAGE } from './enctype.ts';
import type { KerberosKey } from './kerberos-key.ts';

const AP_REP = 15;
const ENC_AP_REP_PART = 27;

/**
 * Repeats the authenticator's time under the ticket's session key. No subkey of ours: messages are signed with the client's.
 * @param sequence number of the first message that the service signs, 0..2^32-1
 */
export function writeApRep(sessionKey: KerberosKey, { time, microseconds }: Authenticator, sequence: number): Buffer {
  const part = der(
    applicationTag(ENC_AP_REP_PART),
    derSequence(derField(0, derTime(time)), derField(1, derInteger(microseconds)), derField(3, derInteger(sequence))),
  );
  const cipher = sessionKey.for(KEY_USAGE.apRepPart).encrypt(part);
  const encrypted = writeEncryptedData({ enctype: sessionKey.enctype.number, version: undefined, cipher });
  return der(applicationTag(AP_REP), derSequence(derField(0, derInteger(PVNO)), derField(1, derInteger(AP_REP)), derField(2, encrypted)));
}
