/** The built-in functions on headers. Sheet mspl 4.9. */
import { H, decodeText, headerId, unquote } from '../../sip/index.ts';
import type { HeaderKey } from '../../sip/index.ts';
import { ScriptRunErrors as E } from '../errors.ts';
import type { ScriptState } from '../script-state.ts';
import { ownAddress } from './address-functions.ts';
import { fieldText, isHeaderName, readParameter, writeParameter } from './header-text.ts';
import { withinLimit } from './text-functions.ts';

/** Headers whose grammar is a list (RFC 3261 section 25.1 and the RFCs of the others): one value an element. */
const LISTS: ReadonlySet<HeaderKey> = new Set([
  H.Accept,
  H.AcceptEncoding,
  H.AcceptLanguage,
  H.AcceptContact,
  H.AlertInfo,
  H.Allow,
  H.AllowEvents,
  H.CallInfo,
  H.Contact,
  H.ContentEncoding,
  H.ContentLanguage,
  H.Diversion,
  H.ErrorInfo,
  H.HistoryInfo,
  H.InReplyTo,
  H.PAssertedIdentity,
  H.PPreferredIdentity,
  H.Path,
  H.ProxyRequire,
  H.Reason,
  H.RecordRoute,
  H.RejectContact,
  H.Require,
  H.Route,
  H.ServiceRoute,
  H.Supported,
  H.Unsupported,
  H.Via,
  H.Warning,
]);

/** Headers that the stack keeps right by itself. */
const OWN: ReadonlySet<HeaderKey> = new Set([H.Via, H.ContentLength, H.CSeq, H.CallId, H.From, H.To, H.MSApplicationVia]);
const EXCERPT = 60;

/** The header by number where it has one; a name that can be none ends the script. */
function headerKey(s: ScriptState, site: number, header: HeaderKey): HeaderKey {
  if (typeof header === 'number') return header;
  if (!isHeaderName(header)) throw s.stop(site, E.MSPL_HEADER_NAME({ found: header.slice(0, EXCERPT) }));
  return headerId(header) || header;
}

/** False, and no change, if the message has a header of that name (MSPL R18). */
function AddHeader(s: ScriptState, site: number, header: HeaderKey, value: string): boolean {
  const key = headerKey(s, site, header);
  s.chargeText(site, value.length);
  if (OWN.has(key) || s.message.has(key)) return false;
  s.message.append(key, fieldText(value));
  return true;
}

function GetHeaderValues(s: ScriptState, site: number, header: HeaderKey): readonly string[] {
  const key = headerKey(s, site, header);
  // Stamps are those of applications: each sees its own, through Message.Stamp.
  if (key === H.MSApplicationVia) return [];
  const values = LISTS.has(key) ? s.message.list(key) : s.message.all(key);
  return withinLimit(s, site, 'GetHeaderValues', values.map(decodeText));
}

function GetParameterValue(s: ScriptState, site: number, headerValue: string, parameter: string): string | null {
  const own = ownAddress(s, headerValue);
  if (own !== undefined) {
    const value = own.params.get(parameter);
    return typeof value === 'string' ? decodeText(unquote(value)) : null;
  }
  s.chargeSearch(site, headerValue.length);
  return readParameter(headerValue, parameter);
}

/** Of the first value of the first header of that name (MSPL R20). Via is the stack's own. */
function SetParameterValue(s: ScriptState, site: number, header: HeaderKey, parameter: string, value: string): boolean {
  const key = headerKey(s, site, header);
  if (!isHeaderName(parameter)) throw s.stop(site, E.MSPL_HEADER_NAME({ found: parameter.slice(0, EXCERPT) }));
  const { message } = s;
  const written = message.first(key);
  if (written === undefined || key === H.Via || key === H.MSApplicationVia) return false;
  s.chargeText(site, parameter.length + value.length);
  const changed = writeParameter(written, parameter, fieldText(value));
  s.fromText = undefined;
  s.toText = undefined;
  if (message.count(key) === 1) message.set(key, changed);
  else replaceFirst(s, key, changed);
  return true;
}

/** `set` would drop the other fields of the name. */
function replaceFirst(s: ScriptState, key: HeaderKey, changed: string): void {
  const [, ...others] = s.message.all(key);
  s.message.set(key, changed);
  for (const other of others) s.message.append(key, other);
}

/** The built-in functions of this file, by name. */
export const HEADER_FUNCTIONS = {
  AddHeader,
  GetHeaderValues,
  GetParameterValue,
  SetParameterValue,
};
