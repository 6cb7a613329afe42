/** AP-REQ with the outside of its ticket: what a client shows to a service. RFC 4120 sections 5.3 and 5.5.1. */
import { DER, DerReader, applicationTag } from './der.ts';
import { derField, derInteger, derSequence, der } from './der-writer.ts';
import { readEncryptedData, writeEncryptedData } from './encrypted-data.ts';
import type { EncryptedData } from './encrypted-data.ts';
import { KerberosErrors } from './errors.ts';
import { readPrincipalName, writePrincipalName } from './principal.ts';
import type { Principal } from './principal.ts';

/** Kerberos version 5, in every message. */
export const PVNO = 5;
const AP_REQ = 14;
const TICKET = 1;
/** ap-options, the bit numbers of RFC 4120 section 5.5.1 from the highest bit down. */
const USE_SESSION_KEY = 0x4000_0000;
const MUTUAL_REQUIRED = 0x2000_0000;

/** What can be read without a key. */
export interface ApReq {
  /** The ticket is encrypted with the session key of another ticket: user-to-user authentication. */
  readonly usesSessionKey: boolean;
  /** The client wants an AP-REP. */
  readonly wantsMutual: boolean;
  readonly service: Principal;
  readonly ticket: EncryptedData;
  readonly authenticator: EncryptedData;
}

/** Throws KERBEROS_DER_* or KERBEROS_TOKEN_MALFORMED. */
export function readApReq(bytes: Buffer): ApReq {
  const reader = new DerReader(bytes);
  const request = reader.inside(applicationTag(AP_REQ), (outer) =>
    outer.inside(DER.sequence, (sequence) => {
      expectNumber(
        'pvno',
        PVNO,
        sequence.field(0, (field) => field.integer()),
      );
      expectNumber(
        'msg-type',
        AP_REQ,
        sequence.field(1, (field) => field.integer()),
      );
      const options = sequence.field(2, (field) => field.flags());
      return {
        usesSessionKey: (options & USE_SESSION_KEY) !== 0,
        wantsMutual: (options & MUTUAL_REQUIRED) !== 0,
        ...sequence.field(3, readTicket),
        authenticator: sequence.field(4, readEncryptedData),
      };
    }),
  );
  reader.end();
  return request;
}

/** The encoding, as a client sends it. */
export function writeApReq(request: ApReq): Buffer {
  const options = Buffer.alloc(5);
  options.writeUInt32BE((request.usesSessionKey ? USE_SESSION_KEY : 0) | (request.wantsMutual ? MUTUAL_REQUIRED : 0), 1);
  return der(
    applicationTag(AP_REQ),
    derSequence(
      derField(0, derInteger(PVNO)),
      derField(1, derInteger(AP_REQ)),
      derField(2, der(DER.bitString, options)),
      derField(3, writeTicket(request)),
      derField(4, writeEncryptedData(request.authenticator)),
    ),
  );
}

/** Throws KERBEROS_TOKEN_MALFORMED when a fixed number is another one. */
export function expectNumber(what: string, expected: number, found: number): void {
  if (found !== expected) throw KerberosErrors.KERBEROS_TOKEN_MALFORMED({ found: `${what} is ${found} instead of ${expected}` });
}

function readTicket(reader: DerReader): Pick<ApReq, 'service' | 'ticket'> {
  return reader.inside(applicationTag(TICKET), (outer) =>
    outer.inside(DER.sequence, (sequence) => {
      expectNumber(
        'tkt-vno',
        PVNO,
        sequence.field(0, (field) => field.integer()),
      );
      const realm = sequence.field(1, (field) => field.text());
      const name = sequence.field(2, readPrincipalName);
      return { service: { ...name, realm }, ticket: sequence.field(3, readEncryptedData) };
    }),
  );
}

function writeTicket({ service, ticket }: Pick<ApReq, 'service' | 'ticket'>): Buffer {
  const realm = der(DER.generalString, Buffer.from(service.realm, 'utf8'));
  return der(
    applicationTag(TICKET),
    derSequence(
      derField(0, derInteger(PVNO)),
      derField(1, realm),
      derField(2, writePrincipalName(service)),
      derField(3, writeEncryptedData(ticket)),
    ),
  );
}
