/** What default routing refuses, and why. */
import { errorTable } from '@parley/sdk';

/** Error codes of routing; `{name}` slots are filled where the error is made. */
export const RoutingErrors = errorTable({
  ROUTING_USER_UNKNOWN: { sentence: '{aor} does not exist', fix: 'Check the address; `parley user list` shows who is there.', status: 404 },
  ROUTING_NUMBER_UNKNOWN: {
    sentence: 'nobody here has the number {number}',
    fix: 'Give the number to a user, or load a plugin that routes calls to the telephone network.',
    status: 404,
  },
  ROUTING_SERVICE_UNKNOWN: {
    sentence: 'no plugin provides the service {service}',
    fix: 'Load the plugin that does; `parley routes` shows who claims what.',
    status: 404,
  },
  ROUTING_NOT_REGISTERED: { sentence: '{aor} is not signed in', fix: 'Try again when the user is.', status: 480 },
  ROUTING_ENDPOINT_GONE: {
    sentence: 'that endpoint of {aor} is not signed in',
    fix: 'Ask for the user instead of the endpoint.',
    status: 480,
  },
  ROUTING_METHOD_UNSUPPORTED: {
    sentence: 'no endpoint of {aor} takes {method}',
    fix: 'Use a method that the endpoint lists.',
    status: 480,
  },
  ROUTING_NOT_FOR_USERS: {
    sentence: '{method} is not for users, and nobody at this server answers it',
    fix: 'Load the plugin that does.',
    status: 405,
  },
  ROUTING_NOT_FOR_SERVER: { sentence: 'this server itself does not answer {method}', fix: 'Name a user in the Request-URI.', status: 405 },
  ROUTING_EVENT_UNKNOWN: { sentence: 'nobody here notifies of {event}', fix: 'Load the plugin that does, such as presence.', status: 489 },
  ROUTING_SCHEME: { sentence: 'a {scheme} URI leads nowhere from here', fix: 'Use a sip, sips or tel URI.', status: 416 },
  ROUTING_NOT_OUR_DOMAIN: {
    sentence: '{host} is an address of this server, but none of its domains',
    fix: 'Use a domain of the server, or add the address to `domains`.',
    status: 404,
  },
  ROUTING_NOT_AUTHENTICATED: {
    sentence: 'nothing has authenticated the sender as {from}',
    fix: 'Load an authentication plugin, or set requireAuthentication to false on a closed network.',
    status: 403,
  },
  ROUTING_OUTSIDE_SENDER: {
    sentence: 'senders outside our domains are not let in',
    fix: "Set inbound to 'allow' to let them.",
    status: 403,
  },
  ROUTING_OUTBOUND_DENIED: {
    sentence: 'requests to {domain} are not allowed from here',
    fix: "List the domain in `outbound`, or set it to 'allow'.",
    status: 403,
  },
  ROUTING_RELAY_DENIED: { sentence: 'nothing is relayed for senders that nobody has authenticated', fix: 'Sign in first.', status: 403 },
});
