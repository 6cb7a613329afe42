/** SIP messages as frames carry them, and the changes that come back. Header text is bytes in the server and Unicode in a frame. */
import { NameAddr, ParleyError, SipUri, decodeText, encodeText } from '@parley/sdk';
import type { SipMessage, SipRequest, SipResponse } from '@parley/sdk';
import { READ_ONLY_HEADERS } from '@parley/sdk/application';
import type { WireHeader, WireRequest, WireResponse } from '@parley/sdk/application';
import type { Changes } from './application-frames.ts';
import { ExternalErrors as E } from './errors.ts';

/** Stamps are not the application's to read here: it gets its own apart. */
const HIDDEN = 'ms-application-via';
const LINE = /[\r\n\0]/;

/** @param withBody false when the script keeps bodies here (MarshalContent) */
export function wireRequest(request: SipRequest, withBody: boolean): WireRequest {
  return { method: request.method, uri: decodeText(request.uri), ...wireMessage(request, withBody) };
}

/** @param withBody as for wireRequest */
export function wireResponse(response: SipResponse, withBody: boolean): WireResponse {
  return { status: response.status, reason: decodeText(response.reason), ...wireMessage(response, withBody) };
}

function wireMessage(message: SipMessage, withBody: boolean): { readonly headers: readonly WireHeader[]; readonly body?: string } {
  const headers = message.headers
    .filter(({ name }) => name.toLowerCase() !== HIDDEN)
    .map(({ name, value }): WireHeader => [name, decodeText(value)]);
  return withBody && message.body.length > 0 ? { headers, body: message.body.toString('base64') } : { headers };
}

/** Puts changes into a message; nothing is changed when it throws EXTERNAL_CHANGE. The Request-URI is left to the caller. */
export function applyChanges(message: SipMessage, { headers = [], body, contentType }: Changes): void {
  for (const [name, values] of headers) values.forEach((value) => void headerValue(name, value));
  for (const [name] of headers) writableName(name);
  for (const [name, values] of headers) {
    message.remove(name);
    for (const value of values) message.append(name, headerValue(name, value));
  }
  if (body !== undefined) message.setBody(Buffer.from(body, 'base64'), contentType);
}

/** A header that an application makes, as bytes. Throws EXTERNAL_CHANGE. */
export function headerOf([name, value]: WireHeader): readonly [name: string, value: string] {
  return [writableName(name), headerValue(name, value)];
}

/** A URI that may stand in a request line, as bytes. Throws EXTERNAL_CHANGE. */
export function requestUri(uri: string): string {
  try {
    return SipUri.parse(encodeText(uri)).raw;
  } catch (error) {
    throw E.EXTERNAL_CHANGE({ problem: error instanceof ParleyError ? error.message : 'it is no URI' });
  }
}

/** A From or To value that an application makes, as bytes and without a tag. Throws EXTERNAL_CHANGE. */
export function addressOf(value: string): NameAddr {
  try {
    return NameAddr.parse(headerValue('From', value)).withParam('tag', undefined);
  } catch (error) {
    throw E.EXTERNAL_CHANGE({ problem: error instanceof ParleyError ? error.message : 'it is no address' });
  }
}

function writableName(name: string): string {
  if (READ_ONLY_HEADERS.has(name.toLowerCase())) throw E.EXTERNAL_CHANGE({ problem: `the header ${name} is the server’s` });
  if (!/^[\w.!%*+`'~-]{1,128}$/.test(name)) throw E.EXTERNAL_CHANGE({ problem: 'a header has a name that none can have' });
  return name;
}

function headerValue(name: string, value: string): string {
  if (LINE.test(value)) throw E.EXTERNAL_CHANGE({ problem: `the value of ${name.slice(0, 64)} has a line break` });
  return encodeText(value);
}
