/** Reads which contacts a client subscribes to. [MS-PRES] sections 2.2.2.4 and 6.8; sheet section 3.10.1. */
import type { XmlDocument, XmlElement } from '@parley/sdk';
import { standaloneContent } from './content.ts';
import { NAMESPACES } from './namespaces.ts';
import { addressOf, malformed, quoted, readDocument, tooMany } from './read.ts';

/** A contact in a batch. */
export interface WatchedResource {
  /** Address in lower case, without scheme and parameters. */
  readonly aor: string;
  /** URI as it was sent. */
  readonly uri: string;
  /** Markup inside of its `context` (may be empty), at most 1024 characters; undefined without one: the contact is not to be told. */
  readonly context: string | undefined;
}

/** Contacts and what is wanted of them. */
export interface BatchAction {
  readonly name: 'subscribe' | 'unsubscribe';
  readonly id: string;
  /** At least one, each once. */
  readonly resources: readonly WatchedResource[];
  /** Names, each once. */
  readonly categories: readonly string[];
}

/** A batch that was read. */
export interface BatchSubscribe {
  /** Address of record of the subscriber as the document has it, in lower case, without scheme. */
  readonly aor: string | undefined;
  /** At least one. */
  readonly actions: readonly BatchAction[];
}

/** Bounds of a batch: a thousand contacts, each with the context that Lync sends. */
export const BATCH_LIMITS = { bytes: 524_288, actions: 16, resources: 1000, categories: 256, context: 1024 } as const;

const WHAT = 'batchSub';
const MAX_ID = 64;
const MAX_NAME = 128;

/** Reads the body of a SUBSCRIBE. Throws PRESENCE_DOCUMENT_*. */
export function readBatchSubscribe(body: Buffer | string): BatchSubscribe {
  const { bytes, actions: most, resources } = BATCH_LIMITS;
  const limits = { size: bytes, depth: 16, elements: 8000 };
  const document = readDocument(body, WHAT, { local: WHAT, namespace: NAMESPACES.batchSubscribe }, limits);
  const { root } = document;
  const elements = root.all('action', NAMESPACES.batchSubscribe);
  if (elements.length === 0) throw malformed(WHAT, 'there is no action in it');
  if (elements.length > most) throw tooMany(WHAT, elements.length, 'actions', most);
  const actions = elements.map((element) => readAction(document, element));
  const count = actions.reduce((sum, action) => sum + action.resources.length, 0);
  if (count > resources) throw tooMany(WHAT, count, 'resources', resources);
  return { aor: addressOf(root.attribute('uri')), actions };
}

function readAction(document: XmlDocument, action: XmlElement): BatchAction {
  const name = action.attribute('name');
  if (name !== 'subscribe' && name !== 'unsubscribe') {
    throw malformed(WHAT, `the name of an action is ${quoted(name ?? '')}, neither subscribe nor unsubscribe`);
  }
  const list = action.child('adhocList', NAMESPACES.batchSubscribe);
  const elements = list?.all('resource', NAMESPACES.batchSubscribe) ?? [];
  if (list === undefined || elements.length === 0) throw malformed(WHAT, 'an action has no resource');
  const around = [document.root, action, list];
  const resources = new Map<string, WatchedResource>();
  for (const element of elements) {
    const resource = readResource(document, element, around);
    // Of one that is named twice, the context counts.
    if (resources.get(resource.aor)?.context === undefined) resources.set(resource.aor, resource);
  }
  return {
    name,
    id: (action.attribute('id') ?? '').slice(0, MAX_ID),
    resources: [...resources.values()],
    categories: categoriesOf(action),
  };
}

function readResource(document: XmlDocument, resource: XmlElement, around: readonly XmlElement[]): WatchedResource {
  const uri = resource.attribute('uri') ?? '';
  const aor = addressOf(uri);
  if (aor === undefined) throw malformed(WHAT, `the uri of a resource is ${quoted(uri)}, not a SIP address`);
  const context = resource.child('context', NAMESPACES.batchSubscribe);
  if (context === undefined) return { aor, uri, context };
  const outer = [...around, resource, context];
  const text = context.elements.map((element) => standaloneContent(document, element, outer)).join('');
  // What is longer is no less a wish to be seen.
  return { aor, uri, context: text.length > BATCH_LIMITS.context ? '' : text };
}

function categoriesOf(action: XmlElement): readonly string[] {
  const elements = action.child('categoryList', NAMESPACES.categoryList)?.all('category', NAMESPACES.categoryList) ?? [];
  if (elements.length > BATCH_LIMITS.categories) throw tooMany(WHAT, elements.length, 'categories', BATCH_LIMITS.categories);
  const names = elements.map((category) => category.attribute('name') ?? '').filter((name) => name !== '' && name.length <= MAX_NAME);
  return [...new Set(names)];
}
