/** What is wrong with a configuration of discovery, and with a request. */
import { errorTable } from '@parley/sdk';

export const AutodiscoverErrors = errorTable({
  AUTODISCOVER_LOOP: {
    sentence: 'Discovery would send clients of {what} to {url}, which is this server.',
    fix: 'Name the other server’s URL in {place}, or leave the entry out if these users are at home here.',
  },
});
