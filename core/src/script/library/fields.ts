/** The members of the built-in classes, as `Class_Member`, and `set_Class_Member` for those that can be assigned. Sheet mspl 4.6. */
import { H, decodeText } from '../../sip/index.ts';
import type { HeaderId, SipMessage, SipRequest, SipResponse } from '../../sip/index.ts';
import { EXTERNAL_SOURCE_NETWORK, EXTERNAL_SOURCE_TYPE, MESSAGE_ORIGIN, STANDARD_METHOD } from '../enumerations.ts';
import { ScriptRunErrors as E } from '../errors.ts';
import { STAMPS_LIMIT, STAMP_LIMIT } from '../request-stamps.ts';
import type { ScriptEndpoint, SourceInfo, TargetInfo } from '../run.ts';
import type { ScriptState } from '../script-state.ts';
import { requestUri } from './routing-functions.ts';

/** Null here is sipRequest on a response, or the other way round: it ends the script. */
function there<T>(s: ScriptState, site: number, object: T | null): T {
  if (object === null) throw s.stop(site, E.MSPL_ABSENT({ name: s.script.place(site).name }));
  return object;
}

function Message_From(s: ScriptState, site: number, message: SipMessage | null): string {
  const of = there(s, site, message);
  if (of !== s.message) return headerText(of, H.From);
  return (s.fromText ??= headerText(of, H.From));
}

function Message_To(s: ScriptState, site: number, message: SipMessage | null): string {
  const of = there(s, site, message);
  if (of !== s.message) return headerText(of, H.To);
  return (s.toText ??= headerText(of, H.To));
}

function headerText(message: SipMessage, header: HeaderId): string {
  return decodeText(message.first(header) ?? '');
}

function Message_Content(s: ScriptState, site: number, message: SipMessage | null): string {
  const { body } = there(s, site, message);
  if (body !== s.contentBytes) {
    s.chargeSearch(site, body.length);
    s.contentBytes = body;
    s.contentText = body.toString('utf8');
  }
  return s.contentText;
}

/** Replaces the body; Content-Length follows, in bytes of UTF-8 (MSPL R50). */
function set_Message_Content(s: ScriptState, site: number, message: SipMessage | null, text: string): void {
  there(s, site, message).setBody(Buffer.from(text, 'utf8'));
}

function Message_Authenticated(s: ScriptState, _site: number, _message: SipMessage | null): boolean {
  return s.run.identity !== undefined;
}

/** The transaction is the run itself. */
function Message_Transaction(s: ScriptState, site: number, message: SipMessage | null): ScriptState {
  there(s, site, message);
  return s;
}

function Message_TlsPeer(s: ScriptState, _site: number, _message: SipMessage | null): string {
  return decodeText(s.run.sourceFlow?.tlsPeer ?? '');
}

function Message_Origin(s: ScriptState, _site: number, _message: SipMessage | null): number {
  const local = s.run.sourceFlow === undefined ? 'LocalMachine' : 'NetworkUnknown';
  return MESSAGE_ORIGIN.valueOf(s.source.origin ?? local);
}

function Message_ExternalSourceType(s: ScriptState, _site: number, _message: SipMessage | null): number {
  return EXTERNAL_SOURCE_TYPE.valueOf(s.source.externalType ?? 'Unknown');
}

function Message_ExternalSourceNetwork(s: ScriptState, _site: number, _message: SipMessage | null): number {
  return EXTERNAL_SOURCE_NETWORK.valueOf(s.source.externalNetwork ?? 'Unknown');
}

function Message_Stamp(s: ScriptState, _site: number, _message: SipMessage | null): string | null {
  return s.run.stamps?.read(s.script.application.appUri)?.stamp ?? null;
}

function set_Message_Stamp(s: ScriptState, site: number, _message: SipMessage | null, stamp: string): void {
  if (s.run.stamps === undefined) throw s.stop(site, E.MSPL_NO_STAMPS());
  if (!s.run.stamps.add(s.script.application.appUri, stamp))
    throw s.stop(site, E.MSPL_STAMP_LIMIT({ limit: STAMP_LIMIT, most: STAMPS_LIMIT }));
}

function Message_StampPool(s: ScriptState, _site: number, _message: SipMessage | null): string | null {
  return s.run.stamps?.read(s.script.application.appUri)?.pool ?? null;
}

function Request_Method(s: ScriptState, site: number, request: SipRequest | null): string {
  return there(s, site, request).method;
}

function Request_StandardMethod(s: ScriptState, site: number, request: SipRequest | null): number {
  return STANDARD_METHOD.valueOf(there(s, site, request).method);
}

function Request_RequestUri(s: ScriptState, site: number, request: SipRequest | null): string {
  return decodeText(there(s, site, request).uri);
}

/** The message's own request only: that of the transaction is past. */
function set_Request_RequestUri(s: ScriptState, site: number, request: SipRequest | null, uri: string): void {
  if (there(s, site, request) !== s.request) throw s.stop(site, E.MSPL_NOT_ORIGINAL());
  s.run.actions.setRequestUri(requestUri(s, site, uri));
  s.forgetTarget();
}

function Response_StatusCode(s: ScriptState, site: number, response: SipResponse | null): number {
  return there(s, site, response).status;
}

