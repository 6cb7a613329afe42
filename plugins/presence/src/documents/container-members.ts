/** Reads and applies changes of membership. [MS-PRES] R17, R18; sheet section 3.5. */
import type { Container, ContainerMember } from './containers.ts';

/** One container of a setContainerMembers. */
export interface ContainerChange {
  /** 1..32767. */
  readonly id: number;
  /** The version that the client knows. */
  readonly version: number;
  readonly changes: readonly { readonly action: 'add' | 'remove'; readonly member: ContainerMember }[];
}

/**
 * Reads the body of a SERVICE. Containers are in the order of the request, each at most once.
 * @throws PRESENCE_DOCUMENT_*
 */
export function readSetContainerMembers(body: Buffer | string): readonly ContainerChange[] {
  void body;
  return [];
}

/** The container after a change: version one higher, members in order of their coming. `container` undefined: it did not exist. */
export function changeContainer(container: Container | undefined, change: ContainerChange): Container {
  void container;
  return { id: change.id, version: change.version, members: [] };
}
