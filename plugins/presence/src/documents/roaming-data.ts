/** What a user's own endpoints are told. [MS-PRES] R6, R14, R15; sheet section 3.3. */
import type { CategoryInstance } from './category.ts';
import type { Container } from './containers.ts';
import type { Subscriber } from './subscribers.ts';

export type RoamingSet = 'categories' | 'containers' | 'subscribers' | 'delegates';

/** Reads the body of a SUBSCRIBE: the sets that are wanted; all without a body. Throws PRESENCE_DOCUMENT_*. */
export function readRoamingList(body: Buffer | string): ReadonlySet<RoamingSet> {
  void body;
  return new Set();
}

/** What to put into a document; a set that is undefined is not in it. */
export interface RoamingData {
  /** Owner's address of record without scheme. */
  readonly aor: string;
  /** All instances of each category that is mentioned. */
  readonly categories?: readonly CategoryInstance[] | undefined;
  /** Categories that have nothing left: in one container, or anywhere when none is named. */
  readonly gone?: readonly { readonly name: string; readonly container?: number | undefined }[] | undefined;
  readonly containers?: readonly Container[] | undefined;
  readonly subscribers?: readonly Subscriber[] | undefined;
  /** Addresses without scheme. */
  readonly delegates?: readonly string[] | undefined;
}

/** The document, of content type `CONTENT_TYPES.roamingSelf`. */
export function roamingDataDocument(data: RoamingData): string {
  void data;
  return '';
}
