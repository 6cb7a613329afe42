/** Many states of one user become one. [MS-PRES] section 3.8, S5; sheet ms-pres-schemas section 3.14. */
import { AVAILABILITY, IDLE_STEP, URGENT_ONLY, URGENT_ONLY_AVAILABILITY, availabilityClass } from './availability.ts';
import { countedStates, latestFirst, saysAvailability } from './inputs.ts';
import type { AvailableState, CountedStates, PublishedState } from './inputs.ts';
import type { Activity, TimeZone } from './state-document.ts';
import { stateMarkup } from './write-state.ts';

/** What the states of one aggregation container are together. */
export interface AggregateState {
  readonly availability: number;
  readonly activity?: Activity | undefined;
  /** Of the activity. */
  readonly token?: string | undefined;
  readonly meetingSubject?: string | undefined;
  readonly meetingLocation?: string | undefined;
  readonly endpointLocation?: string | undefined;
  readonly device?: string | undefined;
  readonly timeZone?: TimeZone | undefined;
  /** When the user's last active machine ceased to be; kept while none is, shown or not. Hand it in with the next aggregation. */
  readonly inactiveSince?: number | undefined;
  /** `inactiveSince`, when the availability shows inactivity. */
  readonly lastActive?: number | undefined;
  /** The most active machine; undefined when there is none: the user is offline. */
  readonly machine?: PublishedState | undefined;
  /** The aggregateState for the owner, with everything that is known. */
  readonly document: string;
}

