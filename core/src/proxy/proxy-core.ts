/** The stateful proxy: from an admitted request to branches, and ACKs along their route. RFC 3261 section 16. */
import { H, newBranch } from '../sip/index.ts';
import type { SipRequest, SipUri } from '../sip/index.ts';
import { ParleyError } from '../errors/index.ts';
import type { Clock } from '../clock/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import { exceedsDatagram, isRefusal, overTcp } from '../transport/index.ts';
import type { Destination, Flow, Inbound, TransportLayer } from '../transport/index.ts';
import { admit } from './admission.ts';
import type { Admitted, Self } from './admission.ts';
import { Branch } from './branch.ts';
import type { Target } from './branch.ts';
import { ProxyErrors } from './errors.ts';
import { addVia, applyStrictRouting, dropStamps, lowerMaxForwards } from './forward.ts';
import type { ResponseContext } from './response-context.ts';
import { RouteSigner } from './route-token.ts';
import type { SideToken } from './route-token.ts';

export interface ProxyOptions {
  /** How long an INVITE branch may ring without a final answer, in ms; more than 180,000 by RFC 3261 16.6 step 11. */
  readonly timerCMs: number;
  /** Signs this server's Record-Route values; at least 32 bytes, kept over restarts. */
  readonly routeSecret: Buffer;
  /** The registered endpoint that a Request-URI names, by its Contact or its GRUU; undefined when it names none. */
  locate(uri: SipUri): Located | undefined;
  /** A next hop could not be reached: for the operator's log. */
  report(error: ParleyError, destination: Destination): void;
}

/** A registered endpoint and the way to it; with neither flow nor destination its contact says where it is. */
export interface Located {
  /** The Request-URI that it expects. */
  readonly contact: string;
  readonly flow: Flow | undefined;
  readonly destination: Destination | undefined;
  readonly reachable: boolean;
}

/** What of the resolver the proxy uses; RFC 3263. */
export interface NextHops {
  /** From IP literals and what is cached; undefined when the DNS has to be asked. Throws ParleyError for a URI that leads nowhere. */
  resolveNow(uri: SipUri): readonly Destination[] | undefined;
  resolve(uri: SipUri): Promise<readonly Destination[]>;
  /** Tries this destination last for a while. */
  putAside(destination: Destination): void;
}

type ProxyTransport = Pick<TransportLayer, 'flow' | 'flowFor' | 'udpFlow' | 'connect' | 'send' | 'viaFor' | 'recordRouteUri'>;

type NextHop = { readonly flow: Flow } | { readonly destination: Destination } | { readonly uri: SipUri };

/** A copy of a request on its way out, with what the routing decided of it. */
export interface Leg extends Target {
  /** An application has said where it goes: a new Request-URI, a flow, a destination, or a Route of its own. */
  readonly routed: boolean;
  readonly admitted: Admitted;
  readonly destination: Destination | undefined;
}

/** Bytes of our Via on an ACK, with room to spare. */
const OWN_VIA = 200;

export class ProxyCore {
  readonly signer: RouteSigner;

  constructor(
    readonly transactions: Pick<TransactionLayer, 'send'>,
    readonly names: ProxyTransport,
    private readonly resolver: NextHops,
    private readonly self: Self,
    readonly clock: Clock,
    readonly options: ProxyOptions,
  ) {
    this.signer = new RouteSigner(options.routeSecret);
  }

  /** RFC 3261 16.3 and 16.4, in place; the error to answer with when the request may not go on. */
  admit(inbound: Inbound<SipRequest>): Admitted | ParleyError {
    return admit(inbound.message, inbound.flow, this.self, this.signer);
  }

  /** Sends a leg to where the routing or its Route and Request-URI point, as a branch of `context`. */
  forward(context: ResponseContext, leg: Leg): void {
    const branch = new Branch(this, context, leg);
    context.add(branch);
    if (context.cancelled) {
      branch.cancel(undefined);
      return;
    }
    lowerMaxForwards(leg.request);
    try {
      const hop = this.nextHop(leg);
      if ('flow' in hop) branch.startOn(hop.flow);
      else if ('destination' in hop) branch.startAt([hop.destination]);
      else this.startByName(branch, hop.uri);
    } catch (error) {
      branch.fail(asParleyError(error));
    }
  }

  /** Sends an ACK for a 2xx on, without state: it has no answer, so one that leads nowhere is dropped. RFC 3261 16.11. */
  forwardAck(leg: Leg): void {
    lowerMaxForwards(leg.request);
    try {
      const hop = this.nextHop(leg);
      if ('flow' in hop) this.sendAck(leg, hop.flow);
      else if ('destination' in hop) this.ackTo(leg, hop.destination);
      else this.ackByName(leg, hop.uri);
    } catch (error) {
      asParleyError(error);
    }
  }

  /** The open way to a destination, where there is one without waiting: always over UDP. */
  flowTo(destination: Destination): Flow | undefined {
    if (destination.transport === 'UDP') return this.names.udpFlow('UDP', { host: destination.host, port: destination.port });
    return this.names.flowFor(destination);
  }

