/** Where a request goes, when nothing else has decided it. Pure. RFC 3261 section 16.5, [MS-SIPRE] sections 3.3, 4.1, 4.2. */
import { decodeText } from '@parley/sdk';
import type { ParleyError, SipUri } from '@parley/sdk';
import type { Directory } from '@parley/plugin-directory/api';
import type { Binding, Location } from '@parley/plugin-registrar/api';
import type { RoutingConfig } from './config.ts';
import { RoutingErrors } from './errors.ts';

/** What of a request its way depends on. */
export interface RoutedRequest {
  readonly method: string;
  /** Request-URI. */
  readonly uri: SipUri;
  /** URI of From. */
  readonly from: SipUri;
  /** Address that a gate has verified; undefined without. */
  readonly identity: string | undefined;
  /** First word of Event. */
  readonly event: string;
}

/** What routing asks of the rest of the server. */
export interface Surroundings {
  readonly config: RoutingConfig;
  readonly location: Pick<Location, 'bindings' | 'byGruu' | 'byContact'>;
  /** Undefined where every registered address counts as a user. */
  readonly directory: Pick<Directory, 'findByAor' | 'findByPhone'> | undefined;
  readonly isLocalDomain: (host: string) => boolean;
  readonly isOwnAddress: (host: string, port: number | undefined) => boolean;
}

/** Endpoints of one of our users, or on to another domain. */
export type Route = { readonly kind: 'deliver'; readonly aor: string; readonly bindings: readonly Binding[] } | { readonly kind: 'relay' };

/** Consumed by the home server, never delivered to endpoints: [MS-SIPRE] 4.2. */
const NOT_FOR_USERS = new Set(['SERVICE', 'PUBLISH', 'BENOTIFY', 'REGISTER']);

/** The way of a request, or why there is none. */
export function findRoute(request: RoutedRequest, world: Surroundings): Route | ParleyError {
  const { uri } = request;
  if (uri.scheme !== 'tel' && !uri.isSip) return RoutingErrors.ROUTING_SCHEME({ scheme: uri.scheme });
  const local = uri.scheme === 'tel' || world.isLocalDomain(uri.host);
  if (local) return refuseSender(request, world) ?? routeLocally(request, world);
  const binding = world.location.byContact(uri);
  if (binding !== undefined) return refuseSender(request, world) ?? { kind: 'deliver', aor: binding.aor, bindings: [binding] };
  if (world.isOwnAddress(uri.host, uri.port)) {
    return uri.user === undefined ? refuseForServer(request) : RoutingErrors.ROUTING_NOT_OUR_DOMAIN({ host: uri.host });
  }
  return relay(request, world);
}

/** Who may reach our users: they themselves when they have signed in, and those outside whom nobody here can ask. */
function refuseSender(request: RoutedRequest, world: Surroundings): ParleyError | undefined {
  if (request.identity !== undefined) return undefined;
  if (request.from.isSip && !world.isLocalDomain(request.from.host)) {
    return world.config.inbound === 'allow' ? undefined : RoutingErrors.ROUTING_OUTSIDE_SENDER();
  }
  return world.config.requireAuthentication ? RoutingErrors.ROUTING_NOT_AUTHENTICATED({ from: request.from.userAtHost }) : undefined;
}

function routeLocally(request: RoutedRequest, world: Surroundings): Route | ParleyError {
  const { uri, method } = request;
  if (uri.scheme !== 'tel' && uri.user === undefined) return refuseForServer(request);
  const opaque = uri.params.get('opaque');
  const gruu = world.location.byGruu(uri);
  if (gruu === undefined && typeof opaque === 'string') return RoutingErrors.ROUTING_SERVICE_UNKNOWN({ service: opaque });
  const aor = userOf(uri, world);
  if (typeof aor !== 'string') return aor;
  if (method === 'SUBSCRIBE') return RoutingErrors.ROUTING_EVENT_UNKNOWN({ event: request.event });
  if (NOT_FOR_USERS.has(method)) return RoutingErrors.ROUTING_NOT_FOR_USERS({ method });
  if (gruu !== undefined) {
    if (gruu.binding === undefined) return RoutingErrors.ROUTING_ENDPOINT_GONE({ aor });
    return { kind: 'deliver', aor, bindings: [gruu.binding] };
  }
  const bindings = world.location.bindings(aor);
  if (bindings.length === 0) return RoutingErrors.ROUTING_NOT_REGISTERED({ aor });
  const able = bindings.filter((binding) => binding.methods.supports(method));
  if (able.length === 0) return RoutingErrors.ROUTING_METHOD_UNSUPPORTED({ aor, method });
  return { kind: 'deliver', aor, bindings: able };
}

/** The address of the user that a local URI names: by address, or by phone number ([MS-SIPRE] R18). */
function userOf(uri: SipUri, world: Surroundings): string | ParleyError {
  const { directory } = world;
  const aor = decodeText(uri.userAtHost).toLowerCase();
  const isPhone = uri.scheme === 'tel' || uri.params.get('user') === 'phone' || uri.user?.startsWith('+') === true;
  if (directory === undefined) return uri.scheme === 'tel' ? RoutingErrors.ROUTING_NUMBER_UNKNOWN({ number: aor }) : aor;
  const byAddress = uri.scheme === 'tel' ? undefined : directory.findByAor(aor);
  const user = byAddress ?? (isPhone ? directory.findByPhone(decodeText(uri.unescapedUser ?? '')) : undefined);
  // Who is disabled is not there, for those who ask.
  if (user?.enabled === true) return user.aor;
  return isPhone
    ? RoutingErrors.ROUTING_NUMBER_UNKNOWN({ number: decodeText(uri.user ?? '') })
    : RoutingErrors.ROUTING_USER_UNKNOWN({ aor });
}

function refuseForServer(request: RoutedRequest): ParleyError {
  if (request.method === 'SUBSCRIBE') return RoutingErrors.ROUTING_EVENT_UNKNOWN({ event: request.event });
  return RoutingErrors.ROUTING_NOT_FOR_SERVER({ method: request.method });
}

/** To other domains: only for senders that are known, and only where the operator allows it. */
function relay(request: RoutedRequest, world: Surroundings): Route | ParleyError {
  const { outbound } = world.config;
  const { host } = request.uri;
  if (outbound === 'deny' || (outbound !== 'allow' && !outbound.some((pattern) => matches(host, pattern)))) {
    return RoutingErrors.ROUTING_OUTBOUND_DENIED({ domain: host });
  }
  return request.identity === undefined ? RoutingErrors.ROUTING_RELAY_DENIED() : { kind: 'relay' };
}

/** `*.example.org` stands for every name below example.org, but not for itself. */
function matches(host: string, pattern: string): boolean {
  return pattern.startsWith('*.') ? host.endsWith(pattern.slice(1)) : host === pattern;
}
