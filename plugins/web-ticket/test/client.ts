/** A client as Lync clients are: it writes its requests as the sheet shows them, and cuts what it needs out of the text of the answers. */
import { createHash, createHmac } from 'node:crypto';
import { SOAP_NAMESPACES as NS } from '@parley/sdk';
import { certificationRequest } from '@parley/sdk/testkit';
import { pSha1 } from '../src/proof-key.ts';

/** How clients inside and outside reach the server. */
export const BASE = 'https://uc.example.com';
export const OUTSIDE = 'https://ucext.example.com';
export const TICKET_URL = `${BASE}/WebTicket/WebTicketService.svc`;
export const CERT_URL = `${BASE}/CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1`;

/** What a token request says. */
export interface TokenShape {
  readonly claim?: string | null;
  readonly appliesTo?: string | null;
  readonly tokenType?: string;
  readonly requestType?: string;
  readonly keyType?: string | null;
  readonly entropy?: string | null;
}

export const CLIENT_ENTROPY = Buffer.from(Array.from({ length: 32 }, (_value, i) => i));

/** As the sheet shows it, names and namespaces included. */
export function tokenRequest(shape: TokenShape = {}): string {
  const { appliesTo = CERT_URL, claim = 'sip:alice@example.com', entropy = CLIENT_ENTROPY.toString('base64') } = shape;
  const { tokenType = 'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1' } = shape;
  const { requestType = 'http://schemas.xmlsoap.org/ws/2005/02/trust/Issue', keyType = `${NS.trust}/SymmetricKey` } = shape;
  return (
    `<?xml version="1.0"?>\r\n<soap:Envelope xmlns:auth="http://schemas.xmlsoap.org/ws/2006/12/authorization" xmlns:wsp="${NS.policy}"` +
    ` xmlns:wst="${NS.trust}" xmlns:wsa="${NS.addressing}" xmlns:soap="${NS.soap}"><soap:Body>` +
    `<wst:RequestSecurityToken Context="4d2a6f4e-0f0c-5d13-9c2b-6b8c8f2a1e55"><wst:TokenType>${tokenType}</wst:TokenType>` +
    `<wst:RequestType>${requestType}</wst:RequestType>` +
    (appliesTo === null
      ? ''
      : `<wsp:AppliesTo><wsa:EndpointReference><wsa:Address>${appliesTo}</wsa:Address></wsa:EndpointReference></wsp:AppliesTo>`) +
    (claim === null
      ? ''
      : '<wst:Claims Dialect="urn:component:Microsoft.Rtc.WebAuthentication.2010:authclaims">' +
        '<auth:ClaimType Uri="http://schemas.xmlsoap.org/ws/2005/05/identity/claims/uri" Optional="false">' +
        `<auth:Value>${claim}</auth:Value></auth:ClaimType></wst:Claims>`) +
    (entropy === null ? '' : `<wst:Entropy><wst:BinarySecret>${entropy}</wst:BinarySecret></wst:Entropy>`) +
    (keyType === null ? '' : `<wst:KeyType>${keyType}</wst:KeyType>`) +
    '</wst:RequestSecurityToken></soap:Body></soap:Envelope>'
  );
}

/** What a client cuts out of a response, by the five rules of [MS-OCAUTHWS] section 3.5. */
export interface CutTicket {
  readonly response: string;
  readonly lifetime: string;
  readonly assertion: string;
  readonly id: string;
  /** Empty for a bearer ticket. */
  readonly serverEntropy: Buffer;
  readonly key: Buffer;
}

/** First match of each, in the text. */
export function cut(response: string): CutTicket {
  const first = (pattern: RegExp, from: string): string => pattern.exec(from)?.[1] ?? '';
  const assertion = first(/(<(?:\w+:)?Assertion[ >][\s\S]*?<\/(?:\w+:)?Assertion>)/, response);
  const serverEntropy = Buffer.from(first(/<(?:\w+:)?BinarySecret[^>]*>([^<]*)</, response), 'base64');
  return {
    response,
    lifetime: first(/<(?:\w+:)?Lifetime[^>]*>([\s\S]*?)<\/(?:\w+:)?Lifetime>/, response),
    assertion,
    id: first(/AssertionID="([^"]*)"/, assertion),
    serverEntropy,
    key: pSha1(CLIENT_ENTROPY, serverEntropy, CLIENT_ENTROPY.length),
  };
}

