/** What is said of a name that stands where a value is wanted, and is none. */
import type { ParleyError } from '../errors/index.ts';
import { BUILTINS } from './builtins.ts';
import { ENUMERATIONS } from './enumerations.ts';
import { ScriptTextErrors as E } from './errors.ts';
import { hint } from './nearest-name.ts';

/** What a name may mean in a script besides a variable. */
export interface OtherMeanings {
  /** Files of the manifest. */
  readonly files: { has(name: string): boolean };
  /** Functions of the script. */
  readonly functions: { has(name: string): boolean };
}

/** @param known names that would have been values here */
export function unknownName(name: string, { files, functions }: OtherMeanings, known: Iterable<string>): ParleyError {
  if (ENUMERATIONS.has(name)) return E.MSPL_NOT_A_VALUE({ name, what: 'an enumeration', instead: `Write ${name}.Member.` });
  if (files.has(name)) return E.MSPL_NOT_A_VALUE({ name, what: 'a file', instead: `Write ${name}[key].column.` });
  if (functions.has(name) || BUILTINS.has(name))
    return E.MSPL_NOT_A_VALUE({ name, what: 'a function', instead: `Write ${name}(...) to call it.` });
  return E.MSPL_UNKNOWN_NAME({ name, hint: hint(name, known) });
}
