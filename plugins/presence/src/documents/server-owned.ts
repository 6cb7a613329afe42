/** What the server publishes of a user from the directory. [MS-PRES] R7, S1, S8, S9; sheet ms-pres-schemas sections 3.8 and 3.11. */
import type { ServerPublication } from './category.ts';

/** What the directory knows of a user. */
export interface DirectoryCard {
  readonly aor: string;
  readonly displayName: string;
  /** Default: the address of record. */
  readonly email?: string | undefined;
  readonly company?: string | undefined;
  readonly department?: string | undefined;
  readonly title?: string | undefined;
  readonly office?: string | undefined;
  /** E.164, as `+14255550100` or `+14255550100;ext=100`; the first is the line of the user's client. */
  readonly phones?: readonly string[] | undefined;
}

/** All of them; publish those whose content is another than before. */
export function directoryPublications(card: DirectoryCard): readonly ServerPublication[] {
  void card;
  return [];
}
