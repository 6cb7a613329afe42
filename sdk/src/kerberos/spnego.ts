/** SPNEGO as HTTP clients use it: their first choice with its token in one message, our answer in one. RFC 4178. */
import { DER, DerReader, contextTag } from './der.ts';
import { derField, derInteger, derOctets, derSequence } from './der-writer.ts';
import { KerberosErrors } from './errors.ts';
import { OID, readFrame, readOid, writeOid } from './gss-token.ts';

const MAX_MECHANISMS = 16;
const NEG_TOKEN_INIT = 0;
const NEG_TOKEN_RESP = 1;

/** A client's opening. */
export interface NegTokenInit {
  /** Object identifiers in the form of `OID`, the client's favourite first. */
  readonly mechanisms: readonly string[];
  /** Token of the first mechanism. */
  readonly token: Buffer | undefined;
}

/** negState. RFC 4178 section 4.2.2. */
export const NEG_STATE = { acceptCompleted: 0, acceptIncomplete: 1, reject: 2 } as const;

/** Whether a token is in SPNEGO's frame; false for anything that has no frame. */
export function isSpnego(token: Buffer): boolean {
  try {
    return readFrame(token).oid === OID.spnego;
  } catch {
    return false;
  }
}

/** Reads a client's first token. Throws KERBEROS_DER_* or KERBEROS_TOKEN_MALFORMED. */
export function readNegTokenInit(token: Buffer): NegTokenInit {
  const { oid, body } = readFrame(token);
  if (oid !== OID.spnego) throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: 'it is not SPNEGO' });
  const reader = new DerReader(body, 1);
  if (reader.peek() === contextTag(NEG_TOKEN_RESP)) {
    throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: 'it goes on with a negotiation that did not begin here' });
  }
  const init = reader.field(NEG_TOKEN_INIT, (choice) =>
    choice.inside(DER.sequence, (sequence) => {
      const mechanisms = sequence.field(0, (field) => field.inside(DER.sequence, (list) => list.list(MAX_MECHANISMS, readOid)));
      sequence.optionalField(1, (field) => field.take(DER.bitString));
      const mechToken = sequence.optionalField(2, (field) => field.take(DER.octetString));
      // A mechListMIC, or the negHints that Windows puts there.
      for (const n of [3, 4]) sequence.optionalField(n, (field) => field.rest());
      return { mechanisms, token: mechToken };
    }),
  );
  reader.end();
  return init;
}

/**
 * The answer to it.
 * @param mechanism the one that was chosen, in the form of `OID`
 * @param token what the mechanism has to say
 */
export function writeNegTokenResp(state: number, mechanism: string | undefined, token: Buffer | undefined): Buffer {
  return derField(
    NEG_TOKEN_RESP,
    derSequence(
      derField(0, derInteger(state, DER.enumerated)),
      ...(mechanism === undefined ? [] : [derField(1, writeOid(mechanism))]),
      ...(token === undefined ? [] : [derField(2, derOctets(token))]),
    ),
  );
}
