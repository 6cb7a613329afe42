/** What a client asks the web ticket service for. WS-Trust 1.3 section 4, [MS-OCAUTHWS] section 3.4. */
import { SoapFault } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { FAULT_IDS } from './fault-ids.ts';
import { ENTROPY_BYTES } from './proof-key.ts';

/** A request that can be answered. */
export interface TokenRequest {
  /** For the response, as it is; at most 256 characters. */
  readonly context: string | undefined;
  /** URL of the service that the ticket is for. */
  readonly appliesTo: string;
  /** The address that the client says is its user's, without `sip:`, lower case; undefined when it says none. */
  readonly claimedAor: string | undefined;
  /** Undefined: the client gives none, and leaves the proof key to the server. */
  readonly entropy: Buffer | undefined;
  readonly keyType: 'symmetric' | 'bearer';
}

const MAX_CONTEXT = 256;
const SAML_TYPES: ReadonlySet<string> = new Set([
  'http://docs.oasis-open.org/wss/oasis-wss-saml-token-profile-1.1#SAMLV1.1',
  'urn:oasis:names:tc:SAML:1.0:assertion',
]);
/** The version of WS-Trust in the value is not always that of the element's namespace. */
const TRUST_URI = /^http:\/\/(?:docs\.oasis-open\.org\/ws-sx\/ws-trust\/200512|schemas\.xmlsoap\.org\/ws\/2005\/02\/trust)\/([A-Za-z]+)$/;
const BASE64 = /^[A-Za-z0-9+/\s]*={0,2}\s*$/;
const SIP = /^sip:/i;

/** Reads a RequestSecurityToken. Throws a SoapFault: R18, and for what is missing. */
export function readTokenRequest(request: XmlElement): TokenRequest {
  const tokenType = textOf(request, 'TokenType');
  if (tokenType !== undefined && !SAML_TYPES.has(tokenType)) refuse('wst:RequestFailed', 'Only SAML 1.1 tokens are issued here');
  if (trustName(textOf(request, 'RequestType')) !== 'Issue') refuse('wst:BadRequest', 'The request is not one to issue a token');
  const appliesTo = textOf(request, 'AppliesTo', 'EndpointReference', 'Address');
  if (appliesTo === undefined) refuse('wst:InvalidRequest', 'The request does not say which service the token is for');
  const claimed = textOf(request, 'Claims', 'ClaimType', 'Value');
  return {
    context: request.attribute('Context')?.slice(0, MAX_CONTEXT),
    appliesTo,
    claimedAor: claimed?.replace(SIP, '').toLowerCase(),
    entropy: entropyOf(textOf(request, 'Entropy', 'BinarySecret')),
    keyType: keyTypeOf(textOf(request, 'KeyType')),
  };
}

function keyTypeOf(uri: string | undefined): TokenRequest['keyType'] {
  if (uri === undefined || trustName(uri) === 'SymmetricKey') return 'symmetric';
  if (trustName(uri) === 'Bearer') return 'bearer';
  return refuse('wst:BadRequest', 'Tokens have a symmetric key or none; other types of keys are not known here');
}

function entropyOf(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const entropy = Buffer.from(BASE64.test(text) ? text : '', 'base64');
  const { least, most } = ENTROPY_BYTES;
  if (entropy.length < least || entropy.length > most) refuse('wst:InvalidRequest', `The entropy must have ${least} to ${most} bytes`);
  return entropy;
}

/** `Issue` of `http://.../200512/Issue`. */
function trustName(uri: string | undefined): string | undefined {
  return TRUST_URI.exec(uri ?? '')?.[1];
}

function textOf(request: XmlElement, ...path: readonly string[]): string | undefined {
  const text = request.find(...path)?.text.trim();
  return text === '' ? undefined : text;
}

function refuse(code: 'wst:RequestFailed' | 'wst:BadRequest' | 'wst:InvalidRequest', reason: string): never {
  throw new SoapFault(code, reason, { errorId: FAULT_IDS.other });
}
