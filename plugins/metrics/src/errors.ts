/** What can keep the metrics plugin from starting. */
import { errorTable } from '@parley/sdk';

/** Error codes of the metrics plugin. */
export const MetricsErrors = errorTable({
  METRICS_ADDRESS: {
    sentence: 'the metrics page cannot listen on {address}: {reason}',
    fix: 'Give the metrics plugin another `host` or `port`, or stop the program that has this one (`ss -lntp`).',
  },
});