export interface AggregationInput {
  /** All instances of `state` in one of the aggregation containers, in any order; aggregates among them are passed over. */
  readonly states: readonly PublishedState[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether this is container 3: somebody who does not want to be disturbed may be by the workgroup, when it is urgent. */
  readonly workgroup?: boolean | undefined;
  /** What came out last time; undefined after a start. */
  readonly previous?: Pick<AggregateState, 'availability' | 'inactiveSince'> | undefined;
}

/** `urgent-interruptions-only`, as the workgroup is shown it. */
const URGENT_ACTIVITY: Activity = {
  token: URGENT_ONLY,
  markup: `<activity token="${URGENT_ONLY}"/>`,
  least: 0,
  most: URGENT_ONLY_AVAILABILITY,
};

/** Of a user without a machine. */
const OFFLINE: AggregateState = written({ availability: AVAILABILITY.offline });

/** Pure; the order of the states does not matter. */
export function aggregateState({ states, now, workgroup = false, previous }: AggregationInput): AggregateState {
  const counted = countedStates(states, now);
  const { machine } = counted;
  if (machine === undefined) return OFFLINE;
  const inactiveSince = isActive(machine) ? undefined : (previous?.inactiveSince ?? ceasedNow(previous, now) ?? machine.publishTime);
  const kept = { machine, inactiveSince };
  const { availability, urgent } = workgroup
    ? workgroupAvailability(counted, machine)
    : { ...ownAvailability(counted, machine), urgent: false };
  // Who appears offline shows nothing else, either.
  if (availabilityClass(availability) === 'offline') return written({ availability, ...kept });
  const activity = urgent ? URGENT_ACTIVITY : activityOf(counted, availability);
  const meeting = counted.calendars.filter(saysAvailability).find((calendar) => decides(calendar, counted, availability));
  return written({
    availability,
    activity,
    token: activity?.token,
    meetingSubject: meeting?.meetingSubject,
    meetingLocation: meeting?.meetingLocation,
    endpointLocation: machine.endpointLocation,
    device: machine.device,
    timeZone: machine.timeZone,
    lastActive: showsInactivity(availability) ? inactiveSince : undefined,
    ...kept,
  });
}

function written(state: Omit<AggregateState, 'document'>): AggregateState {
  return { ...state, document: stateMarkup('aggregateState', state) };
}

/** A user who was there and active until now. */
function ceasedNow(previous: AggregationInput['previous'], now: number): number | undefined {
  return previous !== undefined && availabilityClass(previous.availability) !== 'offline' ? now : undefined;
}

/** Steps 3 to 6 of the sheet. */
function ownAvailability(counted: CountedStates, machine: AvailableState): { readonly availability: number } {
  const { user, phones } = counted;
  if (user !== undefined && saysAvailability(user) && isSticky(user)) return { availability: user.availability };
  const said = Math.max(AVAILABILITY.available, ...[...speakers(counted)].map(({ availability }) => availability), ...machineSays(machine));
  return { availability: withMachine(said, machine, phones.some(isInCall)) };
}

/** The same, where do-not-disturb means: unless it is urgent. Lync says so itself in container 3, others repeat their do-not-disturb. */
function workgroupAvailability(
  counted: CountedStates,
  machine: AvailableState,
): { readonly availability: number; readonly urgent: boolean } {
  const { user } = counted;
  if (user === undefined || !saysAvailability(user) || !wantsQuiet(user)) return { ...ownAvailability(counted, machine), urgent: false };
  const without: CountedStates = { ...counted, user: { ...user, availability: AVAILABILITY['do-not-disturb'] } };
  const { availability } = ownAvailability(without, machine);
  // Somebody else says more than that: then there is nothing urgent about it, and the workgroup sees what all see.
  if (availability > AVAILABILITY['do-not-disturb']) return { ...ownAvailability(counted, machine), urgent: false };
  return { availability: URGENT_ONLY_AVAILABILITY, urgent: true };
}

function wantsQuiet({ availability }: AvailableState): boolean {
  return availability === URGENT_ONLY_AVAILABILITY || availabilityClass(availability) === 'do-not-disturb';
}

/** Be right back, away and appear offline are set by hand, and stay whatever machines and phones say. */
function isSticky({ availability }: AvailableState): boolean {
  return availability >= 12_000;
}

/** A phone in use, and not one that only exists. */
function isInCall({ availability }: PublishedState): boolean {
  return availability !== undefined && availability >= 6000;
}

/** Everybody but machines who says something. */
function* speakers({ user, phones, calendars }: CountedStates): Generator<AvailableState> {
  for (const state of [...(user === undefined ? [] : [user]), ...phones, ...calendars]) if (saysAvailability(state)) yield state;
}

/** A machine that is more than active, idle or away says what its user has set: so pidgin-sipe publishes a status. */
function machineSays({ availability }: AvailableState): readonly number[] {
  return ['available', 'available-idle', 'away'].includes(availabilityClass(availability)) ? [] : [availability];
}

/** What becomes of an availability when the machine is idle or away. */
function withMachine(said: number, machine: AvailableState, onPhone: boolean): number {
  const [what, where] = [availabilityClass(said), availabilityClass(machine.availability)];
  if (said >= 9000) return said;
  if (where === 'away') return onPhone ? said : machine.availability;
  if (where === 'available-idle' && (what === 'available' || what === 'busy')) return said + IDLE_STEP;
  return said;
}

/** Step 7: what the user says of a status set by hand, or the newest of all that fits. */
function activityOf(counted: CountedStates, availability: number): Activity | undefined {
  const { user, phones, calendars } = counted;
  const all = [...(user === undefined ? [] : [user]), ...phones, ...calendars].toSorted(latestFirst);
  const sticky = user !== undefined && saysAvailability(user) && isSticky(user) ? [user] : [];
  for (const { activities } of [...sticky, ...all]) {
    const activity = activities.find(({ least, most }) => least <= availability && availability <= most);
    if (activity !== undefined) return activity;
  }
  return undefined;
}

/** Whether a meeting is what makes its user this available: then its subject and place are shown. */
function decides(calendar: AvailableState, counted: CountedStates, availability: number): boolean {
  if (availability >= 9000) return false;
  return [...speakers(counted)].every((other) => other.availability <= calendar.availability);
}

function isActive({ availability }: AvailableState): boolean {
  const what = availabilityClass(availability);
  return what !== 'available-idle' && what !== 'busy-idle' && what !== 'away';
}

function showsInactivity(availability: number): boolean {
  return ['available-idle', 'busy-idle', 'be-right-back', 'away'].includes(availabilityClass(availability));
}
