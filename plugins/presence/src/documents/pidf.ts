/** Presence as plain SIP clients know it. RFC 3863, RFC 4479, RFC 4480. */
import { xmlElement } from '@parley/sdk';
import type { Markup, XmlElement } from '@parley/sdk';
import { AVAILABILITY, availabilityClass } from '../aggregate/availability.ts';
import { stateMarkup } from '../aggregate/write-state.ts';
import { NAMESPACES } from './namespaces.ts';
import { readDocument } from './read.ts';

/** What a plain client says of its user, in terms of states. */
export interface PlainPresence {
  /** What its machine is, for a machineState: 3500, 5000, 12500, 15500 or 18500. */
  readonly machine: number;
  /** What its user does, for a phoneState bound to the same endpoint; undefined: nothing beyond being there. */
  readonly doing?: Doing | undefined;
  /** At most 1024 characters. */
  readonly note?: string | undefined;
}

/** Something that keeps a user busy. */
export interface Doing {
  readonly availability: number;
  readonly token?: string | undefined;
}

const BUSY = AVAILABILITY.busy;
const MAX_NOTE = 1024;
/** What presentation is from, on the scale of availability. */
const PRESENTING = 9000;

/** What keeps somebody busy, by the names of RFC 4480 section 3.2 and those that phones made up. */
const DOINGS: Readonly<Record<string, Doing>> = {
  'on-the-phone': { availability: BUSY, token: 'on-the-phone' },
  busy: { availability: BUSY },
  meeting: { availability: BUSY, token: 'in-a-meeting' },
  appointment: { availability: BUSY, token: 'in-a-meeting' },
  presentation: { availability: PRESENTING, token: 'in-presentation' },
  dnd: { availability: AVAILABILITY['do-not-disturb'] },
  'do-not-disturb': { availability: AVAILABILITY['do-not-disturb'] },
};

/** Who does these is not where the phone is. */
const AWAY: ReadonlySet<string> = new Set(
  'away breakfast dinner holiday in-transit lunch meal permanent-absence shopping sleeping steering travel vacation'.split(' '),
);

/** Reads the body of a PUBLISH or NOTIFY. Throws PRESENCE_DOCUMENT_*. */
export function readPidf(body: Buffer | string): PlainPresence {
  const limits = { size: 65_536, depth: 16, elements: 500 };
  const { root } = readDocument(body, 'presence document', { local: 'presence', namespace: NAMESPACES.pidf }, limits);
  const note = noteOf(root);
  if (isClosed(root)) return { machine: AVAILABILITY.offline, note };
  const activities = new Set(activitiesOf(root));
  const machine = machineOf(root, activities);
  const doings = Object.keys(DOINGS).flatMap((name) => (activities.has(name) ? [DOINGS[name] as Doing] : []));
  const doing = doings.toSorted(
    (a, b) => b.availability - a.availability || Number(b.token !== undefined) - Number(a.token !== undefined),
  )[0];
  return { machine, doing, note };
}

/** Closed when some tuple says so and none is open. */
function isClosed(root: XmlElement): boolean {
  const said = root.all('tuple').map((tuple) => tuple.find('status', 'basic')?.text.trim().toLowerCase());
  return said.includes('closed') && !said.includes('open');
}

/** Local names, wherever they are: of persons, of tuples, in namespaces of drafts. `<activity>busy</activity>` is the form of drafts. */
function* activitiesOf(root: XmlElement): Generator<string> {
  for (const activities of root.descendants('activities')) {
    for (const activity of activities.elements) yield (activity.local === 'activity' ? activity.text.trim() : activity.local).toLowerCase();
  }
}

function machineOf(root: XmlElement, activities: ReadonlySet<string>): number {
  if ([...activities].some((activity) => AWAY.has(activity))) return AVAILABILITY.away;
  const inputs = [...root.descendants('user-input')].map((input) => input.text.trim().toLowerCase());
  const idle = inputs.includes('idle') && !inputs.includes('active');
  return idle ? AVAILABILITY['available-idle'] : AVAILABILITY.available;
}

function noteOf(root: XmlElement): string | undefined {
  for (const note of root.descendants('note')) {
    const text = note.text.trim().slice(0, MAX_NOTE);
    if (text !== '') return text;
  }
  return undefined;
}

/** State documents to be stored as if the phone had published them; `doing` undefined: none. */
export function statesOfPidf({ machine, doing }: PlainPresence): { readonly machine: string; readonly doing: string | undefined } {
  return {
    machine: stateMarkup('machineState', { availability: machine }),
    doing: doing === undefined ? undefined : doingMarkup(doing),
  };
}

function doingMarkup({ availability, token }: Doing): string {
  if (token === undefined) return stateMarkup('phoneState', { availability });
  const [least, most] = [availability, availability < PRESENTING ? 8999 : 11_999];
  const { text: markup } = xmlElement('activity', { token, minAvailability: least, maxAvailability: most });
  return stateMarkup('phoneState', { availability, activity: { token, markup, least, most } });
}

/** What a presence document is made of. */
export interface ShownPresence {
  readonly aor: string;
  readonly displayName?: string | undefined;
  readonly availability: number;
  readonly token?: string | undefined;
  readonly note?: string | undefined;
}

/** Tokens of states that RFC 4480 has a name for. */
const ACTIVITIES: Readonly<Record<string, string>> = {
  'on-the-phone': 'on-the-phone',
  'in-a-conference': 'meeting',
  'in-a-meeting': 'meeting',
  'in-presentation': 'presentation',
  'out-of-office': 'away',
  'off-work': 'away',
};

/** The document for watchers, `CONTENT_TYPES.pidf`. */
export function pidfDocument({ aor, availability, token, note }: ShownPresence): string {
  const open = availabilityClass(availability) !== 'offline';
  const tuple = xmlElement(
    'tuple',
    { id: 'presence' },
    xmlElement('status', {}, xmlElement('basic', {}, open ? 'open' : 'closed')),
    xmlElement('contact', {}, `sip:${aor}`),
    note === undefined || note === '' ? undefined : xmlElement('note', {}, note),
  );
  return xmlElement(
    'presence',
    {
      xmlns: NAMESPACES.pidf,
      'xmlns:dm': NAMESPACES.pidfDataModel,
      'xmlns:rpid': NAMESPACES.rpid,
      entity: `sip:${aor}`,
    },
    tuple,
    open ? personMarkup(availability, token) : undefined,
  ).text;
}

/** What no basic status says: what the person does, and whether the machine is in use. */
function personMarkup(availability: number, token: string | undefined): Markup | undefined {
  const activity = activityFor(availability, token);
  const idle = availabilityClass(availability).endsWith('idle');
  if (activity === undefined && !idle) return undefined;
  return xmlElement(
    'dm:person',
    { id: 'person' },
    activity === undefined ? undefined : xmlElement('rpid:activities', {}, xmlElement(`rpid:${activity}`)),
    idle ? xmlElement('rpid:user-input', {}, 'idle') : undefined,
  );
}

function activityFor(availability: number, token: string | undefined): string | undefined {
  switch (availabilityClass(availability)) {
    case 'busy':
    case 'busy-idle':
    case 'do-not-disturb':
      return ACTIVITIES[token ?? ''] ?? 'busy';
    case 'be-right-back':
    case 'away':
      return 'away';
    default:
      return undefined;
  }
}
