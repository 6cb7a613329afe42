/** The changes that a proxy makes to the copy it sends on. RFC 3261 section 16.6. */
import { H } from '../sip/index.ts';
import type { SipRequest, Via } from '../sip/index.ts';
import type { Flow } from '../transport/index.ts';
import { sideToken } from './route-token.ts';
import type { RouteSigner } from './route-token.ts';

/** What of the transport the forwarding rules use. */
export interface OwnNames {
  viaFor(flow: Flow, branch: string): string;
  recordRouteUri(flow: Flow): string;
}

const DEFAULT_MAX_FORWARDS = 70;
/** Methods that make dialogs whose later requests have to come through here. */
const DIALOG_METHODS = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);

/** True for a request that creates a dialog: its method can, and its To has no tag. */
export function createsDialog(request: SipRequest): boolean {
  return DIALOG_METHODS.has(request.method) && request.to.tag === undefined;
}

/**
 * RFC 3261 16.6 step 6: when the first Route is not a loose router, it takes the Request-URI's place and the Request-URI
 * becomes the last Route. True when it was so: the next hop is then the Request-URI.
 */
export function applyStrictRouting(request: SipRequest): boolean {
  const top = request.routes[0];
  if (top === undefined || top.uri.params.has('lr')) return false;
  request.append(H.Route, `<${request.uri}>`);
  request.shift(H.Route);
  request.uri = top.uri.toString();
  return true;
}

/** Lowers Max-Forwards, which admission has seen to be above 0; a request without one gets 70. */
export function lowerMaxForwards(request: SipRequest): void {
  const hops = request.maxForwards;
  request.set(H.MaxForwards, String(hops === undefined ? DEFAULT_MAX_FORWARDS : hops - 1));
}

/** Puts this server's Via on top, as for a branch on `to`. @param branched it is one of several (sheet mspl, R24) */
export function addVia(request: SipRequest, to: Flow, branch: string, names: OwnNames, branched = false): void {
  const via = names.viaFor(to, branch);
  request.prepend(H.Via, branched ? `${via};branched=TRUE` : via);
}

/** What applications of servers have stamped on the request is for servers, not for clients (script/request-stamps.ts). */
export function dropStamps(request: SipRequest): void {
  if (request.has(H.MSApplicationVia)) request.remove(H.MSApplicationVia);
}

/**
 * Puts this server on the path of the dialog. One value serves both sides when they use the same listener; else each side
 * gets the one it can reach (RFC 5658), the callee's on top.
 * @param nat whether the callee is reached where it registered from, not where its Contact says
 */
export function addRecordRoute(request: SipRequest, from: Flow, to: Flow, nat: boolean, names: OwnNames, signer: RouteSigner): void {
  const state = { caller: sideToken(from, isBehindNat(request.topVia, from)), callee: sideToken(to, nat) };
  const parameters = signer.parameters(state, request.callId);
  const here = names.recordRouteUri(from);
  const there = names.recordRouteUri(to);
  request.prepend(H.RecordRoute, `<${here}${parameters}>`);
  if (there !== here) request.prepend(H.RecordRoute, `<${there}${parameters}>`);
}

/** A UDP client whose Via names another address than it sends from can only be reached where it sends from. */
function isBehindNat(via: Via, flow: Flow): boolean {
  if (flow.reliable) return false;
  return via.host !== flow.remote.host || (via.port ?? 5060) !== flow.remote.port;
}
