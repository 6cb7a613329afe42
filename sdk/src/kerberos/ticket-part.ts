/** The encrypted part of a ticket: what the KDC tells the service. RFC 4120 section 5.3. */
import { DER, DerReader, applicationTag } from './der.ts';
import { readRawKey } from './encrypted-data.ts';
import type { RawKey } from './encrypted-data.ts';
import { readPrincipalName } from './principal.ts';
import type { Principal } from './principal.ts';

const ENC_TICKET_PART = 3;
/** TicketFlags, from the highest bit down. */
const INVALID = 0x0100_0000;
const TRANSITED_CHECKED = 0x0008_0000;

/** Times in milliseconds since 1970. */
export interface TicketPart {
  /** Postdated and not yet validated by the KDC. */
  readonly invalid: boolean;
  /** The KDC has checked the realms that the ticket came through. */
  readonly transitedChecked: boolean;
  /** Whether it came through realms other than those of client and service. */
  readonly transited: boolean;
  readonly key: RawKey;
  readonly client: Principal;
  /** Start of its validity: starttime, or authtime without one. */
  readonly startsAt: number;
  readonly endsAt: number;
}

/** Throws KERBEROS_DER_*. What follows the times (renewal, addresses, authorization data) is checked for form alone. */
export function readTicketPart(bytes: Buffer): TicketPart {
  const reader = new DerReader(bytes);
  const part = reader.inside(applicationTag(ENC_TICKET_PART), (outer) =>
    outer.inside(DER.sequence, (sequence) => {
      const flags = sequence.field(0, (field) => field.flags());
      const key = sequence.field(1, readRawKey);
      const realm = sequence.field(2, (field) => field.text());
      const name = sequence.field(3, readPrincipalName);
      const transited = sequence.field(4, readTransited);
      const authenticatedAt = sequence.field(5, (field) => field.time());
      const startsAt = sequence.optionalField(6, (field) => field.time());
      const endsAt = sequence.field(7, (field) => field.time());
      for (const n of [8, 9, 10]) sequence.optionalField(n, (field) => field.rest());
      return {
        invalid: (flags & INVALID) !== 0,
        transitedChecked: (flags & TRANSITED_CHECKED) !== 0,
        transited: transited.length > 0,
        key,
        client: { ...name, realm },
        startsAt: startsAt ?? authenticatedAt,
        endsAt,
      };
    }),
  );
  reader.end();
  return part;
}

/** TransitedEncoding ::= SEQUENCE { tr-type [0] Int32, contents [1] OCTET STRING }: the contents. */
function readTransited(reader: DerReader): Buffer {
  return reader.inside(DER.sequence, (sequence) => {
    sequence.field(0, (field) => field.integer());
    return sequence.field(1, (field) => field.take(DER.octetString));
  });
}
