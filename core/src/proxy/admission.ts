/** What a proxy looks at before it routes a request. RFC 3261 sections 16.3 and 16.4. */
import { H } from '../sip/index.ts';
import type { SipRequest, SipUri } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import { BENOTIFY_OPTION } from '../dialog/index.ts';
import type { ParleyError } from '../errors/index.ts';
import { ProxyErrors } from './errors.ts';
import { branchSuffix, loopHash } from './loop-check.ts';
import type { RouteSigner, RouteState, SideToken } from './route-token.ts';

/** A request that may be routed, with what its Route headers told. */
export interface Admitted {
  /** The request runs on a route that is not the routing scripts' to change: in a dialog through here, or by a Route of the sender's. */
  readonly fixedRoute: boolean;
  /** The fixed route is one that this server wrote into the dialog itself, so it may be followed without asking policy. */
  readonly trustedRoute: boolean;
  /** Where this server's own Record-Route says that the other side is. */
  readonly side: SideToken | undefined;
  /** To be put at the end of the branch parameter of every forwarded copy; see loop-check.ts. */
  readonly branchSuffix: string;
}

/** What admission has to know of the server. */
export interface Self {
  /** True for the host and port of a listener, or a name under which this server is known. */
  isOwnAddress(host: string, port: number | undefined): boolean;
}

const ROUTABLE = new Set(['sip', 'sips', 'tel']);
const NONE: readonly string[] = [];
const NOT_FIXED = { fixedRoute: false, trustedRoute: false, side: undefined };

/**
 * Checks `request` and takes this server's own Route values off it, in place. Gives the error to answer with when the
 * request may not go on: 483, 482, 420, 416 or 403.
 */
export function admit(request: SipRequest, flow: Flow, self: Self, signer: RouteSigner): Admitted | ParleyError {
  if (request.maxForwards === 0) return ProxyErrors.PROXY_TOO_MANY_HOPS();
  const unknown = unknownExtensions(request);
  if (unknown.length > 0) return ProxyErrors.PROXY_EXTENSION({ tags: unknown.join(', ') });
  const suffix = branchSuffix(loopHash(request));
  if (request.count(H.Via) > 1 || request.first(H.Via)?.includes(',') === true) {
    if (hasLooped(request, self, suffix)) return ProxyErrors.PROXY_LOOP({ uri: request.uri });
  }
  if (!request.has(H.Route) && !request.uri.includes('opaque=state:')) {
    return ROUTABLE.has(request.requestUri.scheme)
      ? { ...NOT_FIXED, branchSuffix: suffix }
      : ProxyErrors.PROXY_SCHEME({ scheme: request.requestUri.scheme });
  }
  return takeOwnRoutes(request, flow, self, signer, suffix);
}

/** Proxy-Require tags that this server does not know: what the Unsupported of a 420 has to list. RFC 3261 16.3 step 5. */
export function unknownExtensions(request: SipRequest): readonly string[] {
  if (!request.has(H.ProxyRequire)) return NONE;
  // The dialog layer notifies by BENOTIFY where that is offered ([MS-SIPRE] sheet section 6).
  return request.list(H.ProxyRequire).filter((tag) => tag.toLowerCase() !== BENOTIFY_OPTION);
}

function hasLooped(request: SipRequest, self: Self, suffix: string): boolean {
  return request.list(H.Via).some((via) => via.includes(suffix) && self.isOwnAddress(...sentBy(via)));
}

/** Host and port of a Via value that is already known to carry a branch of ours. */
function sentBy(via: string): [host: string, port: number | undefined] {
  const address = via.trim().split(/\s+/, 2)[1]?.split(';', 1)[0] ?? '';
  const colon = address.lastIndexOf(':');
  if (colon < 0 || address.endsWith(']')) return [address.toLowerCase(), undefined];
  return [address.slice(0, colon).toLowerCase(), Number(address.slice(colon + 1))];
}

function takeOwnRoutes(request: SipRequest, flow: Flow, self: Self, signer: RouteSigner, suffix: string): Admitted | ParleyError {
  let state: RouteState | undefined;
  const strict = ownState(request.requestUri, self, signer, request.callId);
  if (strict === 'forged') return ProxyErrors.PROXY_ROUTE_FORGED();
  if (strict !== undefined) {
    // A strict router put our Record-Route into the Request-URI; the real one is the last Route (16.4).
    state = strict;
    restoreRequestUri(request);
  }
  while (request.has(H.Route)) {
    const top = request.routes[0];
    if (top === undefined) {
      // Commas and nothing between them.
      request.remove(H.Route);
      break;
    }
    if (!self.isOwnAddress(top.uri.host, top.uri.port)) break;
    const own = ownState(top.uri, self, signer, request.callId);
    if (own === 'forged') return ProxyErrors.PROXY_ROUTE_FORGED();
    state ??= own;
    request.shift(H.Route);
  }
  if (!ROUTABLE.has(request.requestUri.scheme)) return ProxyErrors.PROXY_SCHEME({ scheme: request.requestUri.scheme });
  const left = request.has(H.Route);
  return {
    fixedRoute: left || state !== undefined,
    trustedRoute: state !== undefined,
    side: state === undefined || left ? undefined : otherSide(state, flow),
    branchSuffix: suffix,
  };
}

function restoreRequestUri(request: SipRequest): void {
  const routes = request.list(H.Route);
  const last = request.routes.at(-1);
  if (last === undefined) return;
  request.remove(H.Route);
  for (const route of routes.slice(0, -1)) request.append(H.Route, route);
  request.uri = last.uri.toString();
}

function ownState(uri: SipUri, self: Self, signer: RouteSigner, callId: string): RouteState | 'forged' | undefined {
  const opaque = uri.params.get('opaque');
  if (typeof opaque !== 'string' || !opaque.startsWith('state:')) return undefined;
  if (!self.isOwnAddress(uri.host, uri.port)) return undefined;
  const signature = uri.params.get('ms-route-sig');
  return typeof signature === 'string' ? signer.read(opaque, signature, callId) : 'forged';
}

/** The side that did not send this: known by the sender's flow, or by the other side being the one it cannot be. */
function otherSide(state: RouteState, flow: Flow): SideToken {
  if (isFrom(state.caller, flow)) return state.callee;
  if (isFrom(state.callee, flow)) return state.caller;
  // The sender is a side that is known by its Contact alone, or a client that has reconnected.
  if (state.caller.kind === 'contact' && state.callee.kind !== 'contact') return state.callee;
  if (state.callee.kind === 'contact' && state.caller.kind !== 'contact') return state.caller;
  return { kind: 'contact' };
}

function isFrom(side: SideToken, flow: Flow): boolean {
  if (side.kind === 'flow') return side.id === flow.id && flow.reliable;
  return side.kind === 'udp' && !flow.reliable && side.host === flow.remote.host && side.port === flow.remote.port;
}
