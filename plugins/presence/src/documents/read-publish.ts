/** Reads what a client wants to publish. [MS-PRES] R8 to R13, S15, S16; sheet section 3.4. */
import type { XmlDocument, XmlElement } from '@parley/sdk';
import { readDevice } from '../aggregate/device-document.ts';
import type { DeviceDocument } from '../aggregate/device-document.ts';
import { readState } from '../aggregate/state-document.ts';
import type { StateDocument } from '../aggregate/state-document.ts';
import { CATEGORY_RULES } from './category-rules.ts';
import type { CategoryRule, CategoryRules } from './category-rules.ts';
import type { ExpireType, InstanceKey } from './category.ts';
import { MAX_CONTAINER } from './containers.ts';
import { standaloneContent } from './content.ts';
import { PresenceDocumentErrors } from './errors.ts';
import { NAMESPACES } from './namespaces.ts';
import { addressOf, malformed, quoted, readDocument, tooMany, unsigned, unsignedAttribute } from './read.ts';

/** One instance to be published or deleted. */
export interface Publication extends InstanceKey {
  /** The version that the publisher knows; 0: none. */
  readonly version: number;
  readonly expireType: ExpireType;
  /** Seconds, for `time`; from 1. */
  readonly expires?: number | undefined;
  /** Asked to be deleted (`expires="0"`). */
  readonly deletes: boolean;
  /** The category document as it was sent, with what it needs of namespaces declared around it; empty when there is none. */
  readonly content: string;
  /** What aggregation needs of a `state`. */
  readonly state?: StateDocument | undefined;
  /** What aggregation needs of a `device`. */
  readonly device?: DeviceDocument | undefined;
}

/** A publish that was read. */
export interface PublishRequest {
  /** Whose publications they are said to be: address of record in lower case without scheme; undefined when it is not said. */
  readonly aor: string | undefined;
  /** At least one; no two for the same instance. Their places count from 1 in faults. */
  readonly publications: readonly Publication[];
}

/** Bounds of a publish. A client that signs in sends a tenth of each. */
export const PUBLISH_LIMITS = {
  /** Bytes of the body. Sheet section 5. */
  bytes: 65_536,
  /** Instances. */
  publications: 200,
  /** UTF-16 units of a category document. Sheet section 5. */
  content: 8192,
  /** Elements inside each other in the whole body. */
  depth: 32,
  elements: 4000,
} as const;

const WHAT = 'publish';
const EXPIRE_TYPES: readonly ExpireType[] = ['static', 'endpoint', 'user', 'time'];
const AGGREGATE_TYPES: ReadonlySet<string | undefined> = new Set(['aggregateState', 'aggregateMachineState']);

/**
 * Reads the body of a SERVICE.
 * @throws PRESENCE_DOCUMENT_* with status 400, 403 (an instance of the server's own) or 413
 */
export function readPublish(body: Buffer | string, rules: CategoryRules = CATEGORY_RULES): PublishRequest {
  const document = readDocument(body, WHAT, { local: 'publish', namespace: NAMESPACES.publish }, LIMITS);
  const list = document.root.child('publications', NAMESPACES.publish);
  const elements = list?.all('publication', NAMESPACES.publish) ?? [];
  if (list === undefined || elements.length === 0) throw malformed(WHAT, 'there is no publication in it');
  const { publications: limit } = PUBLISH_LIMITS;
  if (elements.length > limit) throw tooMany(WHAT, elements.length, 'publications', limit);
  const publications = elements.map((element) => readPublication(document, list, element, rules));
  refuseDuplicates(publications);
  const uri = list.attribute('uri');
  const aor = addressOf(uri);
  if (uri !== undefined && aor === undefined) throw malformed(WHAT, `uri is ${quoted(uri)}, not a SIP address`);
  return { aor, publications };
}

const LIMITS = { size: PUBLISH_LIMITS.bytes, depth: PUBLISH_LIMITS.depth, elements: PUBLISH_LIMITS.elements };

function readPublication(document: XmlDocument, list: XmlElement, element: XmlElement, rules: CategoryRules): Publication {
  const category = element.attribute('categoryName') ?? '';
  const rule = rules.get(category);
  if (rule === undefined) throw PresenceDocumentErrors.PRESENCE_DOCUMENT_CATEGORY_UNKNOWN({ category: quoted(category) });
  const instance = unsignedAttribute(element, 'instance', WHAT);
  if (rule.serverOwns(instance)) throw PresenceDocumentErrors.PRESENCE_DOCUMENT_SERVER_OWNED({ category, instance });
  const head = {
    name: category,
    instance,
    container: unsignedAttribute(element, 'container', WHAT, MAX_CONTAINER),
    version: unsignedAttribute(element, 'version', WHAT),
    ...lifetimeOf(element),
  };
  const [content, ...more] = element.elements;
  if (head.deletes || content === undefined) return { ...head, content: '' };
  if (more.length > 0) throw malformed(WHAT, `a publication of ${category} has more than one element in it`);
  checkNamespace(rule, content);
  const text = standaloneContent(document, content, [document.root, list, element]);
  if (text.length > PUBLISH_LIMITS.content) throw tooMany(category, text.length, 'characters', PUBLISH_LIMITS.content);
  return { ...head, content: text, ...meaningOf(category, instance, content) };
}

function lifetimeOf(element: XmlElement): Pick<Publication, 'expireType' | 'expires' | 'deletes'> {
  const said = element.attribute('expireType');
  const expires = element.attribute('expires');
  const seconds = expires === undefined ? undefined : unsigned(expires);
  if (expires !== undefined && seconds === undefined) throw malformed(WHAT, `expires is ${quoted(expires)}, not a number of seconds`);
  const deletes = seconds === 0;
  const expireType = EXPIRE_TYPES.find((type) => type === said) ?? (deletes ? 'static' : undefined);
  if (expireType === undefined) throw malformed(WHAT, `expireType is ${quoted(said ?? '')}, not one of ${EXPIRE_TYPES.join(', ')}`);
  if (expireType !== 'time') return { expireType, deletes };
  if (seconds === undefined) throw malformed(WHAT, 'a publication that expires by time does not say when');
  return deletes ? { expireType, deletes } : { expireType, expires: seconds, deletes };
}

function checkNamespace({ name, namespaces }: CategoryRule, { namespace }: XmlElement): void {
  if (namespaces === undefined || namespaces.includes(namespace)) return;
  throw malformed(WHAT, `a publication of ${name} is of the namespace ${quoted(namespace)}, not of ${namespaces[0] ?? ''}`);
}

/** Read once, here. Who names an aggregate under an instance of its own would be believed by clients that look at the type alone. */
function meaningOf(category: string, instance: number, content: XmlElement): Pick<Publication, 'state' | 'device'> {
  if (category === 'device') return { device: readDevice(content) };
  if (category !== 'state') return {};
  const state = readState(content);
  if (AGGREGATE_TYPES.has(state.type)) throw PresenceDocumentErrors.PRESENCE_DOCUMENT_SERVER_OWNED({ category, instance });
  return { state };
}

function refuseDuplicates(publications: readonly InstanceKey[]): void {
  const seen = new Set<string>();
  for (const { name, instance, container } of publications) {
    const key = `${name} ${instance} in container ${container}`;
    if (seen.has(key)) throw PresenceDocumentErrors.PRESENCE_DOCUMENT_DUPLICATE({ what: WHAT, found: key });
    seen.add(key);
  }
}
