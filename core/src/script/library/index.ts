/** Everything that generated code calls, by the names that it uses. */
import { ENUMERATIONS } from '../enumerations.ts';
import { ADDRESS_FUNCTIONS } from './address-functions.ts';
import { FIELDS } from './fields.ts';
import { FILE_FUNCTIONS } from './file-functions.ts';
import { HEADER_FUNCTIONS } from './header-functions.ts';
import { OPERATORS } from './operators.ts';
import { QUERY_FUNCTIONS } from './query-functions.ts';
import { ROUTING_FUNCTIONS } from './routing-functions.ts';
import { TEXT_FUNCTIONS } from './text-functions.ts';

/** The runtime library: built-ins, members, operators, and the enumerations by their own names. */
export const LIBRARY: Readonly<Record<string, unknown>> = {
  ...OPERATORS,
  ...FIELDS,
  ...FILE_FUNCTIONS,
  ...TEXT_FUNCTIONS,
  ...ADDRESS_FUNCTIONS,
  ...HEADER_FUNCTIONS,
  ...QUERY_FUNCTIONS,
  ...ROUTING_FUNCTIONS,
  ...Object.fromEntries(ENUMERATIONS),
};
