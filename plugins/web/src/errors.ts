/** What can go wrong with the HTTPS host before a request is answered. */
import { errorTable } from '@parley/sdk';

export const WebErrors = errorTable({
  WEB_ADDRESS: {
    sentence: 'The web services cannot listen on {address}: {reason}.',
    fix: 'Give the web plugin another `host` or `port`, or stop the program that has this one (`ss -lntp`). Ports below 1024 need the right to bind them.',
  },
  WEB_TLS_SETTINGS: {
    sentence: 'OpenSSL does not take the TLS settings of the web services: {reason}.',
    fix: 'Mend `tls` in the configuration of the web plugin.',
  },
  WEB_ROUTES_REFUSED: {
    sentence: 'Routes of a web service cannot be added: {reason}.',
    fix: 'Leave out one of the plugins that want this route, or give one another path.',
  },
});
