/** What a user's own endpoints are told. [MS-PRES] R6, R14, R15; sheet section 3.3. */
import { Markup, escapeXmlValue, xmlElement } from '@parley/sdk';
import type { CategoryInstance } from './category.ts';
import type { Container } from './containers.ts';
import type { Delegates } from './delegates.ts';
import { NAMESPACES } from './namespaces.ts';
import { readDocument } from './read.ts';
import type { Subscriber } from './subscribers.ts';
import { publishTimeText } from './time.ts';

const ROAMING_SETS = ['categories', 'containers', 'subscribers', 'delegates'] as const;

/** What an endpoint can ask for. */
export type RoamingSet = (typeof ROAMING_SETS)[number];

/** Reads the body of a SUBSCRIBE: the sets that are wanted; all without a body. Sets that nobody knows are passed over. Throws PRESENCE_DOCUMENT_*. */
export function readRoamingList(body: Buffer | string): ReadonlySet<RoamingSet> {
  if (body.length === 0) return new Set(ROAMING_SETS);
  const { root } = readDocument(
    body,
    'roamingList',
    { local: 'roamingList', namespace: NAMESPACES.roamingSelf },
    { size: 8192, depth: 8, elements: 64 },
  );
  const wanted = root.all('roaming').map((roaming) => roaming.attribute('type'));
  return new Set(ROAMING_SETS.filter((set) => wanted.includes(set)));
}

/** A category that has nothing left: in one container, or anywhere when none is named. */
export interface GoneCategory {
  readonly name: string;
  readonly container?: number | undefined;
}

/** What to put into a document; a set that is undefined is not in it. */
export interface RoamingData {
  /** Owner's address of record without scheme. */
  readonly aor: string;
  /** All instances of each category that is mentioned: clients forget the others. */
  readonly categories?: readonly CategoryInstance[] | undefined;
  /**
   * pidgin-sipe takes each of these that is in no container, or in none of its notes' containers, as the end of the user's own note,
   * whatever its name.
   */
  readonly gone?: readonly GoneCategory[] | undefined;
  readonly containers?: readonly Container[] | undefined;
  readonly subscribers?: readonly Subscriber[] | undefined;
  readonly delegates?: Delegates | undefined;
}

/** The document, of content type `CONTENT_TYPES.roamingSelf`. */
export function roamingDataDocument({ aor, categories, gone, containers, subscribers, delegates }: RoamingData): string {
  return xmlElement(
    'roamingData',
    { xmlns: NAMESPACES.roamingSelf },
    categories === undefined && gone === undefined ? undefined : categoriesMarkup(aor, categories ?? [], gone ?? []),
    containers && xmlElement('containers', { xmlns: NAMESPACES.containers }, containers.map(containerMarkup)),
    subscribers && xmlElement('subscribers', { xmlns: NAMESPACES.subscribers }, subscribers.map(subscriberMarkup)),
    delegates &&
      xmlElement('delegates', { xmlns: NAMESPACES.delegates, version: delegates.version }, delegates.members.map(delegateMarkup)),
  ).text;
}

function categoriesMarkup(aor: string, instances: readonly CategoryInstance[], gone: readonly GoneCategory[]): Markup {
  return xmlElement('categories', { xmlns: NAMESPACES.categories, uri: `sip:${aor}` }, instances.map(instanceMarkup), gone.map(goneMarkup));
}

/** By hand: every publish is answered with dozens of these. */
function instanceMarkup(one: CategoryInstance): Markup {
  const { name, instance, publishTime, container, version, expireType, endpointId = '', expires, content } = one;
  const endpoint = endpointId === '' ? '' : ` endpointId="${escapeXmlValue(endpointId)}"`;
  const seconds = expires === undefined ? '' : ` expires="${expires}"`;
  const key = `name="${escapeXmlValue(name)}" instance="${instance}" publishTime="${publishTimeText(publishTime)}" container="${container}"`;
  const start = `<category ${key} version="${version}" expireType="${expireType}"${endpoint}${seconds}`;
  return new Markup(content === '' ? `${start}/>` : `${start}>${content}</category>`);
}

function goneMarkup({ name, container }: GoneCategory): Markup {
  return xmlElement('category', { name, container });
}

function containerMarkup({ id, version, members }: Container): Markup {
  return xmlElement(
    'container',
    { id, version },
    members.map(({ type, value }) => xmlElement('member', { type, value })),
  );
}

function subscriberMarkup({ user, displayName, acknowledged, type, context }: Subscriber): Markup {
  const inside = context === undefined ? undefined : xmlElement('context', {}, new Markup(context));
  return xmlElement('subscriber', { user, displayName, acknowledged: String(acknowledged), type }, inside);
}

function delegateMarkup(uri: string): Markup {
  return xmlElement('delegate', { uri });
}
