/** What can go wrong between a server and an application in another process. */
import { errorTable } from '@parley/core/errors';

/** Errors of applications in other processes. */
export const ApplicationErrors = errorTable({
  APPLICATION_FRAME_SIZE: {
    sentence: 'a frame of {bytes} bytes came, the limit is {limit}',
    fix: 'Send less in one message; in the server’s configuration limits.frameBytes says how much may come.',
  },
  APPLICATION_FRAME_SHAPE: {
    sentence: 'a frame is not what the protocol says: {problem}',
    fix: 'Use a client of the same protocol version, such as @parley/sdk/application.',
  },
  APPLICATION_UNREACHABLE: {
    sentence: 'the server cannot be reached at {place}: {reason}',
    fix: 'Start the server with the plugin external-applications, and look up its socket or port in `parley plugin info external-applications`.',
  },
  APPLICATION_WAITING: {
    sentence: 'the server cannot be reached at {place}, and is tried again: {reason}',
    fix: 'See that the server runs with the plugin external-applications, and that this is its data folder or port.',
  },
  APPLICATION_REFUSED: { sentence: '{message}', fix: '{fix}' },
  APPLICATION_GONE: {
    sentence: 'the connection to the server is gone: {reason}',
    fix: 'It is opened again by itself unless reconnect is false.',
  },
  APPLICATION_DECIDED: {
    sentence: 'the {what} was decided before, by {decided}',
    fix: 'Call one of respond with a final status, proxy, fork and sendBranches, once.',
  },
  APPLICATION_READ_ONLY: {
    sentence: 'the header {name} is the server’s and cannot be changed',
    fix: 'Leave Via, From, To, Call-ID, CSeq, Max-Forwards, Content-Length, Record-Route and stamps as they are.',
  },
});
