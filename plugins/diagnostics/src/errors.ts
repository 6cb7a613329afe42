/** What the diagnostics plugin refuses, and why. */
import { errorTable } from '@parley/sdk';

export const DiagnosticsErrors = errorTable({
  DIAGNOSTICS_NETWORK_MALFORMED: {
    sentence: '"{found}" in insidePeers looks like an IP network and is none',
    fix: 'Write it as 192.0.2.7, 192.0.2.0/24 or 2001:db8::/32, or give the name in the TLS certificate.',
  },
  DIAGNOSTICS_REPORT_NOT_YOURS: {
    sentence: 'an error report of {sender} came for {target}',
    fix: 'Send error reports to the own address ([MS-OCER] section 3.1.4.1).',
    status: 403,
  },
  DIAGNOSTICS_REPORT_MALFORMED: {
    sentence: 'the error report cannot be read: {reason}',
    fix: 'Send a reportError document ([MS-OCER] section 6).',
    status: 400,
  },
  DIAGNOSTICS_REPORT_TOO_LARGE: {
    sentence: 'the error report has more than {limit} {what}',
    fix: 'Send fewer errors in one report, or let the administrator raise reports.maxBytes.',
    status: 413,
  },
  DIAGNOSTICS_TOO_MANY_REPORTS: {
    sentence: '{sender} has sent {limit} error reports within a minute',
    fix: 'Look why that client fails so often; reports.perMinute raises the limit.',
    status: 503,
  },
  DIAGNOSTICS_OPTION_MALFORMED: {
    sentence: '{option} {found} cannot be understood',
    fix: 'Give {wanted}.',
  },
});
