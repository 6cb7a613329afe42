/** Reads which contacts a client of LCS 2005 subscribes to. [MS-SIP] section 3.3.4.1; sheet ms-pres section 3.11. */
import { BATCH_LIMITS } from './batch-subscribe.ts';
import type { BatchAction, WatchedResource } from './batch-subscribe.ts';
import { NAMESPACES } from './namespaces.ts';
import { addressOf, malformed, quoted, readDocument, tooMany } from './read.ts';

const WHAT = 'adhoclist';
/** Elements of the document, and what they do with the list. */
const ACTIONS = { create: 'subscribe', add: 'subscribe', delete: 'unsubscribe' } as const;

/**
 * Reads the body of a SUBSCRIBE, `CONTENT_TYPES.adhocList`. Clients write the list in the namespace of the schema and what is inside of
 * it in none, so that only the local names count there.
 * @param categories what such a client is told of
 * @throws PRESENCE_DOCUMENT_*
 */
export function readAdhocList(body: Buffer | string, categories: readonly string[]): readonly BatchAction[] {
  const { resources: most, bytes } = BATCH_LIMITS;
  const { root } = readDocument(body, WHAT, { local: WHAT }, { size: bytes, depth: 8, elements: 4000 });
  if (root.namespace !== '' && root.namespace !== NAMESPACES.adhocList)
    throw malformed(WHAT, `it is of the namespace ${quoted(root.namespace)}`);
  const [action, ...more] = root.elements.filter(({ local }) => Object.hasOwn(ACTIONS, local));
  if (action === undefined || more.length > 0) throw malformed(WHAT, 'it has not one of create, add and delete');
  const elements = action.elements.filter(({ local }) => local === 'resource');
  if (elements.length > most) throw tooMany(WHAT, elements.length, 'resources', most);
  const resources = new Map<string, WatchedResource>();
  for (const element of elements) {
    const uri = element.attribute('uri') ?? '';
    const aor = addressOf(uri);
    if (aor === undefined) throw malformed(WHAT, `the uri of a resource is ${quoted(uri)}, not a SIP address`);
    resources.set(aor, { aor, uri, context: undefined });
  }
  const name = ACTIONS[action.local as keyof typeof ACTIONS];
  return [{ name, id: '', resources: [...resources.values()], categories }];
}
