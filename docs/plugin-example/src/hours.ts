/** When an office is open. Pure: the time comes in, the answer goes out. */
import type { OfficeHoursConfig } from './config.ts';

const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;
const MINUTES_A_DAY = 1440;

/**
 * Seconds until the office opens: 0 while it is open, undefined when it never does.
 * @param now milliseconds since 1970
 */
export function secondsUntilOpen(now: number, hours: Omit<OfficeHoursConfig, 'users'>): number | undefined {
  const { weekday, minute, second } = localTime(now, hours.timeZone);
  const [opens, closes] = [minutes(hours.opens), minutes(hours.closes)];
  const isWorkday = (ahead: number): boolean => hours.days.some((day) => day === WEEKDAYS[(weekday + ahead) % 7]);
  if (isWorkday(0) && minute >= opens && minute < closes) return 0;
  for (let ahead = 0; ahead <= 7; ahead += 1) {
    const wait = ahead * MINUTES_A_DAY + opens - minute;
    if (isWorkday(ahead) && wait > 0) return wait * 60 - second;
  }
  return undefined;
}

function localTime(now: number, timeZone: string): { weekday: number; minute: number; second: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    weekday: 'short',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  });
  const parts = new Map(format.formatToParts(now).map(({ type, value }) => [type, value]));
  const weekday = WEEKDAYS.findIndex((day) => day === parts.get('weekday'));
  return { weekday, minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')), second: Number(parts.get('second')) };
}

/** `08:30` as minutes after midnight. */
function minutes(time: string): number {
  const [hour = '', minute = ''] = time.split(':');
  return Number(hour) * 60 + Number(minute);
}
