/** Availability numbers and what they mean. Sheet ms-pres-schemas section 3.3. */

/** Classes of availability, in the order of their numbers. */
export type AvailabilityClass =
  'available' | 'available-idle' | 'busy' | 'busy-idle' | 'do-not-disturb' | 'be-right-back' | 'away' | 'offline';

/** The number that stands for each class. */
export const AVAILABILITY = {
  available: 3500,
  'available-idle': 5000,
  busy: 6500,
  'busy-idle': 8000,
  'do-not-disturb': 9500,
  'be-right-back': 12_500,
  away: 15_500,
  offline: 18_500,
} as const satisfies Readonly<Record<AvailabilityClass, number>>;

/** What the workgroup is shown of somebody who does not want to be disturbed, with `URGENT_ONLY`. */
export const URGENT_ONLY_AVAILABILITY = 6900;
export const URGENT_ONLY = 'urgent-interruptions-only';

/** From available to available-idle, from busy to busy-idle. */
export const IDLE_STEP = 1500;

/** The lowest number of each class, from above. */
const FLOORS: readonly (readonly [number, AvailabilityClass])[] = [
  [18_000, 'offline'],
  [15_000, 'away'],
  [12_000, 'be-right-back'],
  [9000, 'do-not-disturb'],
  [7500, 'busy-idle'],
  [6000, 'busy'],
  [4500, 'available-idle'],
];

/** What a number means. 0 to 2999, which clients differ about, counts as available. */
export function availabilityClass(availability: number): AvailabilityClass {
  return FLOORS.find(([floor]) => availability >= floor)?.[1] ?? 'available';
}
