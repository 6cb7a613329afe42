/** What is refused of NTLM messages. */
import { errorTable } from '@parley/core';

/** Errors of NTLM messages. */
export const NtlmErrors = errorTable({
  NTLM_MALFORMED: {
    sentence: 'The NTLM message cannot be read: {found}.',
    fix: 'Send it as [MS-NLMP] section 2.2.1 writes it.',
    status: 400,
  },
});
