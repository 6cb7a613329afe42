/** The built-in functions on URIs and on header values that hold one. Sheet mspl 4.9; what is not there is null. */
import { NameAddr, SipUri, decodeText, encodeText, unquote } from '../../sip/index.ts';
import type { ScriptState } from '../script-state.ts';

/** A header value or URI taken apart. */
interface Address {
  readonly displayName: string | undefined;
  readonly uri: SipUri;
}

/** Parameters that belong to headers: a bare URI followed by one is a header value without brackets (RFC 3261 section 20.10). */
const HEADER_PARAMETER = /;\s*(?:tag|epid)\s*=/i;

/** From or To of the message, when the text is just that: parsed on receipt already. */
export function ownAddress({ message, fromText, toText }: ScriptState, text: string): NameAddr | undefined {
  try {
    if (text === fromText) return message.from;
    return text === toText ? message.to : undefined;
  } catch {
    // Malformed or missing, as in requests that the server made: read it like any other text.
    return undefined;
  }
}

// Scripts take several parts of the same value one after the other.
let lastText = '';
let lastAddress: Address | undefined = undefined;

/** Undefined for text that is neither. */
function address(s: ScriptState, text: string): Address | undefined {
  const own = ownAddress(s, text);
  if (own !== undefined) return own;
  if (text === lastText) return lastAddress;
  lastAddress = parse(text);
  lastText = text;
  return lastAddress;
}

function parse(text: string): Address | undefined {
  try {
    const bytes = encodeText(text);
    if (!bytes.includes('<') && !HEADER_PARAMETER.test(bytes)) return { displayName: undefined, uri: SipUri.parse(bytes) };
    const { displayName, uri } = NameAddr.parse(bytes);
    return { displayName, uri };
  } catch {
    return undefined;
  }
}

function textOrNull(bytes: string | undefined): string | null {
  return bytes === undefined || bytes === '' ? null : decodeText(bytes);
}

function GetUri(s: ScriptState, _site: number, value: string): string | null {
  return textOrNull(address(s, value)?.uri.raw);
}

function GetScheme(s: ScriptState, _site: number, value: string): string | null {
  return textOrNull(address(s, value)?.uri.scheme);
}

function GetUserName(s: ScriptState, _site: number, value: string): string | null {
  return textOrNull(address(s, value)?.uri.unescapedUser);
}

function GetHostName(s: ScriptState, _site: number, value: string): string | null {
  return textOrNull(address(s, value)?.uri.host);
}

/** Null for a URI without user or without host. */
function GetUserAtHost(s: ScriptState, _site: number, value: string): string | null {
  const uri = address(s, value)?.uri;
  return uri === undefined || uri.user === undefined || uri.host === '' ? null : decodeText(uri.userAtHost);
}

function GetDisplayName(s: ScriptState, _site: number, value: string): string | null {
  return textOrNull(address(s, value)?.displayName);
}

/** Null for a parameter without value, too (MSPL R31). */
function GetUriParameter(s: ScriptState, _site: number, uri: string, parameter: string): string | null {
  const value = address(s, uri)?.uri.params.get(parameter);
  return typeof value === 'string' ? decodeText(unquote(value)) : null;
}

/** The built-in functions of this file, by name. */
export const ADDRESS_FUNCTIONS = {
  GetUri,
  GetScheme,
  GetUserName,
  GetHostName,
  GetUserAtHost,
  GetDisplayName,
  GetUriParameter,
};
