/** Documents of the category `state`. [MS-PRES] S7, S16; sheet ms-pres-schemas section 3.6. */
import type { XmlElement } from '@parley/sdk';

export type StateType = 'userState' | 'machineState' | 'phoneState' | 'calendarState' | 'aggregateState' | 'aggregateMachineState';

/** What somebody does, shown when the availability is within its bounds. */
export interface Activity {
  /** `on-the-phone`. */
  readonly token?: string | undefined;
  /** The element as markup that can stand anywhere; what is inside (texts of other languages) is kept. */
  readonly markup: string;
  /** Default 0. */
  readonly least: number;
  /** Default 4294967295. */
  readonly most: number;
}

/** What aggregation needs of a state document. */
export interface StateDocument {
  /** Undefined for a type that is not known: it takes no part. */
  readonly type: StateType | undefined;
  readonly manual: boolean;
  /** 0..4294967295; undefined when it says none. */
  readonly availability: number | undefined;
  readonly activities: readonly Activity[];
  readonly endpointLocation: string | undefined;
  readonly device: string | undefined;
  readonly timeZone: { readonly bias?: string | undefined; readonly name?: string | undefined; readonly abbreviation?: string | undefined };
  /** Milliseconds since 1970. */
  readonly startTime: number | undefined;
  readonly meetingSubject: string | undefined;
  readonly meetingLocation: string | undefined;
}

/** Reads the root element of a state. Throws PRESENCE_DOCUMENT_MALFORMED when the availability is no unsigned 32-bit number. */
export function readState(state: XmlElement): StateDocument {
  void state;
  throw new Error('not there yet');
}
