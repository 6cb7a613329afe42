/** Rows of the store to what is held in memory, and back. Pure. */
import { ParleyError, parseXml } from '@parley/sdk';
import { readDevice, readState } from './aggregate/index.ts';
import type { DeviceDocument, StateDocument } from './aggregate/index.ts';
import type { Container, ContainerMember, Delegates, ExpireType, MemberType, Subscriber } from './documents/index.ts';
import type { HeldInstance, HeldSubscriber, Origin } from './presence-state.ts';
import type { ContainerRow, DelegatesRow, InstanceRow, SubscriberRow } from './rows.ts';

/** What aggregation needs of a document that was checked when it was published; nothing of one that cannot be read any more. */
export function aggregationParts(
  name: string,
  content: string,
): { readonly state?: StateDocument | undefined; readonly device?: DeviceDocument | undefined } {
  if (content === '' || (name !== 'state' && name !== 'device')) return {};
  try {
    const { root } = parseXml(content);
    return name === 'state' ? { state: readState(root) } : { device: readDevice(root) };
  } catch (error) {
    if (error instanceof ParleyError) return {};
    throw error;
  }
}

/** For the store. */
export function instanceRow(userId: string, instance: HeldInstance): InstanceRow {
  return {
    user_id: userId,
    category: instance.name,
    container: instance.container,
    instance: instance.instance,
    version: instance.version,
    publish_time: instance.publishTime,
    expire_type: instance.expireType,
    expires: instance.expires ?? 0,
    endpoint: instance.endpoint,
    endpoint_id: instance.endpointId ?? '',
    origin: instance.origin,
    content: instance.content,
  };
}

/** From the store. */
export function heldInstance(row: InstanceRow): HeldInstance {
  return {
    name: row.category,
    container: row.container,
    instance: row.instance,
    version: row.version,
    publishTime: row.publish_time,
    expireType: row.expire_type as ExpireType,
    expires: row.expires === 0 ? undefined : row.expires,
    endpoint: row.endpoint,
    endpointId: row.endpoint_id === '' ? undefined : row.endpoint_id,
    origin: row.origin as Origin,
    content: row.content,
    ...aggregationParts(row.category, row.content),
  };
}

/** For the store. */
export function containerRow(userId: string, { id, version, members }: Container): ContainerRow {
  return {
    user_id: userId,
    container: id,
    version,
    members: JSON.stringify(members.map(({ type, value }) => (value === undefined ? [type] : [type, value]))),
  };
}

/** From the store. */
export function heldContainer(row: ContainerRow): Container {
  const members = JSON.parse(row.members) as readonly (readonly [type: MemberType, value?: string])[];
  return { id: row.container, version: row.version, members: members.map(([type, value]): ContainerMember => ({ type, value })) };
}

/** For the store. */
export function delegatesRow(userId: string, { version, members }: Delegates): DelegatesRow {
  return { user_id: userId, version, members: JSON.stringify(members) };
}

/** From the store. */
export function heldDelegates({ version, members }: DelegatesRow): Delegates {
  return { version, members: JSON.parse(members) as readonly string[] };
}

/** For the store. */
export function subscriberRow(userId: string, subscriber: HeldSubscriber): SubscriberRow {
  return {
    user_id: userId,
    watcher: subscriber.user,
    display_name: subscriber.displayName,
    relation: subscriber.type ?? 'unknown',
    context: subscriber.context ?? '',
    acknowledged: subscriber.acknowledged ? 1 : 0,
    asked_at: subscriber.askedAt,
  };
}

/** From the store. */
export function heldSubscriber(row: SubscriberRow): HeldSubscriber {
  return {
    user: row.watcher,
    displayName: row.display_name,
    acknowledged: row.acknowledged !== 0,
    type: row.relation as Subscriber['type'],
    context: row.context === '' ? undefined : row.context,
    askedAt: row.asked_at,
  };
}
