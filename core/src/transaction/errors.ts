/** The errors of the transaction layer. */
import { errorTable } from '../errors/index.ts';

/** Errors of transactions. */
export const TransactionErrors = errorTable({
  TRANSACTION_SEND_FAILED: {
    sentence: 'the {method} request could not be sent to {host}:{port}: the connection is closed or its peer does not read',
    fix: 'try the next destination, or answer the request upstream with the status of this error',
    status: 503,
  },
  TRANSACTION_CONNECTION_LOST: {
    sentence: 'the connection to {host}:{port} was lost before it answered the {method} request',
    fix: 'try the next destination, or answer the request upstream with the status of this error',
    status: 503,
  },
  TRANSACTION_RELEASED: {
    sentence: 'the request of an ended client transaction was asked for',
    fix: 'keep a reference to the request if it is needed after its final response',
    status: 500,
  },
  TRANSACTION_ACK: {
    sentence: 'an ACK was given to the transaction layer to send',
    fix: 'send the ACK for a 2xx through the transport; the ACK for any other response is made by the INVITE transaction itself',
    status: 500,
  },
  TRANSACTION_BRANCH: {
    sentence: 'a request was given to send whose top Via has {found}',
    fix: 'give each request that is sent a Via with a branch of its own from newBranch()',
    status: 500,
  },
});
