/** One user's presence at one moment: what is published, who may see it, who has asked. Nothing of it changes; see draft.ts. */
import type { DeviceDocument, Outputs, StateDocument } from './aggregate/index.ts';
import type { CategoryInstance, Container, Delegates, InstanceKey, Subscriber } from './documents/index.ts';

/** Who has published an instance: a client, the directory, another plugin, or aggregation, whose results are made anew and not stored. */
export type Origin = 'client' | 'directory' | 'server' | 'aggregate';

/** An instance as it is held in memory. */
export interface HeldInstance extends CategoryInstance {
  readonly origin: Origin;
  /** Key of the endpoint that it is bound to; '' when it is bound to none. See endpoint-key.ts. */
  readonly endpoint: string;
  /** Read once, for aggregation. */
  readonly state?: StateDocument | undefined;
  /** Read once, for aggregation. */
  readonly device?: DeviceDocument | undefined;
}

/** Somebody who has asked to watch. */
export interface HeldSubscriber extends Subscriber {
  /** Milliseconds since 1970. */
  readonly askedAt: number;
}

/** Everything about one user's presence. */
export interface PresenceState {
  /** By `instanceKey`. */
  readonly instances: ReadonlyMap<string, HeldInstance>;
  readonly containers: ReadonlyMap<number, Container>;
  /** By address. */
  readonly subscribers: ReadonlyMap<string, HeldSubscriber>;
  /** Who may act for the user. */
  readonly delegates: Delegates;
  /** The highest version that an aggregated instance has had. */
  readonly generation: number;
  /** What aggregation has come to. */
  readonly outputs: Outputs | undefined;
}

/** The key of an instance within one user. */
export function instanceKey({ name, container, instance }: InstanceKey): string {
  return `${name} ${container} ${instance}`;
}

/** When an instance is over by itself, milliseconds since 1970; undefined when never. */
export function expiryOf(instance: HeldInstance): number | undefined {
  return instance.expireType === 'time' ? instance.publishTime + (instance.expires ?? 0) * 1000 : undefined;
}

/** When the next instance is over by itself; undefined when none is. */
export function nextExpiry(state: PresenceState): number | undefined {
  let next: number | undefined;
  for (const instance of state.instances.values()) {
    const expiry = expiryOf(instance);
    if (expiry !== undefined && (next === undefined || expiry < next)) next = expiry;
  }
  return next;
}
