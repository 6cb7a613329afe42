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

/** The highest id of a container. */
export const MAX_CONTAINER = 32_767;

/** Kinds of members, those that name somebody first. */
export const MEMBER_TYPES = ['user', 'domain', 'sameEnterprise', 'federated', 'publicCloud', 'everyone'] as const;
export type MemberType = (typeof MEMBER_TYPES)[number];

/** Somebody who sees a container's content. */
export interface ContainerMember {
  readonly type: MemberType;
  /** Address without scheme (user) or domain, lower case; undefined for the other types. */
  readonly value?: string | undefined;
}

/** A container and who is in it. */
export interface Container {
  readonly id: number;
  /** 0: never changed. */
  readonly version: number;
  /** In the order of their coming. */
  readonly members: readonly ContainerMember[];
}

/** What every account begins with: clients that find nobody of their own enterprise in there would put these in themselves. */
export const DEFAULT_CONTAINERS: readonly Container[] = [
  { id: CONTAINERS.external, version: 1, members: [{ type: 'federated' }] },
  { id: CONTAINERS.colleagues, version: 1, members: [{ type: 'sameEnterprise' }] },
];

/** Who watches. */
export interface WatcherIdentity {
  /** Address of record, lower case, without scheme. */
  readonly aor: string;
  /** The network it comes from. */
  readonly source: 'sameEnterprise' | 'federated' | 'publicCloud' | 'unknown';
}

/** What the owner sees who watches itself. */
const OWN = CONTAINERS.friends;
/** These are the owner's alone. */
const NOT_FOR_WATCHERS: ReadonlySet<number> = new Set([CONTAINERS.self, CONTAINERS.aggregation, CONTAINERS.workgroupAggregation]);

/**
 * The one container that a watcher is shown. Who is named decides over whose domain is, over the network; of several containers that
 * name the same, the highest.
 * @param owner address of record of whom these containers belong to, lower case
 */
export function effectiveContainer(owner: string, containers: readonly Container[], watcher: WatcherIdentity): number {
  if (watcher.aor === owner) return OWN;
  const domain = watcher.aor.slice(watcher.aor.lastIndexOf('@') + 1);
  return (
    highest(containers, ({ type, value }) => type === 'user' && value === watcher.aor) ??
    highest(containers, ({ type, value }) => type === 'domain' && value === domain) ??
    highest(containers, ({ type }) => type === watcher.source) ??
    highest(containers, ({ type }) => type === 'everyone') ??
    CONTAINERS.default
  );
}

function highest(containers: readonly Container[], fits: (member: ContainerMember) => boolean): number | undefined {
  const ids = containers.filter(({ id, members }) => !NOT_FOR_WATCHERS.has(id) && members.some(fits)).map(({ id }) => id);
  return ids.length === 0 ? undefined : Math.max(...ids);
}
