/** What a compiled script needs from the server for one message, and what the server learns of the run. */
import type { SipRequest, SipResponse } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import type { CompiledApplication } from './application.ts';
import type { Diagnostic } from './diagnostic.ts';
import type { SourcePlace } from './source-text.ts';

/** An extra argument of Dispatch: Unicode text, a number, a bool or null. An enumeration member comes as its text. */
export type ScriptValue = string | number | boolean | null;

/** RequestTarget, sheet mspl 4.6. Read only when the script asks for it. */
export interface TargetInfo {
  /** Byte string. */
  readonly uri: string;
  /** Unicode text, `user@host`; '' when the target is no user. */
  readonly aor: string;
  readonly instance: string | null;
  readonly isPhone: boolean;
  readonly domainSupported: boolean;
}

/** What an edge knows of a sender (MSPL R57). */
export interface ExternalSource {
  /** MessageOrigin; NetworkUnknown when absent: this server is no edge. */
  readonly origin?: 'NetworkUnknown' | 'NetworkInternal' | 'NetworkExternal' | 'LocalMachine' | undefined;
  /** ExternalSourceType by member name; Unknown when absent. */
  readonly externalType?: string | undefined;
  /** ExternalSourceNetwork by member name; Unknown when absent. */
  readonly externalNetwork?: string | undefined;
}

/** RequestSource. Read only when the script asks for it. */
export interface SourceInfo extends ExternalSource {
  /** Unicode text, `user@host`, or the number of a tel URI. */
  readonly aor: string;
  readonly isPhone: boolean;
  readonly instance: string | null;
}

/** One registered endpoint, as a script's dbEndpoint shows it. */
export interface ScriptEndpoint {
  readonly epid: string;
  readonly instance: string | null;
  /** Bits of StandardMethod. */
  readonly standardMethods: number;
  /** Methods without a bit, joined by commas. */
  readonly extraMethods: string;
  /** Request-URI that reaches the endpoint, a byte string. */
  readonly contactInfo: string;
}

/** What a script does to its message. Texts are byte strings, checked and free of line breaks. */
export interface ScriptActions {
  /** Answers the request; false when it was finally answered before. */
  respond(status: number, reason: string, headers: readonly (readonly [name: string, value: string])[]): boolean;
  /** Sends the request on; '' keeps the Request-URI, another one is routing information (MSPL R21). */
  proxyRequest(uri: string): void;
  /** Sends the request on to another user (MSPL R23). */
  retarget(uri: string): void;
  /** Sends one copy to each URI; called once, by EndFork, with at least one. */
  fork(uris: readonly string[]): void;
  proxyResponse(): void;
  /** Hands the message to a method of the plugin's handler; false under overload. */
  dispatch(method: string, parameters: readonly ScriptValue[]): boolean;
  /** Tells a method of the plugin's handler something; true when it was queued. */
  notify(method: string, parameters: readonly ScriptValue[]): boolean;
  /** The script assigned to sipRequest.RequestUri: replaces it and marks the request as routed (MSPL R51). */
  setRequestUri(uri: string): void;
  /** The script assigned to Transaction.MarshalContent. */
  setMarshalContent?(value: boolean): void;
}

/** Stamps of one application on the message at hand. */
export interface ScriptStamps {
  /** The first stamp of the application; undefined without one. */
  read(appUri: string): { readonly stamp: string; readonly pool: string } | undefined;
  /** False when the stamp is too long, or the message carries too many. */
  add(appUri: string, stamp: string): boolean;
}

/** Where Log writes: the event log as a warning, the event log as an error, the tracer. */
export type LogChannel = 'Event' | 'Error' | 'Debugr';

/** What went wrong in a run, with its place in the manifest. */
export interface ScriptFault extends Diagnostic {
  /** The script's function in which it happened; '' for the body. */
  readonly function: string;
}

/** What a script may ask of the server. The same object serves all runs. */
export interface ScriptEnvironment {
  readonly fqdn: string;
  readonly pool: string;
  readonly role: 'FrontEnd' | 'HomeServer' | 'AccessProxy' | 'Proxy';
  /** Is the domain served here? '' asks only whether registrations can be looked up. */
  domainSupported(domain: string): boolean;
  /** Do addresses in the domain belong to users of this server? */
  isLocalDomain?(domain: string): boolean;
  /** The registered endpoints of a user, best first. @param userAtHost byte string */
  endpoints(userAtHost: string): readonly ScriptEndpoint[];
  /** FQDN of the server that homes the user. @param cluster member of ClusterType */
  homeServer(key: string, isPhone: boolean, cluster: string): string | null;
  /** @param option member of UserOption */
  checkUserOption(key: string, option: string, isPhone: boolean): boolean;
  /** What an edge knows of the sender; absent, or undefined: nothing. */
  sourceOf?(inbound: Inbound<SipRequest>): ExternalSource | undefined;
  /**
   * The script called Log. @param detail true asks for the whole message
   * @param text Unicode text, line breaks and all: see `logEntry` for what to write
   */
  log(channel: LogChannel, run: ScriptRun, detail: boolean, text: string, application: CompiledApplication): void;
  /** Something went wrong in a run; a critical fault counts against the application, any other one ended the run. */
  scriptError(application: CompiledApplication, fault: ScriptFault, critical: boolean): void;
}

/** One message in front of one application. Exactly one of `request` and `response` is there. */
export interface ScriptRun {
  /** The working copy: scripts change it. */
  readonly request: SipRequest | undefined;
  readonly response: SipResponse | undefined;
  /** The request that began the transaction, as it came. */
  readonly original: SipRequest;
  /** How the message came in; undefined for one that the server made. */
  readonly sourceFlow: { readonly tlsPeer: string } | undefined;
  /** Set when the sender is verified. */
  readonly identity: { readonly aor: string } | undefined;
  readonly target: TargetInfo;
  readonly source: SourceInfo;
  /** The request follows a route set. */
  readonly fixedRoute: boolean;
  readonly actions: ScriptActions;
  readonly environment: ScriptEnvironment;
  /** Absent while the server carries none. */
  readonly stamps?: ScriptStamps;
  /** Transaction.MarshalContent so far; true when absent. */
  readonly marshalContent?: boolean;
}

/** What a run did with its message; `none` means that the manifest's proxyByDefault decides. */
export interface RunOutcome {
  readonly handled: 'responded' | 'dispatched' | 'proxied' | 'none';
  /** Critical errors of this run; ten of an application disable it (MSPL R44). */
  readonly criticalErrors: number;
  /** What ended the run early. */
  readonly error: ScriptFault | undefined;
}

/** Follows one run, statement by statement. A run without one costs nothing for it: traced code is compiled separately. */
export interface ScriptTrace {
  /** Called before each statement. */
  statement(place: SourcePlace): void;
  /** Called with the value of each condition, switch subject and assignment. */
  value(place: SourcePlace, value: unknown): void;
}
