/** Errors of the proxy core; each ends one request. */
import { errorTable } from '../errors/index.ts';

export const ProxyErrors = errorTable({
  PROXY_TOO_MANY_HOPS: {
    sentence: 'The request has used up its Max-Forwards.',
    fix: 'Look for two servers that route this address to each other.',
    status: 483,
  },
  PROXY_LOOP: {
    sentence: 'The request came back to this server unchanged: a loop.',
    fix: 'Look for a route or forwarding rule that leads {uri} back here.',
    status: 482,
  },
  PROXY_BREADTH: {
    sentence: 'The request would be forked into {branches} branches, and {allowed} are left to it.',
    fix: 'Register fewer contacts for this address, or fork in series.',
    status: 440,
  },
  PROXY_EXTENSION: {
    sentence: 'The request requires {tags} of this proxy, which it does not know.',
    fix: 'Send the request without that Proxy-Require.',
    status: 420,
  },
  PROXY_SCHEME: {
    sentence: 'The Request-URI has the scheme {scheme}, which this server cannot route.',
    fix: 'Use a sip, sips or tel URI.',
    status: 416,
  },
  PROXY_ROUTE_FORGED: {
    sentence: 'The Route of this server carries a signature that is not its own.',
    fix: 'Return Record-Route values exactly as they were received, in the same dialog.',
    status: 403,
  },
  PROXY_RELAY: {
    sentence: 'The request asks this server to relay it to {uri}, outside any dialog that it knows.',
    fix: 'Send it to the next server directly, or have the administrator allow outbound routing.',
    status: 403,
  },
  PROXY_FLOW_GONE: {
    sentence: 'The connection to the endpoint is gone.',
    fix: 'Try again when the user has signed in again.',
    status: 480,
  },
  PROXY_UNREACHABLE: {
    sentence: 'No server for {uri} could be reached.',
    fix: 'Check the name, its DNS records and the network.',
    status: 503,
  },
  PROXY_NO_ROUTE: {
    sentence: 'Nobody at this server answers for {uri}.',
    fix: 'Check the address; the routes command shows which application would claim it.',
    status: 404,
  },
});
