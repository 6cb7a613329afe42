/** Documents of the category `state`. [MS-PRES] S7, S16; sheet ms-pres-schemas section 3.6. */
import { xmlElement } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { NAMESPACES } from '../documents/namespaces.ts';
import { MAX_UNSIGNED_INT, booleanOf, malformed, quoted, unsigned, withoutPrefix } from '../documents/read.ts';

const STATE_TYPES = ['userState', 'machineState', 'phoneState', 'calendarState', 'aggregateState', 'aggregateMachineState'] as const;

/** Who says it: the user, a machine, a phone, a calendar; or the server, of several. */
export type StateType = (typeof STATE_TYPES)[number];

/** What somebody does, shown when the availability is within its bounds. */
export interface Activity {
  /** `on-the-phone`. */
  readonly token?: string | undefined;
  /** The element as it stands in a state document: its own texts are kept. */
  readonly markup: string;
  /** Default 0. */
  readonly least: number;
  /** Default 4294967295. */
  readonly most: number;
}

/** Where a machine is in the day, as its client wrote it. */
export interface TimeZone {
  /** Minutes. */
  readonly bias?: string | undefined;
  readonly name?: string | undefined;
  readonly abbreviation?: string | undefined;
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
  readonly timeZone: TimeZone;
  /** Milliseconds since 1970. */
  readonly startTime: number | undefined;
  readonly meetingSubject: string | undefined;
  readonly meetingLocation: string | undefined;
}

/** What no client comes near; what is beyond is not looked at. */
const MAX_ACTIVITIES = 16;
const MAX_CUSTOM = 16;
const MAX_TEXT = 1024;

/** Reads the root element of a state. Throws PRESENCE_DOCUMENT_MALFORMED when the availability is no unsigned 32-bit number. */
export function readState(state: XmlElement): StateDocument {
  return {
    type: typeOf(state),
    manual: booleanOf(state.attribute('manual')),
    availability: availabilityOf(state),
    activities: state.all('activity').slice(0, MAX_ACTIVITIES).map(readActivity),
    endpointLocation: textOf(state, 'endpointLocation'),
    device: textOf(state, 'device'),
    timeZone: {
      bias: textOf(state, 'timeZoneBias'),
      name: textOf(state, 'timeZoneName'),
      abbreviation: textOf(state, 'timeZoneAbbreviation'),
    },
    startTime: timeOf(state.attribute('startTime')),
    meetingSubject: textOf(state, 'meetingSubject'),
    meetingLocation: textOf(state, 'meetingLocation'),
  };
}

/** By its local name: clients write the attribute with and without a prefix, and some put one before the value. */
function typeOf(state: XmlElement): StateType | undefined {
  const name = withoutPrefix(state.attribute('type', NAMESPACES.xsi) ?? state.attribute('type') ?? '');
  return STATE_TYPES.find((type) => type === name);
}

function availabilityOf(state: XmlElement): number | undefined {
  const element = state.child('availability');
  if (element === undefined) return undefined;
  const availability = unsigned(element.text);
  if (availability === undefined) {
    throw malformed('state', `availability is ${quoted(element.text)}, not a number from 0 to ${MAX_UNSIGNED_INT}`);
  }
  return availability;
}

function readActivity(activity: XmlElement): Activity {
  const token = activity.attribute('token')?.trim().slice(0, MAX_TEXT) || undefined;
  const least = boundOf(activity, 'minAvailability');
  const most = boundOf(activity, 'maxAvailability');
  const custom = activity
    .all('custom')
    .slice(0, MAX_CUSTOM)
    .map((text) => xmlElement('custom', { LCID: text.attribute('LCID') }, text.text.slice(0, MAX_TEXT)));
  const { text: markup } = xmlElement('activity', { token, minAvailability: least, maxAvailability: most }, custom);
  return { token, markup, least: least ?? 0, most: most ?? MAX_UNSIGNED_INT };
}

/** A bound that is no number is none: a publish never fails for what only decides a caption. */
function boundOf(activity: XmlElement, name: string): number | undefined {
  return unsigned(activity.attribute(name) ?? '');
}

function textOf(state: XmlElement, child: string): string | undefined {
  return state.child(child)?.text.trim().slice(0, MAX_TEXT) || undefined;
}

function timeOf(text: string | undefined): number | undefined {
  const time = Date.parse(text ?? '');
  return Number.isNaN(time) ? undefined : time;
}
