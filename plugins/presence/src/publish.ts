/** A client's publish and its changes of membership, applied to a draft. Pure. [MS-PRES] R8 to R13, R17 */
import { ParleyError } from '@parley/sdk';
import type { PresenceConfig } from './config.ts';
import { changeContainer, changeDelegates } from './documents/index.ts';
import type { ContainerChange, DelegatesChange, Publication, VersionConflict } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { PresenceErrors } from './errors.ts';
import { instanceKey } from './presence-state.ts';
import type { HeldInstance } from './presence-state.ts';
import { shared } from './shared-text.ts';

/** Versions that are out of date; nothing of the request is done. Its `conflicts` are the body of the 409. */
export class ConflictError extends ParleyError {
  constructor(
    readonly conflicts: readonly VersionConflict[],
    error = PresenceErrors.PRESENCE_CONFLICT({ count: conflicts.length }),
  ) {
    const { code, message, fix, status } = error;
    super(code, { sentence: message, fix, ...(status !== undefined && { status }) });
  }
}

/** The endpoint that publishes. */
export interface Publisher {
  readonly aor: string;
  /** See endpoint-key.ts; undefined when it is not registered. */
  readonly endpoint: string | undefined;
}

type PublishLimits = Pick<PresenceConfig['limits'], 'instances' | 'containers' | 'members'>;

/**
 * Publishes and deletes, all or nothing.
 * @throws ConflictError (409), PRESENCE_LIMIT, PRESENCE_ENDPOINT_UNREGISTERED
 */
export function applyPublications(draft: Draft, publications: readonly Publication[], publisher: Publisher, limits: PublishLimits): void {
  const conflicts = publications.flatMap((publication, at): VersionConflict[] => {
    const curVersion = draft.instances.get(instanceKey(publication))?.version ?? 0;
    return publication.version === curVersion ? [] : [{ index: at + 1, version: publication.version, curVersion }];
  });
  if (conflicts.length > 0) throw new ConflictError(conflicts);
  const endpointId = endpointIdOf(draft, publications, publisher.endpoint);
  for (const publication of publications) {
    const was = draft.instances.get(instanceKey(publication));
    if (!publication.deletes) draft.put(instanceOf(publication, draft.now, publisher, endpointId));
    else if (was !== undefined) draft.remove(was);
  }
  if (draft.instances.size > draft.before.instances.size) checkRoom(draft, publisher.aor, limits);
}

/**
 * Changes who is in which container, all or nothing.
 * @throws ConflictError (409), PRESENCE_LIMIT
 */
export function applyMembers(draft: Draft, changes: readonly ContainerChange[], aor: string, limits: PublishLimits): void {
  const conflicts = changes.flatMap(({ id, version }, at): VersionConflict[] => {
    const curVersion = draft.container(id)?.version ?? 0;
    return version === curVersion ? [] : [{ index: at + 1, version, curVersion }];
  });
  if (conflicts.length > 0) throw new ConflictError(conflicts);
  for (const change of changes) changeMembers(draft, change, aor, limits);
}

/** The same for one container, whatever its version. Throws PRESENCE_LIMIT. */
export function changeMembers(draft: Draft, change: ContainerChange, aor: string, limits: PublishLimits): void {
  const container = changeContainer(draft.container(change.id), change);
  if (container.members.length > limits.members)
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: limits.members, what: `members of container ${change.id}`, setting: 'members' });
  draft.putContainer(container);
  const ids = new Set([...draft.before.containers.keys(), ...draft.changedContainers.keys()]);
  if (ids.size > limits.containers)
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: limits.containers, what: 'containers', setting: 'containers' });
}

/**
 * Changes who may act for the user, all or nothing.
 * @throws ConflictError (409), PRESENCE_LIMIT
 */
export function applyDelegates(
  draft: Draft,
  change: DelegatesChange,
  aor: string,
  limits: Pick<PresenceConfig['limits'], 'delegates'>,
): void {
  const { delegates: before } = draft.before;
  if (change.version !== before.version)
    throw new ConflictError(
      [{ index: 1, version: change.version, curVersion: before.version }],
      PresenceErrors.PRESENCE_DELEGATES_CONFLICT(),
    );
  const delegates = changeDelegates(before, change);
  if (delegates.members.length > limits.delegates)
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: limits.delegates, what: 'delegates', setting: 'delegates' });
  draft.changedDelegates = delegates;
}

function instanceOf(publication: Publication, now: number, publisher: Publisher, endpointId: string | undefined): HeldInstance {
  const { name, instance, container, version, expireType, expires, content, state, device } = publication;
  const bound = expireType === 'endpoint' || expireType === 'user';
  if (bound && publisher.endpoint === undefined) throw PresenceErrors.PRESENCE_ENDPOINT_UNREGISTERED();
  const own = expireType === 'endpoint';
  return {
    name,
    instance,
    container,
    version: version + 1,
    publishTime: now,
    expireType,
    expires,
    content: shared(content),
    state,
    device,
    origin: 'client',
    endpoint: own ? (publisher.endpoint ?? '') : '',
    endpointId: own ? endpointId : undefined,
  };
}

/** What the endpoint calls itself in its device document, in this request or before. */
function endpointIdOf(draft: Draft, publications: readonly Publication[], endpoint: string | undefined): string | undefined {
  const published = publications.find((publication) => publication.device !== undefined)?.device?.endpointId;
  if (published !== undefined || endpoint === undefined) return published;
  for (const held of draft.instances.values()) if (held.device !== undefined && held.endpoint === endpoint) return held.device.endpointId;
  return undefined;
}

function checkRoom(draft: Draft, aor: string, limits: PublishLimits): void {
  let published = 0;
  const containers = new Set<number>();
  for (const held of draft.instances.values()) {
    if (held.origin !== 'client') continue;
    published++;
    containers.add(held.container);
  }
  if (published > limits.instances)
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: limits.instances, what: 'published instances', setting: 'instances' });
  if (containers.size > limits.containers)
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit: limits.containers, what: 'containers', setting: 'containers' });
}
