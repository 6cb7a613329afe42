/** What the server itself publishes of a user: what the directory knows, and what all endpoints together come to. [MS-PRES] S4, S8 */
import { Buffer } from 'node:buffer';
import { createHash } from 'node:crypto';
import { aggregateOutputs, isAggregate } from './aggregate/index.ts';
import type { DeviceDocument, PublishedState } from './aggregate/index.ts';
import { CONTAINERS, directoryPublications } from './documents/index.ts';
import type { DirectoryCard, ServerPublication } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { expiryOf, instanceKey } from './presence-state.ts';
import type { HeldInstance, Origin } from './presence-state.ts';
import { shared } from './shared-text.ts';

/** An endpoint that is registered and publishes nothing: a plain SIP phone. */
export interface SilentPhone {
  /** See endpoint-key.ts. */
  readonly key: string;
  /** Milliseconds since 1970. */
  readonly registeredAt: number;
}

/** Availability of somebody whose phone is there to be called. */
const AVAILABLE = 3500;
/** Instances of machine states have it in their highest four bits. Sheet ms-pres-schemas section 3.5. */
const MACHINE_STATE = 0x3000_0000;

/** Whether a change is of something that aggregation looks at. */
export function concernsAggregation(draft: Draft): boolean {
  for (const { key } of draft.changedInstances.values()) {
    if ((key.name === 'state' && isAggregationContainer(key.container)) || key.name === 'device') return true;
  }
  return false;
}

/** Brings what aggregation publishes up to date within a change. Content that stays the same keeps its version and time. */
export function refreshAggregate(draft: Draft, aor: string, phones: readonly SilentPhone[]): void {
  const states: PublishedState[] = [];
  const workgroupStates: PublishedState[] = [];
  const devices: DeviceDocument[] = [];
  for (const held of draft.instances.values()) {
    if (held.origin === 'aggregate') continue;
    if (held.device !== undefined) devices.push(held.device);
    if (held.state === undefined || held.name !== 'state') continue;
    if (held.container === CONTAINERS.aggregation) states.push(publishedState(held));
    else if (held.container === CONTAINERS.workgroupAggregation) workgroupStates.push(publishedState(held));
  }
  // It says only that it is there. Beside an endpoint that says more it must not count as somebody active, who would hide that all are away.
  if (![...states, ...workgroupStates].some((state) => isMachine(state, draft.now))) {
    const silent = phones.map(stateOfPhone);
    states.push(...silent);
    workgroupStates.push(...silent);
  }
  const outputs = aggregateOutputs({ aor, states, workgroupStates, devices, now: draft.now, previous: draft.outputs });
  draft.setOutputs(outputs);
  // Not before something is different: the version of a user who changes nothing must not grow.
  publish(
    draft,
    outputs.publications,
    'aggregate',
    (held) => isAggregate(held.name, held.instance),
    () => draft.nextGeneration,
  );
}

/** Brings what the directory knows up to date within a change. */
export function refreshCard(draft: Draft, card: DirectoryCard): void {
  publish(
    draft,
    directoryPublications(card),
    'directory',
    () => true,
    (was) => (was?.version ?? 0) + 1,
  );
}

function publish(
  draft: Draft,
  wanted: readonly ServerPublication[],
  origin: Origin,
  mayRemove: (held: HeldInstance) => boolean,
  version: (was: HeldInstance | undefined) => number,
): void {
  const keep = new Set<string>();
  for (const publication of wanted) {
    const key = instanceKey(publication);
    keep.add(key);
    const was = draft.instances.get(key);
    if (was?.content === publication.content && was.expireType === publication.expireType) continue;
    // Of the cards a client may publish one of its own, and means it.
    if (was?.origin === 'client') continue;
    draft.put({
      ...publication,
      content: shared(publication.content),
      version: version(was),
      publishTime: draft.now,
      origin,
      endpoint: '',
    });
  }
  for (const [key, held] of draft.instances) {
    if (held.origin === origin && !keep.has(key) && mayRemove(held)) draft.remove(held);
  }
}

/** Says of its endpoint what it is, be it off. */
function isMachine({ type, expiresAt }: PublishedState, now: number): boolean {
  return type === 'machineState' && (expiresAt === undefined || expiresAt > now);
}

function isAggregationContainer(container: number): boolean {
  return container === CONTAINERS.aggregation || container === CONTAINERS.workgroupAggregation;
}

function publishedState(held: HeldInstance): PublishedState {
  const { state, instance, publishTime, endpointId } = held;
  if (state === undefined) throw new TypeError('this instance holds no state');
  return { ...state, instance, publishTime, endpointId, expiresAt: expiryOf(held) };
}

function stateOfPhone({ key, registeredAt }: SilentPhone): PublishedState {
  return {
    type: 'machineState',
    manual: false,
    availability: AVAILABLE,
    activities: [],
    endpointLocation: undefined,
    device: undefined,
    timeZone: {},
    startTime: undefined,
    meetingSubject: undefined,
    meetingLocation: undefined,
    instance: (MACHINE_STATE | (hash(key) & 0x0fff_ffff)) >>> 0,
    publishTime: registeredAt,
  };
}

function hash(text: string): number {
  return createHash('md5').update(Buffer.from(text)).digest().readUInt32BE(0);
}
