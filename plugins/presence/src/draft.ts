/** A change of one user's presence before it is committed: reads through it see it, nobody else does. */
import type { Outputs } from './aggregate/index.ts';
import type { Container, Delegates, InstanceKey } from './documents/index.ts';
import { instanceKey } from './presence-state.ts';
import type { HeldInstance, HeldSubscriber, PresenceState } from './presence-state.ts';
import { shared } from './shared-text.ts';

/** What has become of one instance. */
export interface InstanceChange {
  readonly key: InstanceKey;
  readonly was: HeldInstance | undefined;
  /** Undefined: it is gone. */
  readonly now: HeldInstance | undefined;
}

export class Draft {
  /** By `instanceKey`. */
  readonly changedInstances = new Map<string, InstanceChange>();
  readonly changedContainers = new Map<number, Container>();
  /** By address; undefined: gone. */
  readonly changedSubscribers = new Map<string, HeldSubscriber | undefined>();
  /** Undefined: as before. */
  changedDelegates: Delegates | undefined = undefined;
  private ownInstances: Map<string, HeldInstance> | undefined = undefined;
  private newGeneration: number;
  private newOutputs: Outputs | undefined;

  /** @param now milliseconds since 1970: when everything in this change was published */
  constructor(
    readonly userId: string,
    readonly before: PresenceState,
    readonly now: number,
  ) {
    this.newGeneration = before.generation;
    this.newOutputs = before.outputs;
  }

  /** As they will be. By `instanceKey`. */
  get instances(): ReadonlyMap<string, HeldInstance> {
    return this.ownInstances ?? this.before.instances;
  }

  get generation(): number {
    return this.newGeneration;
  }

  get outputs(): Outputs | undefined {
    return this.newOutputs;
  }

  /** Nothing is different. */
  get isEmpty(): boolean {
    return this.changedInstances.size + this.changedContainers.size + this.changedSubscribers.size === 0 && !this.changedDelegates;
  }

  put(instance: HeldInstance): void {
    const key = instanceKey(instance);
    this.note(key, instance, instance);
    this.mutable.set(shared(key), instance);
  }

  remove(instance: HeldInstance): void {
    const key = instanceKey(instance);
    this.note(key, instance, undefined);
    this.mutable.delete(key);
  }

  container(id: number): Container | undefined {
    return this.changedContainers.get(id) ?? this.before.containers.get(id);
  }

  putContainer(container: Container): void {
    this.changedContainers.set(container.id, container);
  }

  subscriber(aor: string): HeldSubscriber | undefined {
    return this.changedSubscribers.has(aor) ? this.changedSubscribers.get(aor) : this.before.subscribers.get(aor);
  }

  putSubscriber(subscriber: HeldSubscriber): void {
    this.changedSubscribers.set(subscriber.user, subscriber);
  }

  forgetSubscriber(aor: string): void {
    this.changedSubscribers.set(aor, undefined);
  }

  /** The version for what aggregation publishes in this change: one more than any before. */
  get nextGeneration(): number {
    this.newGeneration = this.before.generation + 1;
    return this.newGeneration;
  }

  setOutputs(outputs: Outputs): void {
    this.newOutputs = outputs;
  }

  /** The state after the change. */
  seal(): PresenceState {
    const { before } = this;
    return {
      instances: this.instances,
      containers: this.changedContainers.size === 0 ? before.containers : new Map([...before.containers, ...this.changedContainers]),
      subscribers: this.changedSubscribers.size === 0 ? before.subscribers : merged(before.subscribers, this.changedSubscribers),
      delegates: this.changedDelegates ?? before.delegates,
      generation: this.newGeneration,
      outputs: this.newOutputs,
    };
  }

  private get mutable(): Map<string, HeldInstance> {
    this.ownInstances ??= new Map(this.before.instances);
    return this.ownInstances;
  }

  private note(key: string, { name, container, instance }: InstanceKey, now: HeldInstance | undefined): void {
    const was = this.before.instances.get(key);
    if (was === undefined && now === undefined) this.changedInstances.delete(key);
    else this.changedInstances.set(key, { key: { name, container, instance }, was, now });
  }
}

function merged<K, V>(before: ReadonlyMap<K, V>, changes: ReadonlyMap<K, V | undefined>): ReadonlyMap<K, V> {
  const result = new Map(before);
  for (const [key, value] of changes) {
    if (value === undefined) result.delete(key);
    else result.set(key, value);
  }
  return result;
}
