/** Flows, requests and reports, made of literals. */
import { DEFAULT_LIMITS, SipResponse, parseMessage } from '@parley/sdk';
import type { Flow, SipRequest } from '@parley/sdk';

/** A client's TLS connection; `more` makes it another. */
export function aFlow(more: Partial<Flow> = {}): Flow {
  return {
    id: 0x2600,
    transport: 'TLS',
    reliable: true,
    secure: true,
    local: { host: '192.0.2.10', port: 5061 },
    remote: { host: '192.0.2.50', port: 50123 },
    listener: undefined,
    tlsPeer: '',
    open: true,
    authenticated: false,
    trusted: false,
    hasTlsName: (name) => name === more.tlsPeer,
    write: () => true,
    close: () => undefined,
    ...more,
  };
}

/** The flows that messages leave by, by who is at the other end. */
export const FLOWS = {
  signedIn: aFlow({ authenticated: true }),
  signingIn: aFlow(),
  gateway: aFlow({ trusted: true, authenticated: true, remote: { host: '192.0.2.77', port: 5061 } }),
  partner: aFlow({ trusted: true, authenticated: true, tlsPeer: 'sip.example.org', remote: { host: '198.51.100.7', port: 5061 } }),
  unknownServer: aFlow({ tlsPeer: 'sip.example.net', remote: { host: '198.51.100.8', port: 5061 } }),
} as const;

/** A request of alice's; `lines` are header fields beyond the mandatory ones. */
export function aRequest(method: string, uri: string, lines: readonly string[] = [], body = ''): SipRequest {
  const head = [
    `${method} ${uri} SIP/2.0`,
    'Via: SIP/2.0/TLS 192.0.2.50:50123;branch=z9hG4bK1',
    'From: <sip:Alice@example.com>;tag=e3c95998f5;epid=a1b2c3d4e5f6',
    `To: <${uri}>`,
    'Call-ID: 6be494735907459185141bfc3fe33d64',
    `CSeq: 1 ${method}`,
    'Max-Forwards: 70',
    ...lines,
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  const result = parseMessage(Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`), DEFAULT_LIMITS);
  if (!result.ok) throw result.error;
  return result.message as SipRequest;
}

/** An answer that this server makes. */
export function aRefusal(status: number, headers: Readonly<Record<string, string>> = {}, method = 'INVITE'): SipResponse {
  const response = SipResponse.reply(aRequest(method, 'sip:bob@example.com'), status);
  for (const [name, value] of Object.entries(headers)) response.append(name, value);
  return response;
}

/** The same answer as it comes from elsewhere. */
export function received(response: SipResponse): SipResponse {
  return parsed(response.serialize());
}

/** The response in these bytes. */
export function parsed(bytes: Buffer): SipResponse {
  const result = parseMessage(bytes, DEFAULT_LIMITS);
  if (!result.ok || result.message.isRequest) throw new Error('no response');
  return result.message;
}

/** The example of [MS-OCER] section 3.1.4.1. */
export const REPORT = `<reportError xmlns="http://schemas.microsoft.com/2006/09/sip/error-reporting">
 <error toUri="sip:bob@example.com" callId="5ec5a21ab8bb4960b98de162f45cd204" fromTag="823bb11e1a" toTag="4F230FC472C24AD1255468D8C334D8FE" contentType="application/sdp;call-type=audiovideo" responseCode="408" requestType="INVITE">
  <diagHeader>10000;reason="Gateway returned a SIP failure code"</diagHeader>
  <progressReports><progressReport><diagHeader>12006;reason="Trying next hop";appName="OutboundRouting"</diagHeader></progressReport></progressReports>
 </error>
</reportError>`;
