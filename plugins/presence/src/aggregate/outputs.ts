/** What the server publishes of a user's states and devices. [MS-PRES] S6, S9, S10; sheet ms-pres-schemas sections 3.7 and 3.14. */
import { escapeXmlValue } from '@parley/sdk';
import type { ExpireType, ServerPublication } from '../documents/category.ts';
import { CONTAINERS } from '../documents/containers.ts';
import { NAMESPACES } from '../documents/namespaces.ts';
import { aggregateState } from './aggregate-state.ts';
import type { AggregateState } from './aggregate-state.ts';
import { AVAILABILITY } from './availability.ts';
import type { DeviceDocument } from './device-document.ts';
import type { PublishedState } from './inputs.ts';
import { NO_SERVICES, ownServices, shownServices } from './services.ts';
import { stateMarkup } from './write-state.ts';
import { shared } from '../shared-text.ts';

/** Instances of `state` that the server owns. */
export const STATE_INSTANCES = { blocked: 0, aggregate: 1, aggregateMachine: 0x1000_0000 } as const;
const LEGACY_INSTANCE = 1;
const SERVICES_INSTANCE = 0;

/** Everything that aggregation looks at. */
export interface OutputInput {
  /** Address of record, without scheme. */
  readonly aor: string;
  /** `state` instances of container 2. */
  readonly states: readonly PublishedState[];
  /** `state` instances of container 3. */
  readonly workgroupStates: readonly PublishedState[];
  /** `device` instances of container 2. */
  readonly devices: readonly DeviceDocument[];
  /** Milliseconds since 1970. */
  readonly now: number;
  /** What came out last time; undefined after a start. */
  readonly previous?: Outputs | undefined;
}

/** What comes out. */
export interface Outputs {
  /** Of container 2: what the user is. */
  readonly state: AggregateState;
  /** Of container 3: what the workgroup is shown. */
  readonly workgroupState: AggregateState;
  /** Every instance that must be there now: publish those whose content is another, delete those of `isAggregate` that are not among them. */
  readonly publications: readonly ServerPublication[];
}

/** Pure. */
export function aggregateOutputs({ aor, states, workgroupStates, devices, now, previous }: OutputInput): Outputs {
  const state = aggregateState({ states, now, previous: previous?.state });
  const workgroupState = aggregateState({ states: workgroupStates, now, workgroup: true, previous: previous?.workgroupState });
  const machines = states.filter(({ type }) => type === 'machineState');
  const shown = withoutPlace(state);
  const publications = [
    ...ownPublications(state, workgroupState, ownServices(devices, machines)),
    ...shownTo(CONTAINERS.external, numberOnly(state)),
    ...shownTo(CONTAINERS.colleagues, shown),
    ...shownTo(CONTAINERS.workgroup, withoutPlace(workgroupState)),
    ...shownTo(CONTAINERS.friends, shown),
    ...shownServicesIn(state, shownServices(aor, devices, machines)),
    ...BLOCKED,
  ];
  return { state, workgroupState, publications };
}

/** Whether aggregation makes this instance. */
export function isAggregate(name: string, instance: number): boolean {
  if (name === 'state') return Object.values<number>(STATE_INSTANCES).includes(instance);
  return name === 'services' || name === 'legacyInterop';
}

function ownPublications(state: AggregateState, workgroupState: AggregateState, services: string): readonly ServerPublication[] {
  const { aggregation, workgroupAggregation } = CONTAINERS;
  const machine = state.machine === undefined ? undefined : machineDocument(state.machine);
  return [
    publication('state', STATE_INSTANCES.aggregate, aggregation, 'user', state.document),
    publication('state', STATE_INSTANCES.aggregate, workgroupAggregation, 'user', workgroupState.document),
    ...(machine === undefined ? [] : [publication('state', STATE_INSTANCES.aggregateMachine, aggregation, 'user', machine)]),
    publication('services', SERVICES_INSTANCE, aggregation, 'user', services),
  ];
}

function machineDocument(machine: PublishedState): string {
  const { availability = AVAILABILITY.offline, endpointId, endpointLocation, timeZone, device } = machine;
  return stateMarkup('aggregateMachineState', { availability, endpointId, endpointLocation, timeZone, device });
}

/** A state for watchers and its form for old ones. Of an offline user it stays for ever: some clients keep the last state when there is none. */
function shownTo(container: number, state: AggregateState): readonly ServerPublication[] {
  const expireType = state.machine === undefined ? 'static' : 'user';
  return [
    publication('state', STATE_INSTANCES.aggregate, container, expireType, state.document),
    publication('legacyInterop', LEGACY_INSTANCE, container, expireType, legacyDocument(state)),
  ];
}

/** The availability alone: other organisations are shown no more. */
function numberOnly({ availability, machine }: AggregateState): AggregateState {
  return { availability, machine, document: stateMarkup('aggregateState', { availability }) };
}

/** Where somebody is is the user's own affair. */
function withoutPlace(state: AggregateState): AggregateState {
  if (state.endpointLocation === undefined) return state;
  return { ...state, document: stateMarkup('aggregateState', { ...state, endpointLocation: undefined }) };
}

function shownServicesIn(state: AggregateState, document: string): readonly ServerPublication[] {
  if (state.machine === undefined) return [];
  const { external, colleagues, workgroup, friends } = CONTAINERS;
  return [external, colleagues, workgroup, friends].map((container) =>
    publication('services', SERVICES_INSTANCE, container, 'user', document),
  );
}

function legacyDocument({ availability, token }: Pick<AggregateState, 'availability' | 'token'>): string {
  const activity = token === undefined ? '' : ` token="${escapeXmlValue(token)}"`;
  return `<legacyInterop availability="${availability}"${activity} xmlns="${NAMESPACES.categories}"/>`;
}

/** What the blocked see, whatever the user does. */
const BLOCKED: readonly ServerPublication[] = [
  publication(
    'state',
    STATE_INSTANCES.blocked,
    CONTAINERS.blocked,
    'static',
    stateMarkup('aggregateState', { availability: AVAILABILITY.offline }),
  ),
  publication('legacyInterop', LEGACY_INSTANCE, CONTAINERS.blocked, 'static', legacyDocument({ availability: AVAILABILITY.offline })),
  publication('services', SERVICES_INSTANCE, CONTAINERS.blocked, 'static', NO_SERVICES),
];

function publication(name: string, instance: number, container: number, expireType: ExpireType, content: string): ServerPublication {
  return { name, instance, container, expireType, content: shared(content) };
}