function Response_StatusClass(s: ScriptState, site: number, response: SipResponse | null): number {
  return Math.trunc(there(s, site, response).status / 100) * 100;
}

function Response_StatusReasonPhrase(s: ScriptState, site: number, response: SipResponse | null): string {
  return decodeText(there(s, site, response).reason);
}

function Transaction_Request(s: ScriptState, site: number, transaction: ScriptState | null): SipRequest {
  return there(s, site, transaction).run.original;
}

function Transaction_MarshalContent(s: ScriptState, site: number, transaction: ScriptState | null): boolean {
  return there(s, site, transaction).marshalContent;
}

function set_Transaction_MarshalContent(s: ScriptState, site: number, transaction: ScriptState | null, value: boolean): void {
  there(s, site, transaction).marshalContent = value;
  s.run.actions.setMarshalContent?.(value);
}

function TargetInfo_Uri(s: ScriptState, site: number, target: TargetInfo | null): string {
  return decodeText(there(s, site, target).uri);
}

function TargetInfo_Aor(s: ScriptState, site: number, target: TargetInfo | null): string {
  return there(s, site, target).aor;
}

function TargetInfo_Instance(s: ScriptState, site: number, target: TargetInfo | null): string | null {
  return there(s, site, target).instance;
}

function TargetInfo_IsPhone(s: ScriptState, site: number, target: TargetInfo | null): boolean {
  return there(s, site, target).isPhone;
}

function TargetInfo_DomainSupported(s: ScriptState, site: number, target: TargetInfo | null): boolean {
  return there(s, site, target).domainSupported;
}

function SourceInfo_Aor(s: ScriptState, site: number, source: SourceInfo | null): string {
  return there(s, site, source).aor;
}

function SourceInfo_IsPhone(s: ScriptState, site: number, source: SourceInfo | null): boolean {
  return there(s, site, source).isPhone;
}

function SourceInfo_Instance(s: ScriptState, site: number, source: SourceInfo | null): string | null {
  return there(s, site, source).instance;
}

function RegistrarEndpoint_EPID(s: ScriptState, site: number, endpoint: ScriptEndpoint | null): string {
  return there(s, site, endpoint).epid;
}

function RegistrarEndpoint_Instance(s: ScriptState, site: number, endpoint: ScriptEndpoint | null): string | null {
  return there(s, site, endpoint).instance;
}

function RegistrarEndpoint_StandardMethods(s: ScriptState, site: number, endpoint: ScriptEndpoint | null): number {
  return there(s, site, endpoint).standardMethods;
}

function RegistrarEndpoint_ExtraMethods(s: ScriptState, site: number, endpoint: ScriptEndpoint | null): string {
  return there(s, site, endpoint).extraMethods;
}

function RegistrarEndpoint_ContactInfo(s: ScriptState, site: number, endpoint: ScriptEndpoint | null): string {
  return decodeText(there(s, site, endpoint).contactInfo);
}

// What Office Communications Server 2007 knew of an endpoint and later versions do not: neutral values.

function RegistrarEndpoint_HasPresence(): boolean {
  return false;
}

function RegistrarEndpoint_Availability(): number {
  return 0;
}

function RegistrarEndpoint_Activity(): number {
  return 0;
}

function RegistrarEndpoint_AgeOfPresence(): number {
  return 0;
}

function RegistrarEndpoint_WeightedQValue(): number {
  return 0;
}

function RegistrarEndpoint_PresenceDoc(): string {
  return '';
}

function RegistrarEndpoint_AllSupportForking(): boolean {
  return true;
}

function RegistrarEndpoint_SupportsForking(): boolean {
  return true;
}

/** Readers as `Class_Member`, and writers as `set_Class_Member`. */
export const FIELDS = {
  Message_From,
  Message_To,
  Message_Content,
  set_Message_Content,
  Message_Authenticated,
  Message_Transaction,
  Message_TlsPeer,
  Message_Origin,
  Message_ExternalSourceType,
  Message_ExternalSourceNetwork,
  Message_Stamp,
  set_Message_Stamp,
  Message_StampPool,
  Request_Method,
  Request_StandardMethod,
  Request_RequestUri,
  set_Request_RequestUri,
  Response_StatusCode,
  Response_StatusClass,
  Response_StatusReasonPhrase,
  Transaction_Request,
  Transaction_MarshalContent,
  set_Transaction_MarshalContent,
  TargetInfo_Uri,
  TargetInfo_Aor,
  TargetInfo_Instance,
  TargetInfo_IsPhone,
  TargetInfo_DomainSupported,
  SourceInfo_Aor,
  SourceInfo_IsPhone,
  SourceInfo_Instance,
  RegistrarEndpoint_EPID,
  RegistrarEndpoint_Instance,
  RegistrarEndpoint_StandardMethods,
  RegistrarEndpoint_ExtraMethods,
  RegistrarEndpoint_ContactInfo,
  RegistrarEndpoint_HasPresence,
  RegistrarEndpoint_Availability,
  RegistrarEndpoint_Activity,
  RegistrarEndpoint_AgeOfPresence,
  RegistrarEndpoint_WeightedQValue,
  RegistrarEndpoint_PresenceDoc,
  RegistrarEndpoint_AllSupportForking,
  RegistrarEndpoint_SupportsForking,
};
