/** Reads and applies changes of membership. [MS-PRES] R17, R18; sheet section 3.5. */
import type { XmlElement } from '@parley/sdk';
import { MAX_CONTAINER, MEMBER_TYPES } from './containers.ts';
import type { Container, ContainerMember } from './containers.ts';
import { PresenceDocumentErrors } from './errors.ts';
import { NAMESPACES } from './namespaces.ts';
import { addressOf, malformed, quoted, readDocument, tooMany, unsignedAttribute } from './read.ts';

/** A member that comes or goes. */
export interface MemberChange {
  readonly action: 'add' | 'remove';
  readonly member: ContainerMember;
}

/** One container of a setContainerMembers. */
export interface ContainerChange {
  /** 1..32767. */
  readonly id: number;
  /** The version that the client knows. */
  readonly version: number;
  readonly changes: readonly MemberChange[];
}

/** Bounds of a setContainerMembers. How many members a container may have is for its keeper to say. */
export const CONTAINER_LIMITS = { bytes: 65_536, containers: 64, changes: 500 } as const;

const WHAT = 'setContainerMembers';
const DOMAIN = /^[a-z0-9_-]+(\.[a-z0-9_-]+)*$/;
const MAX_DOMAIN = 253;

/**
 * Reads the body of a SERVICE. Containers are in the order of the request, each at most once; no member is both added to and removed
 * from one.
 * @throws PRESENCE_DOCUMENT_* with status 400 or 413
 */
export function readSetContainerMembers(body: Buffer | string): readonly ContainerChange[] {
  const { bytes, containers: most, changes } = CONTAINER_LIMITS;
  const { root } = readDocument(body, WHAT, { local: WHAT, namespace: NAMESPACES.containers }, { size: bytes, depth: 8, elements: 1000 });
  const elements = root.all('container', NAMESPACES.containers);
  if (elements.length === 0) throw malformed(WHAT, 'there is no container in it');
  if (elements.length > most) throw tooMany(WHAT, elements.length, 'containers', most);
  const containers = elements.map(readContainer);
  const count = containers.reduce((sum, container) => sum + container.changes.length, 0);
  if (count > changes) throw tooMany(WHAT, count, 'members', changes);
  const seen = new Set<number>();
  for (const { id } of containers) {
    if (seen.has(id)) throw PresenceDocumentErrors.PRESENCE_DOCUMENT_DUPLICATE({ what: WHAT, found: `container ${id}` });
    seen.add(id);
  }
  return containers;
}

function readContainer(container: XmlElement): ContainerChange {
  const id = unsignedAttribute(container, 'id', WHAT, MAX_CONTAINER);
  if (id === 0) throw malformed(WHAT, 'container 0 has everybody in it who is in no other, and cannot be changed');
  const version = unsignedAttribute(container, 'version', WHAT);
  const changes = container.all('member', NAMESPACES.containers).map(readChange);
  const actions = new Map<string, string>();
  for (const { action, member } of changes) {
    const key = memberKey(member);
    if ((actions.get(key) ?? action) !== action) {
      throw PresenceDocumentErrors.PRESENCE_DOCUMENT_DUPLICATE({ what: WHAT, found: `${quoted(key)} of container ${id}` });
    }
    actions.set(key, action);
  }
  return { id, version, changes };
}

function readChange(element: XmlElement): MemberChange {
  const action = element.attribute('action');
  if (action !== 'add' && action !== 'remove') throw malformed(WHAT, `action is ${quoted(action ?? '')}, neither add nor remove`);
  return { action, member: readMember(element) };
}

function readMember(element: XmlElement): ContainerMember {
  const said = element.attribute('type');
  const type = MEMBER_TYPES.find((one) => one === said);
  if (type === undefined) throw malformed(WHAT, `the type of a member is ${quoted(said ?? '')}, not one of ${MEMBER_TYPES.join(', ')}`);
  if (type !== 'user' && type !== 'domain') return { type };
  const value = element.attribute('value');
  const name = type === 'user' ? addressOf(value) : domainOf(value);
  if (name === undefined) throw malformed(WHAT, `the value of a member is ${quoted(value ?? '')}, which is no ${type}`);
  return { type, value: name };
}

function domainOf(text: string | undefined): string | undefined {
  const domain = text?.trim().toLowerCase() ?? '';
  return domain.length <= MAX_DOMAIN && DOMAIN.test(domain) ? domain : undefined;
}

/**
 * The container after a change: version one higher, new members behind the old ones. Who is in already is not added again, who is not
 * in is not missed.
 * @param container undefined when it did not exist
 */
export function changeContainer(container: Container | undefined, { id, changes }: ContainerChange): Container {
  const members = new Map((container?.members ?? []).map((member) => [memberKey(member), member]));
  for (const { action, member } of changes) {
    const key = memberKey(member);
    if (action === 'remove') members.delete(key);
    else if (!members.has(key)) members.set(key, member);
  }
  return { id, version: (container?.version ?? 0) + 1, members: [...members.values()] };
}

function memberKey({ type, value }: ContainerMember): string {
  return value === undefined ? type : `${type} ${value}`;
}
