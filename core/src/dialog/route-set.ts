/** Route sets: how requests of a dialog find their way. RFC 3261 sections 12.1 and 12.2.1.1. */
import { H, NameAddr, SipUri } from '../sip/index.ts';
import type { SipMessage } from '../sip/index.ts';

/** Request-URI and Route values of one request. */
export interface RoutedTarget {
  readonly uri: string;
  readonly routes: readonly string[];
}

/** Route values of the side that received the request, nearest first: Record-Route in order. RFC 3261 12.1.1. */
export function routeSetOfUas(message: SipMessage): readonly string[] {
  return message.list(H.RecordRoute);
}

/** Route values of the side that sent the request, nearest first: Record-Route of the response in reverse. RFC 3261 12.1.2. */
export function routeSetOfUac(message: SipMessage): readonly string[] {
  return message.list(H.RecordRoute).toReversed();
}

/**
 * Where a request goes: the remote target as Request-URI and the route set as Route; or, when the first element of the route set is
 * a strict router (no `lr`), that element as Request-URI and the target at the end of Route. RFC 3261 12.2.1.1.
 */
export function routeTo(target: string, routeSet: readonly string[]): RoutedTarget {
  const [first, ...others] = routeSet;
  if (first === undefined) return { uri: target, routes: routeSet };
  const { uri } = NameAddr.parse(first);
  if (uri.params.has('lr')) return { uri: target, routes: routeSet };
  return { uri: requestUri(uri), routes: [...others, `<${target}>`] };
}

/** A URI as it may stand in a request line: without headers and a method parameter. RFC 3261 19.1.1. */
export function requestUri(uri: SipUri): string {
  if (uri.headers === undefined && !uri.params.has('method')) return uri.raw;
  return uri.with({ headers: undefined, params: uri.params.without('method') }).toString();
}

/** The next hop of a request: its first Route, else its Request-URI. */
export function nextHopOf(uri: string, route: string | undefined): SipUri {
  return route === undefined ? SipUri.parse(uri) : NameAddr.parse(route).uri;
}