/** What a certificate request says. */
export interface CertShape {
  readonly entity?: string;
  readonly deviceId?: string;
  readonly csr?: string;
  readonly lifetime?: string;
  readonly assertion?: string;
  readonly key?: Buffer;
  /** AssertionID in the KeyIdentifier. */
  readonly names?: string;
  readonly signature?: string;
  /** More parts of the Security header. */
  readonly more?: string;
}

/** A signed request, the signature made by hand as clients make it: over the text of the timestamp, without a canonicaliser. */
export function certRequest(ticket: CutTicket, shape: CertShape = {}): string {
  const {
    entity = 'alice@example.com',
    deviceId = '{d1f0a6a2-3f0e-5a07-9f65-2f6f1b3c9d77}',
    csr = lines(certificationRequest()),
    more = '',
  } = shape;
  const { lifetime = ticket.lifetime, assertion = ticket.assertion, key = ticket.key, names = ticket.id } = shape;
  const timestamp = timestampOf(lifetime);
  const signature = shape.signature ?? signatureOf(timestamp, key, names);
  return (
    `<?xml version="1.0"?>\r\n<soap:Envelope xmlns:soap="${NS.soap}" xmlns:wsa="${NS.addressing}" xmlns:wsse="${NS.secext}"><soap:Header>` +
    `<wsa:To>${CERT_URL}</wsa:To><wsa:ReplyTo><wsa:Address>http://www.w3.org/2005/08/addressing/anonymous</wsa:Address></wsa:ReplyTo>` +
    '<wsa:MessageID>uuid:0c4f7b32</wsa:MessageID><wsa:Action>http://schemas.microsoft.com/OCS/AuthWebServices/GetAndPublishCert</wsa:Action>' +
    `<wsse:Security>${timestamp}${assertion}${signature}${more}</wsse:Security></soap:Header><soap:Body>` +
    '<GetAndPublishCert xmlns="http://schemas.microsoft.com/OCS/AuthWebServices/" xmlns:wst="http://docs.oasis-open.org/ws-sx/ws-trust/200512/"' +
    ` xmlns:wstep="http://schemas.microsoft.com/windows/pki/2009/01/enrollment" DeviceId="${deviceId}" Entity="${entity}">` +
    '<wst:RequestSecurityToken><wsse:BinarySecurityToken ValueType="http://schemas.microsoft.com/OCS/AuthWebServices.xsd#PKCS10">' +
    `\r\n${csr}\r\n</wsse:BinarySecurityToken><wstep:RequestID>0c4f7b32-1b5e</wstep:RequestID></wst:RequestSecurityToken></GetAndPublishCert>` +
    '</soap:Body></soap:Envelope>'
  );
}

export function timestampOf(lifetime: string): string {
  return `<wsu:Timestamp xmlns:wsu="${NS.utility}" wsu:Id="timestamp">${lifetime}</wsu:Timestamp>`;
}

const SIG = NS.signature;
const EXCLUSIVE = 'http://www.w3.org/2001/10/xml-exc-c14n#';

/** SignedInfo in its canonical form: 535 bytes in the sheet's example. */
export function signedInfo(timestamp: string): string {
  const digest = createHash('sha1').update(timestamp).digest('base64');
  return (
    `<SignedInfo xmlns="${SIG}"><CanonicalizationMethod Algorithm="${EXCLUSIVE}"></CanonicalizationMethod>` +
    `<SignatureMethod Algorithm="${SIG}hmac-sha1"></SignatureMethod><Reference URI="#timestamp"><Transforms><Transform Algorithm="${EXCLUSIVE}"></Transform>` +
    `</Transforms><DigestMethod Algorithm="${SIG}sha1"></DigestMethod><DigestValue>${digest}</DigestValue></Reference></SignedInfo>`
  );
}

export function signatureOf(timestamp: string, key: Buffer, assertionId: string): string {
  const info = signedInfo(timestamp);
  const value = createHmac('sha1', key).update(info).digest('base64');
  return (
    `<Signature xmlns="${SIG}">${info}<SignatureValue>${value}</SignatureValue><KeyInfo><wsse:SecurityTokenReference>` +
    '<wsse:KeyIdentifier ValueType="http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.0#SAMLAssertionID">' +
    `${assertionId}</wsse:KeyIdentifier></wsse:SecurityTokenReference></KeyInfo></Signature>`
  );
}

/** Base64 in lines of 76 characters. */
function lines(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll(/(.{76})/g, '$1\r\n');
}
