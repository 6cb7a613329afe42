/** What watchers are told. [MS-PRES] R24, R25; sheet section 3.10.3. */
import { Markup, xmlElement } from '@parley/sdk';
import type { CategoryInstance } from './category.ts';
import { NAMESPACES } from './namespaces.ts';
import { publishTimeText } from './time.ts';

/** What of an instance watchers see. */
export type VisibleInstance = Pick<CategoryInstance, 'name' | 'instance' | 'publishTime' | 'content'>;

/**
 * The document about one contact, of content type `CONTENT_TYPES.categories`.
 * @param aor of the contact, without scheme
 * @param instances all visible ones of each category that is mentioned
 * @param empty categories that have none
 */
export function categoriesDocument(aor: string, instances: readonly VisibleInstance[], empty: readonly string[] = []): string {
  const visible = instances.map(({ name, instance, publishTime, content }) =>
    xmlElement('category', { name, instance, publishTime: publishTimeText(publishTime) }, new Markup(content)),
  );
  const none = empty.map((name) => xmlElement('category', { name }));
  return xmlElement('categories', { xmlns: NAMESPACES.categories, uri: `sip:${aor}` }, visible, none).text;
}
