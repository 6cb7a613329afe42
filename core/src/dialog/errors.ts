/** The errors of the dialog layer. */
import { errorTable } from '../errors/index.ts';

/** Errors of dialogs; each has the status that a request gets because of it. */
export const DialogErrors = errorTable({
  DIALOG_NO_CONTACT: {
    sentence: 'a {what} that should create a dialog has no usable Contact',
    fix: 'the sender has to say in Contact where requests of the dialog go (RFC 3261 section 12.1)',
    status: 400,
  },
  DIALOG_UNKNOWN: {
    sentence: 'a {method} names a dialog that is not known here',
    fix: 'answer with the status of this error: the sender begins anew',
    status: 481,
  },
  DIALOG_NOT_YOURS: {
    sentence: 'a request in a dialog comes from somebody else than the user who began the dialog',
    fix: 'go on with a dialog as the user who began it',
    status: 403,
  },
  DIALOG_ENDED: {
    sentence: 'a {method} was to be sent in a dialog that has ended',
    fix: 'start a new dialog',
    status: 481,
  },
  DIALOG_BUSY: {
    sentence: '{method} cannot be sent now: {why}',
    fix: 'wait until what is under way has ended, then try again',
    status: 491,
  },
  DIALOG_ANSWERED: {
    sentence: 'a {method} was answered a second time',
    fix: 'answer each request once',
    status: 500,
  },
  DIALOG_LIMIT: {
    sentence: 'there are {count} dialogs already, which is the limit',
    fix: 'answer with the status of this error; raise maxDialogs if the memory is there',
    status: 503,
  },
  DIALOG_UNREACHABLE: {
    sentence: 'there is no way to {uri}: the connection it came on is closed, and nothing else is known',
    fix: 'end the dialog; the other side has to begin a new one',
    status: 503,
  },
});
