/** State documents that the server writes. Sheet ms-pres-schemas section 3.6, with children in the order of the schema. */
import { escapeXmlText, escapeXmlValue } from '@parley/sdk';
import { NAMESPACES } from '../documents/namespaces.ts';
import { secondsText } from '../documents/time.ts';
import { shared } from '../shared-text.ts';
import type { Activity, StateType, TimeZone } from './state-document.ts';

/** What goes into a state document. */
export interface StateContent {
  readonly availability: number;
  readonly activity?: Activity | undefined;
  readonly endpointLocation?: string | undefined;
  readonly meetingSubject?: string | undefined;
  readonly meetingLocation?: string | undefined;
  readonly timeZone?: TimeZone | undefined;
  readonly device?: string | undefined;
  /** Milliseconds since 1970. */
  readonly lastActive?: number | undefined;
  /** Of aggregateMachineState. */
  readonly endpointId?: string | undefined;
}

const START = `<state xmlns="${NAMESPACES.state}" xmlns:xsi="${NAMESPACES.xsi}" xsi:type="`;

/** The document. By hand: every publish makes half a dozen of these. */
export function stateMarkup(type: StateType, content: StateContent): string {
  const { availability, activity, timeZone, lastActive, endpointId } = content;
  const idleSince = lastActive === undefined ? '' : ` lastActive="${secondsText(lastActive)}"`;
  const endpoint = endpointId === undefined ? '' : ` endpointId="${escapeXmlValue(endpointId)}"`;
  return shared(
    `${START}${type}"${idleSince}${endpoint}><availability>${availability}</availability>${activity?.markup ?? ''}` +
      optional('endpointLocation', content.endpointLocation) +
      optional('meetingSubject', content.meetingSubject) +
      optional('meetingLocation', content.meetingLocation) +
      optional('timeZoneBias', timeZone?.bias) +
      optional('timeZoneName', timeZone?.name) +
      optional('timeZoneAbbreviation', timeZone?.abbreviation) +
      `${optional('device', content.device)}</state>`,
  );
}

function optional(name: string, text: string | undefined): string {
  return text === undefined ? '' : `<${name}>${escapeXmlText(text)}</${name}>`;
}
