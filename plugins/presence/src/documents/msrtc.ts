/** Presence as clients of LCS 2005 know it. [MS-SIP] section 2.2; sheet section 3.11. */
import { xmlElement } from '@parley/sdk';
import type { Markup, XmlElement } from '@parley/sdk';
import { AVAILABILITY, availabilityClass } from '../aggregate/availability.ts';
import type { AvailabilityClass } from '../aggregate/availability.ts';
import type { PlainPresence, ShownPresence } from './pidf.ts';
import { malformed, unsigned } from './read.ts';

/** Somebody as old clients are shown them. */
export interface LegacyPresence extends ShownPresence {
  readonly email?: string | undefined;
  /** As people read it. */
  readonly phone?: string | undefined;
}

/** Aggregate numbers of old clients: whether somebody is there, and what they do. */
interface Pair {
  readonly availability: number;
  readonly activity: number;
}

const ONLINE = 300;
const ON_THE_PHONE: Pair = { availability: ONLINE, activity: 500 };
const MAX_NOTE = 1024;

/** The document for watchers, `CONTENT_TYPES.msrtcPidf`. */
export function msrtcDocument(presence: LegacyPresence): string {
  const { aor, displayName, email, phone } = presence;
  const { availability, activity } = pairOf(presence);
  const device = [
    xmlElement('availability', { aggregate: availability, description: '' }),
    xmlElement('activity', { aggregate: activity, description: '' }),
  ];
  return xmlElement(
    'presentity',
    { uri: aor },
    device,
    xmlElement('displayName', { displayName: displayName ?? aor }),
    xmlElement('email', { email: email ?? aor }),
    phone === undefined ? undefined : xmlElement('phoneNumber', { label: '', number: phone }),
    noteMarkup(presence.note),
    xmlElement('devices', {}, availability === 0 ? undefined : xmlElement('devicePresence', { epid: '', ageOfPresence: 0 }, device)),
  ).text;
}

function noteMarkup(note: string | undefined): Markup {
  return xmlElement('userInfo', {}, note === undefined || note === '' ? undefined : xmlElement('note', {}, note.slice(0, MAX_NOTE)));
}

/** By class. */
const PAIRS: Readonly<Record<AvailabilityClass, Pair>> = {
  available: { availability: ONLINE, activity: 400 },
  'available-idle': { availability: ONLINE, activity: 200 },
  busy: { availability: ONLINE, activity: 600 },
  'busy-idle': { availability: ONLINE, activity: 600 },
  'do-not-disturb': { availability: ONLINE, activity: 600 },
  'be-right-back': { availability: ONLINE, activity: 300 },
  away: { availability: ONLINE, activity: 100 },
  offline: { availability: 0, activity: 100 },
};

function pairOf({ availability, token }: ShownPresence): Pair {
  const what = availabilityClass(availability);
  return what === 'busy' && token === 'on-the-phone' ? ON_THE_PHONE : PAIRS[what];
}

/** What an activity number of old clients says, from above. */
const ACTIVITIES: readonly (readonly [least: number, presence: PlainPresence])[] = [
  [800, { machine: AVAILABILITY.available }],
  [700, { machine: AVAILABILITY.away }],
  [600, { machine: AVAILABILITY.available, doing: { availability: AVAILABILITY.busy } }],
  [500, { machine: AVAILABILITY.available, doing: { availability: AVAILABILITY.busy, token: 'on-the-phone' } }],
  [400, { machine: AVAILABILITY.available }],
  [300, { machine: AVAILABILITY['be-right-back'] }],
  [200, { machine: AVAILABILITY['available-idle'] }],
  [0, { machine: AVAILABILITY.away }],
];

/** Reads the `presentity` of setPresence, or of a document like those above. Throws PRESENCE_DOCUMENT_MALFORMED. */
export function readPresentity(presentity: XmlElement): PlainPresence {
  const note = presentity.find('userInfo', 'note')?.text.trim().slice(0, MAX_NOTE) || undefined;
  const availability = aggregateOf(presentity, 'availability') ?? ONLINE;
  if (availability < ONLINE) return { machine: availability === 0 ? AVAILABILITY.offline : AVAILABILITY.away, note };
  const activity = aggregateOf(presentity, 'activity') ?? 400;
  const [, presence] = ACTIVITIES.find(([least]) => activity >= least) as (typeof ACTIVITIES)[number];
  return { ...presence, note };
}

/** Clients write the attribute with the prefix of the operation. */
function aggregateOf(presentity: XmlElement, child: string): number | undefined {
  const text = presentity.child(child)?.attributes.find(({ local }) => local === 'aggregate')?.value;
  if (text === undefined) return undefined;
  const number = unsigned(text);
  if (number === undefined) throw malformed('presentity', `the aggregate of ${child} is no number`);
  return number;
}
