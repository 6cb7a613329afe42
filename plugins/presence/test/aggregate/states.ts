/** States in a few words, for tests. */
import { parseXml } from '@parley/sdk';
import { readState } from '../../src/aggregate/index.ts';
import type { PublishedState, StateType } from '../../src/aggregate/index.ts';

export const NOW = Date.UTC(2024, 0, 1, 10);
const MINUTE = 60_000;

/** What differs from a state that was published a minute ago under instance 1. */
export interface Said extends Partial<Pick<PublishedState, 'instance' | 'publishTime' | 'endpointId' | 'expiresAt'>> {
  readonly availability?: number;
  readonly manual?: boolean;
  /** Markup behind the availability. */
  readonly more?: string;
}

/** A state of this type, made from its document. */
export function published(type: StateType, { availability, manual, more = '', ...rest }: Said = {}): PublishedState {
  const document =
    `<state xmlns="http://schemas.microsoft.com/2006/09/sip/state" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"` +
    ` manual="${manual ?? type === 'userState'}" xsi:type="${type}">` +
    `${availability === undefined ? '' : `<availability>${availability}</availability>`}${more}</state>`;
  return { instance: 1, publishTime: NOW - MINUTE, ...readState(parseXml(document).root), ...rest };
}

export const machine = (availability: number, said: Said = {}): PublishedState => published('machineState', { availability, ...said });
export const user = (availability: number, said: Said = {}): PublishedState => published('userState', { availability, ...said });
export const phone = (availability: number, token: string, said: Said = {}): PublishedState =>
  published('phoneState', {
    availability,
    more: `<activity token="${token}" minAvailability="${availability}" maxAvailability="8999"/>`,
    ...said,
  });
export const calendar = (availability: number, said: Said = {}): PublishedState =>
  published('calendarState', {
    availability,
    more:
      `<activity token="in-a-meeting" minAvailability="6500" maxAvailability="8999"></activity><endpointLocation/>` +
      `<meetingSubject>Plan</meetingSubject><meetingLocation>Room 1</meetingLocation>`,
    ...said,
  });
/** Out of office: without an availability of its own. */
export const outOfOffice = (said: Said = {}): PublishedState =>
  published('calendarState', { more: '<activity token="out-of-office" minAvailability="12000"/>', ...said });