  connect(destination: Destination): Promise<Flow> {
    return this.names.connect(destination);
  }

  /** A destination did not answer, or could not be reached. */
  failed(destination: Destination, error: ParleyError | undefined): void {
    this.resolver.putAside(destination);
    if (error !== undefined) this.options.report(error, destination);
  }

  private ackByName(leg: Leg, uri: SipUri): void {
    const known = this.resolver.resolveNow(uri);
    if (known !== undefined) {
      this.ackTo(leg, known[0], true);
      return;
    }
    this.resolver.resolve(uri).then(
      (found) => this.ackTo(leg, found[0], true),
      () => undefined,
    );
  }

  /** @param byName see Branch.startAt */
  private ackTo(leg: Leg, destination: Destination | undefined, byName = false): void {
    if (destination === undefined) return;
    const flow = this.flowTo(destination);
    const isTooLarge = byName && flow?.reliable === false && exceedsDatagram(leg.request, OWN_VIA);
    if (flow !== undefined && !isTooLarge) {
      this.sendAck(leg, flow);
      return;
    }
    const reached = isTooLarge ? overTcp(destination) : destination;
    this.connect(reached).then(
      (opened) => this.sendAck(leg, opened),
      (error: unknown) => {
        if (flow !== undefined && isRefusal(error)) this.sendAck(leg, flow);
        else this.failed(reached, asParleyError(error));
      },
    );
  }

  private sendAck(leg: Leg, flow: Flow): void {
    if (!flow.trusted) dropStamps(leg.request);
    addVia(leg.request, flow, newBranch() + leg.branchSuffix, this.names);
    this.names.send(leg.request, flow);
  }

  private startByName(branch: Branch, uri: SipUri): void {
    const known = this.resolver.resolveNow(uri);
    if (known !== undefined) {
      branch.startAt(known, true);
      return;
    }
    this.resolver.resolve(uri).then(
      (found) => branch.startAt(found, true),
      (error: unknown) => branch.fail(asParleyError(error)),
    );
  }

  /** Throws the error that ends the leg when there is none. */
  private nextHop(leg: Leg): NextHop {
    const { request, admitted } = leg;
    if (leg.flow !== undefined) {
      if (leg.flow.open) return { flow: leg.flow };
      throw ProxyErrors.PROXY_FLOW_GONE();
    }
    if (leg.destination !== undefined) return { destination: leg.destination };
    if (admitted.side !== undefined && admitted.side.kind !== 'contact') {
      const flow = this.sideFlow(admitted.side);
      if (flow !== undefined) return { flow };
      const again = this.located(request);
      if (again === undefined) throw ProxyErrors.PROXY_FLOW_GONE();
      return again;
    }
    if (!leg.routed && !admitted.trustedRoute) throw this.unrouted(request);
    const strict = request.has(H.Route) && applyStrictRouting(request);
    const route = strict ? undefined : request.routes[0];
    if (route !== undefined) return { uri: route.uri };
    const uri = request.requestUri;
    const located = this.located(request);
    if (located !== undefined) return located;
    if (uri.scheme === 'tel' || this.self.isOwnAddress(uri.host, uri.port)) throw ProxyErrors.PROXY_NO_ROUTE({ uri: request.uri });
    return { uri };
  }

  /** The way to the endpoint that the Request-URI names, which then gets its own Contact (RFC 5627 section 5.1). */
  private located(request: SipRequest): NextHop | undefined {
    const endpoint = this.options.locate(request.requestUri);
    if (endpoint === undefined) return undefined;
    if (!endpoint.reachable) throw ProxyErrors.PROXY_FLOW_GONE();
    if (request.uri !== endpoint.contact) request.uri = endpoint.contact;
    if (endpoint.flow !== undefined) return { flow: endpoint.flow };
    return endpoint.destination === undefined ? { uri: request.requestUri } : { destination: endpoint.destination };
  }

  /** Nobody in the chain decided where it goes: following the sender's own wishes would make this server an open relay. */
  private unrouted(request: SipRequest): ParleyError {
    const uri = request.has(H.Route) ? (request.routes[0]?.uri ?? request.requestUri) : request.requestUri;
    if (uri.scheme === 'tel' || this.self.isOwnAddress(uri.host, uri.port)) return ProxyErrors.PROXY_NO_ROUTE({ uri: uri.raw });
    return ProxyErrors.PROXY_RELAY({ uri: uri.raw });
  }

  private sideFlow(side: SideToken): Flow | undefined {
    if (side.kind === 'udp') return this.names.udpFlow('UDP', { host: side.host, port: side.port });
    return side.kind === 'flow' ? this.names.flow(side.id) : undefined;
  }
}

/** Lets faults of the program through, to where they are logged; what a peer or the network caused is a ParleyError. */
function asParleyError(error: unknown): ParleyError {
  if (error instanceof ParleyError) return error;
  throw error;
}
