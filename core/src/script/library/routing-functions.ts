/**
 * The built-in functions that answer and route. Sheet mspl 4.9, 5.3 and 6: a call on the wrong kind of message, or after the
 * message was handled, is a critical error and does nothing; the script goes on.
 */
import { SipUri, encodeText } from '../../sip/index.ts';
import { ScriptRunErrors as E } from '../errors.ts';
import type { LogChannel, ScriptValue } from '../run.ts';
import type { ScriptState } from '../script-state.ts';
import { fieldText, isHeaderName } from './header-text.ts';

/** Headers of a response that the server makes itself. */
const OWN_HEADERS = new Set('via from to call-id cseq content-length v f t i l'.split(' '));
const CHANNELS: Readonly<Record<string, LogChannel>> = { Event: 'Event', Error: 'Error' };
const EXCERPT = 80;

const NO_HEADERS: readonly (readonly [string, string])[] = [];

function Respond(s: ScriptState, site: number, code: number, reason: string, extras: readonly string[]): boolean {
  if (!onRequest(s, site)) return false;
  // R15: a second answer is refused without being an error.
  if (s.handled === 'responded' || !unhandled(s, site)) return false;
  if (code < 100 || code > 699) {
    s.critical(site, E.MSPL_STATUS({ found: code }));
    return false;
  }
  const headers = extras.length === 0 ? NO_HEADERS : readExtras(s, site, extras);
  if (headers === undefined) return false;
  const sent = s.run.actions.respond(code, fieldText(reason), headers);
  if (sent && code >= 200) s.handled = 'responded';
  return sent;
}

/** Split at the first "=" only (MSPL R17); undefined after one that is no header, and then nothing is sent. */
function readExtras(s: ScriptState, site: number, extras: readonly string[]): readonly (readonly [string, string])[] | undefined {
  const headers: (readonly [string, string])[] = [];
  for (const extra of extras) {
    s.chargeText(site, extra.length);
    const equals = extra.indexOf('=');
    const name = extra.slice(0, equals).trim();
    if (equals < 0 || !isHeaderName(name) || OWN_HEADERS.has(name.toLowerCase())) {
      s.critical(site, E.MSPL_EXTRA({ found: extra.slice(0, EXCERPT) }));
      return undefined;
    }
    headers.push([name, fieldText(extra.slice(equals + 1))]);
  }
  return headers;
}

function ProxyRequest(s: ScriptState, site: number, uri: string): void {
  if (!onRequest(s, site) || !unhandled(s, site)) return;
  if (uri !== '' && !onFreeRoute(s, site)) return;
  s.run.actions.proxyRequest(uri === '' ? '' : requestUri(s, site, uri));
  s.handled = 'proxied';
}

function RetargetRequest(s: ScriptState, site: number, sipUri: string): void {
  if (!onRequest(s, site) || !unhandled(s, site) || !onFreeRoute(s, site)) return;
  s.run.actions.retarget(requestUri(s, site, sipUri));
  s.handled = 'proxied';
}

function BeginFork(s: ScriptState, site: number, _reserved1: boolean, _reserved2: number): void {
  if (!onRequest(s, site) || !unhandled(s, site)) return;
  if (s.forks !== null) {
    s.critical(site, E.MSPL_FORK_ORDER({ problem: 'BeginFork while a fork set is open already' }));
    return;
  }
  s.forks = [];
  s.forkSite = site;
}

function Fork(s: ScriptState, site: number, uri: string): void {
  if (!onRequest(s, site) || !unhandled(s, site)) return;
  if (s.forks === null) s.critical(site, E.MSPL_FORK_ORDER({ problem: 'Fork without a BeginFork before it' }));
  else if (onFreeRoute(s, site)) s.forks.push(requestUri(s, site, uri));
}

function EndFork(s: ScriptState, site: number): void {
  if (!onRequest(s, site) || !unhandled(s, site)) return;
  const { forks } = s;
  s.forks = null;
  if (forks === null) s.critical(site, E.MSPL_FORK_ORDER({ problem: 'EndFork without a BeginFork before it' }));
  else if (forks.length === 0) s.critical(site, E.MSPL_FORK_EMPTY());
  else {
    s.run.actions.fork(forks);
    s.handled = 'proxied';
  }
}

function ProxyResponse(s: ScriptState, site: number): void {
  if (s.response === null) {
    s.critical(site, E.MSPL_WRONG_KIND({ name: 'ProxyResponse', found: 'request' }));
    return;
  }
  if (!unhandled(s, site)) return;
  s.run.actions.proxyResponse();
  s.handled = 'proxied';
}

function Dispatch(s: ScriptState, site: number, method: string, parameters: readonly ScriptValue[]): boolean {
  if (!unhandled(s, site) || !extrasAllowed(s, site, parameters)) return false;
  const taken = s.run.actions.dispatch(method, parameters);
  if (taken) s.handled = 'dispatched';
  return taken;
}

/** Not after the message was proxied or dispatched (MSPL R49). */
function DispatchNotification(s: ScriptState, site: number, method: string, values: readonly ScriptValue[]): boolean {
  if (s.handled !== 'responded' && !unhandled(s, site)) return false;
  return s.run.actions.notify(method, values);
}

function Log(s: ScriptState, site: number, channel: string, detail: boolean, text: string): void {
  s.chargeText(site, text.length);
  s.environment.log(CHANNELS[channel] ?? 'Debugr', s.run, detail, text, s.script.application);
}

function nameOf(s: ScriptState, site: number): string {
  return s.script.place(site).name;
}

function onRequest(s: ScriptState, site: number): boolean {
  if (s.request !== null) return true;
  s.critical(site, E.MSPL_WRONG_KIND({ name: nameOf(s, site), found: 'response' }));
  return false;
}

function unhandled(s: ScriptState, site: number): boolean {
  if (s.handled === 'none') return true;
  s.critical(site, E.MSPL_ALREADY_HANDLED({ name: nameOf(s, site), done: s.handled }));
  return false;
}

function onFreeRoute(s: ScriptState, site: number): boolean {
  if (!s.run.fixedRoute) return true;
  s.critical(site, E.MSPL_FIXED_ROUTE({ name: nameOf(s, site) }));
  return false;
}

function extrasAllowed(s: ScriptState, site: number, parameters: readonly ScriptValue[]): boolean {
  if (s.request !== null || parameters.length === 0) return true;
  s.critical(site, E.MSPL_DISPATCH_EXTRAS({ name: nameOf(s, site) }));
  return false;
}

// Contacts and targets come again and again; what was checked once need not be checked for every message.
const checkedUris = new Map<string, string>();
const CHECKED_LIMIT = 2_000;
const CHECKED_LENGTH = 256;

/** A URI for the request line, as bytes. Text that is none ends the script: it must not reach the wire. */
export function requestUri(s: ScriptState, site: number, uri: string): string {
  const known = checkedUris.get(uri);
  if (known !== undefined) return known;
  try {
    const { raw } = SipUri.parse(encodeText(uri));
    if (uri.length <= CHECKED_LENGTH) {
      if (checkedUris.size >= CHECKED_LIMIT) checkedUris.clear();
      checkedUris.set(uri, raw);
    }
    return raw;
  } catch {
    throw s.stop(site, E.MSPL_URI({ name: nameOf(s, site), found: uri.slice(0, EXCERPT) }));
  }
}

/** The built-in functions of this file, by name. */
export const ROUTING_FUNCTIONS = {
  Respond,
  ProxyRequest,
  RetargetRequest,
  BeginFork,
  Fork,
  EndFork,
  ProxyResponse,
  Dispatch,
  DispatchNotification,
  Log,
};
