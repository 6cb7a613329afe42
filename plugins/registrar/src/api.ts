/** What other plugins may know of registrations. */
import { subject, token } from '@parley/sdk';
import type { ForkTarget, SipUri, Subject, Token, TransportName } from '@parley/sdk';

/** Methods that an endpoint accepts; one that listed none accepts all. */
export interface Methods {
  readonly names: readonly string[];
  supports(method: string): boolean;
}

/** One endpoint of one user, as it is registered at this moment. Hold it only for the length of one request: a refresh changes it in place. */
export interface Binding {
  /** Lower case: `alice@example.com`. */
  readonly aor: string;
  /** Contact URI, the Request-URI of what is delivered. Its host is the address the endpoint is seen at when it asked for `proxy=replace`. */
  readonly contact: string;
  /** Preference, 0 to 1000 thousandths. RFC 3261 section 20.10. */
  readonly q: number;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  /** When it first registered, and when it did last; milliseconds since 1970. */
  readonly registeredAt: number;
  readonly refreshedAt: number;
  /** UUID of +sip.instance as the endpoint spelt it; '' without one. */
  readonly instance: string;
  /** RFC 5626 reg-id; 0 without. */
  readonly regId: number;
  /** '' without one. Compare without case. */
  readonly epid: string;
  readonly methods: Methods;
  /** Route values between us and the endpoint, first hop first. RFC 3327. */
  readonly path: readonly string[];
  readonly userAgent: string;
  readonly transport: TransportName;
  /** The connection it registered on; 0 for UDP and for endpoints behind another proxy. */
  readonly flowId: number;
  /** It registered on a connection that a restart has cut, and has not come back: nothing can be delivered. */
  readonly lost: boolean;
}

/** What a GRUU leads to. */
export interface EndpointLookup {
  /** Whose endpoint it names. */
  readonly aor: string;
  /** Undefined when that endpoint is not registered. */
  readonly binding: Binding | undefined;
}

/** Where users are. Everything is answered from memory. */
export interface Location {
  /** Endpoints of a user that can be reached now, in the order in which they came. `aor` is `user@host` in lower case. */
  bindings(aor: string): readonly Binding[];
  /** What an endpoint GRUU stands for ([MS-SIPRE] 3.3, RFC 5627); undefined when the URI is no such GRUU. */
  byGruu(uri: SipUri): EndpointLookup | undefined;
  /** The endpoint whose Contact has this user, host and port; undefined without one, and when two users have such a one. */
  byContact(uri: SipUri): Binding | undefined;
  /** How to reach an endpoint; undefined when its connection is gone. */
  target(binding: Binding): ForkTarget | undefined;
  /** Registrations that are held, those that wait for their endpoint to come back included. */
  readonly size: number;
}
export const Location: Token<Location> = token<Location>('registrar.location');

/** Names one endpoint in the events of the registrar. */
export interface EndpointEvent {
  readonly aor: string;
  /** '' without one. */
  readonly epid: string;
  /** UUID of +sip.instance; '' without one. */
  readonly instance: string;
  readonly contact: string;
}

/** Why an endpoint is gone. */
export type UnboundReason =
  /** It signed out. */
  | 'unregistered'
  | 'expired'
  /** Its connection closed. */
  | 'disconnected'
  /** Another endpoint took its place in the quota. */
  | 'quota'
  /** An administrator dropped it. */
  | 'administrator'
  /** Its user was removed or disabled. */
  | 'disabled'
  /** The user's password was changed: what was authenticated with the old one no longer counts. */
  | 'password'
  /** Its user has another home server now. */
  | 'moved';

export interface UnboundEvent extends EndpointEvent {
  readonly reason: UnboundReason;
}

/** An endpoint has registered that was not registered before, or has moved to another connection. Refreshes are not told. */
export const Bound: Subject<EndpointEvent> = subject<EndpointEvent>('registrar.bound');
/** An endpoint is registered no more. */
export const Unbound: Subject<UnboundEvent> = subject<UnboundEvent>('registrar.unbound');
