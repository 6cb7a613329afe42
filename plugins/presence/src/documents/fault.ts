/** The body of a 409. [MS-PRES] R9; sheet section 3.4. */

/** An entry of the request whose version is not the current one. */
export interface VersionConflict {
  /** Place in the request, from 1. */
  readonly index: number;
  /** What the client said. */
  readonly version: number;
  /** What it should have said; 0: there is no such instance. */
  readonly curVersion: number;
}

/** All mismatches of a request, of content type `CONTENT_TYPES.fault`. */
export function versionFault(conflicts: readonly VersionConflict[]): string {
  void conflicts;
  return '';
}
