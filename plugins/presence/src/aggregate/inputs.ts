/** Which of a user's states count, and for how much. Sheet ms-pres-schemas section 3.14, steps 1 to 4. */
import { availabilityClass } from './availability.ts';
import type { StateDocument, StateType } from './state-document.ts';

/** A state as it was published. */
export interface PublishedState extends StateDocument {
  readonly instance: number;
  /** Milliseconds since 1970, the server's clock: publishers' clocks decide nothing. */
  readonly publishTime: number;
  /** Of the endpoint that published it, where it is bound to one. */
  readonly endpointId?: string | undefined;
  /** Milliseconds since 1970, of one bound to a time; from then on it does not count. */
  readonly expiresAt?: number | undefined;
}

/** One that says how available its user is. */
export type AvailableState = PublishedState & { readonly availability: number };

/** The states that count. */
export interface CountedStates {
  /** The most active machine; undefined when there is none, or none that is on: the user is offline. */
  readonly machine: AvailableState | undefined;
  /** What the user has set; the latest decides, even if it says nothing. */
  readonly user: PublishedState | undefined;
  readonly phones: readonly PublishedState[];
  /** Without those that the user has set something else over. */
  readonly calendars: readonly PublishedState[];
}

/** The states that count at a time. Their order does not matter. */
export function countedStates(states: readonly PublishedState[], now: number): CountedStates {
  const current = states.filter(({ expiresAt }) => expiresAt === undefined || expiresAt > now);
  const of = (type: StateType): PublishedState[] => current.filter((state) => state.type === type).toSorted(latestFirst);
  const machines = of('machineState').filter(saysAvailability).filter(isOn);
  const [user] = of('userState');
  return {
    machine: machines.toSorted((a, b) => a.availability - b.availability).at(0),
    user,
    phones: of('phoneState'),
    calendars: of('calendarState').filter((calendar) => !overrides(user, calendar)),
  };
}

/** Whether it says how available its user is. */
export function saysAvailability(state: PublishedState): state is AvailableState {
  return state.availability !== undefined;
}

function isOn(state: AvailableState): boolean {
  return availabilityClass(state.availability) !== 'offline';
}

/** Who sets a status by hand during a meeting means it; being out of office is no status, and stays. */
function overrides(user: PublishedState | undefined, calendar: PublishedState): boolean {
  if (user === undefined || !user.manual || !saysAvailability(user)) return false;
  return saysAvailability(calendar) && user.publishTime > calendar.publishTime;
}

/** Latest first; what was published in the same millisecond, in an order that does not depend on who asks. */
export function latestFirst(a: PublishedState, b: PublishedState): number {
  return (
    b.publishTime - a.publishTime ||
    b.instance - a.instance ||
    (b.availability ?? -1) - (a.availability ?? -1) ||
    compareText(a.type ?? '', b.type ?? '') ||
    compareText(a.endpointId ?? '', b.endpointId ?? '')
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
