/** Reading flat files: `file[index].column`. Sheet mspl 4.8. */
import { ScriptRunErrors as E } from '../errors.ts';
import type { FlatFile } from '../flat-file.ts';
import type { ScriptState } from '../script-state.ts';

const EXCERPT = 60;

/** A field of the row of that number, from 0; null beyond the last. */
function fieldAt(file: FlatFile, index: number | null, column: number): string | null {
  return index === null ? null : (file.table.rows[index]?.[column] ?? null);
}

/** A field of the row of that key; null if there is none. A file without keys ends the script. */
function fieldOf(s: ScriptState, site: number, file: FlatFile, key: string | null, column: number): string | null {
  if (!file.keyed) throw s.stop(site, E.MSPL_UNKEYED_FILE({ file: file.name, found: (key ?? 'null').slice(0, EXCERPT) }));
  return key === null ? null : (file.row(key)?.[column] ?? null);
}

/** What a look-up in a flat file compiles to. */
export const FILE_FUNCTIONS = {
  fieldAt,
  fieldOf,
};
