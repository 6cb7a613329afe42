/** What an operator can set. */
import { z } from 'zod';

const TIME = /^([01]\d|2[0-3]):[0-5]\d$/;
const DAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'] as const;

/** Options of the plugin, each with its default and what it means. */
export const OfficeHoursConfig = z.strictObject({
  users: z.array(z.string().min(1)).default([]).describe('Addresses that keep office hours, such as support@example.com'),
  opens: z.string().regex(TIME, 'a time such as 08:00').default('08:00').describe('When the office opens'),
  closes: z.string().regex(TIME, 'a time such as 18:00').default('18:00').describe('When it closes, later on the same day'),
  days: z.array(z.enum(DAYS)).default(['Mon', 'Tue', 'Wed', 'Thu', 'Fri']).describe('Days on which it opens'),
  timeZone: z.string().refine(isTimeZone, 'a time zone such as Europe/Oslo').default('UTC').describe('Time zone of the times'),
});

/** The options, checked and with their defaults. */
export type OfficeHoursConfig = z.output<typeof OfficeHoursConfig>;

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
