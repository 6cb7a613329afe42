/** What the operator of a running server is told about its application chain. */
import { errorTable } from '../errors/index.ts';

export const ServerErrors = errorTable({
  HOST_APPLICATION_DISABLED: {
    sentence: 'The routing application {name} has made ten critical errors and is out of the chain.',
    fix: 'Its errors are in the log above this line; mend the script and restart the server.',
  },
});
