/** ErrorIds in faults. [MS-OCER] section 7.22 lists those of these services, but its table is not public as far as known. */
import { UNNAMED_ERROR_ID } from '@parley/sdk';

export const FAULT_IDS = {
  /** What servers of the original say when a ticket is missing, altered, expired or for another service. */
  noValidToken: 28_020,
  /** Everything that has no id that is known here. */
  other: UNNAMED_ERROR_ID.expected,
} as const;
