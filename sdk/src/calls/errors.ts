/** What ends a call that a plugin takes part in. */
import { errorTable } from '@parley/core';

/** Errors of `answer` and `bridge`. A handler lets them pass: the request is answered with their status. */
export const CallErrors = errorTable({
  CALL_NO_OFFER: {
    sentence: 'The INVITE has no session description, and a bridge needs the offer of the caller.',
    fix: 'Let the caller send its offer in the INVITE, or route the call instead of bridging it.',
    status: 488,
  },
});
