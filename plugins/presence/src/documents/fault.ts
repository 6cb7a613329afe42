/** The body of a 409. [MS-PRES] R9; sheet section 3.4. */
import { xmlElement } from '@parley/sdk';
import { NAMESPACES } from './namespaces.ts';

/** An entry of the request whose version is not the current one. */
export interface VersionConflict {
  /** Place in the request, from 1. */
  readonly index: number;
  /** What the client said. */
  readonly version: number;
  /** What it should have said; 0: there is no such instance. */
  readonly curVersion: number;
}

const WRONG_DELTA = 'Client.BadCall.WrongDelta';

/** All mismatches of a request, of content type `CONTENT_TYPES.fault`. A client that misses one would try for ever. */
export function versionFault(conflicts: readonly VersionConflict[]): string {
  const operations = conflicts.map(({ index, version, curVersion }) => xmlElement('operation', { index, version, curVersion }));
  return xmlElement('Fault', { xmlns: NAMESPACES.fault }, xmlElement('Faultcode', {}, WRONG_DELTA), xmlElement('details', {}, operations))
    .text;
}
