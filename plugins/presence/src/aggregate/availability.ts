/** Availability numbers and what they mean. Sheet ms-pres-schemas section 3.3. */

export type AvailabilityClass =
  'available' | 'available-idle' | 'busy' | 'busy-idle' | 'do-not-disturb' | 'be-right-back' | 'away' | 'offline';

/** What a number means. 0..2999 counts as available. */
export function availabilityClass(availability: number): AvailabilityClass {
  void availability;
  return 'offline';
}
