/** What watchers are told. [MS-PRES] R24, R25; sheet section 3.10.3. */
import type { CategoryInstance } from './category.ts';

/** What of an instance watchers see. */
export type VisibleInstance = Pick<CategoryInstance, 'name' | 'instance' | 'publishTime' | 'content'>;

/**
 * The document about one contact, of content type `CONTENT_TYPES.categories`.
 * @param aor of the contact, without scheme
 * @param instances all visible ones of each category that is mentioned
 * @param empty categories that have none
 */
export function categoriesDocument(aor: string, instances: readonly VisibleInstance[], empty: readonly string[] = []): string {
  void [aor, instances, empty];
  return '';
}
