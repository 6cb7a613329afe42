/** SOAP in SERVICE requests: an envelope with an operation, and for some an array beside it. [MS-SIP] section 2.2.4.2, [MS-PRES] sheet section 3.8. */
import { Markup, ParleyError, SOAP_NAMESPACES, SoapFault, faultElement, parseXml, serialiseXml, xmlElement } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { ContactsErrors } from './errors.ts';

/** Content type of requests and answers. */
export const SOAP_TYPE = 'application/SOAP+xml';
/** Namespace of the operations and of what is in them. */
export const SIP_NAMESPACE = 'http://schemas.microsoft.com/winrtc/2002/11/sip';

/** A contact with the longest values takes a twelfth of it. */
const MAX_BYTES = 65_536;
const LIMITS = { size: MAX_BYTES, depth: 24, elements: 1000, attributes: 32 } as const;

/** An operation, and what stands behind it in the Body. */
export interface SoapRequest {
  readonly operation: XmlElement;
  readonly beside: readonly XmlElement[];
}

/**
 * Reads the body of a request.
 * @throws CONTACTS_TOO_LARGE, CONTACTS_MALFORMED
 */
export function readSoap(body: Buffer): SoapRequest {
  if (body.length > MAX_BYTES) throw ContactsErrors.CONTACTS_TOO_LARGE({ found: body.length, limit: MAX_BYTES });
  const root = readRoot(body);
  if (!root.is('Envelope', SOAP_NAMESPACES.soap)) throw malformed(`it begins with ${root.local.slice(0, 60)}`);
  const [operation, ...beside] = root.child('Body', SOAP_NAMESPACES.soap)?.elements ?? [];
  if (operation === undefined) throw malformed('there is no operation in its Body');
  return { operation, beside };
}

function readRoot(body: Buffer): XmlElement {
  try {
    return parseXml(body, LIMITS).root;
  } catch (error) {
    if (!(error instanceof ParleyError)) throw error;
    throw ContactsErrors.CONTACTS_MALFORMED({ reason: error.message }, { cause: error });
  }
}

function malformed(reason: string): ParleyError {
  return ContactsErrors.CONTACTS_MALFORMED({ reason });
}

/** The text of a child; undefined when there is none. Throws CONTACTS_VALUE_TOO_LONG. @param limit in characters */
export function optionalText(operation: XmlElement, name: string, limit: number): string | undefined {
  const text = operation.child(name, SIP_NAMESPACE)?.text.trim();
  if (text !== undefined && text.length > limit) {
    throw ContactsErrors.CONTACTS_VALUE_TOO_LONG({ field: name, found: text.length, limit });
  }
  return text;
}

/** The same; throws CONTACTS_MALFORMED when it is missing or empty. */
export function neededText(operation: XmlElement, name: string, limit: number): string {
  const text = optionalText(operation, name, limit);
  if (text === undefined || text === '') throw malformed(`${operation.local} has no ${name}`);
  return text;
}

/** What is inside of a child, as markup that can stand anywhere. Throws CONTACTS_VALUE_TOO_LONG. @param limit in bytes */
export function optionalMarkup(operation: XmlElement, name: string, limit: number): string | undefined {
  const element = operation.child(name, SIP_NAMESPACE);
  if (element === undefined) return undefined;
  const text = element.elements.map((child) => serialiseXml(child).text).join('');
  const found = Buffer.byteLength(text);
  if (found > limit) throw ContactsErrors.CONTACTS_VALUE_TOO_LONG({ field: name, found, limit });
  return text;
}

/** An answer with this content in its Body. */
export function soapAnswer(...content: readonly Markup[]): string {
  return xmlElement('s:Envelope', { 'xmlns:s': SOAP_NAMESPACES.soap, 'xmlns:m': SIP_NAMESPACE }, xmlElement('s:Body', {}, content)).text;
}

/** The same for what is refused: the sentence of the error as a fault. */
export function soapRefusal(error: ParleyError): string {
  const fault = faultElement(new SoapFault((error.status ?? 500) < 500 ? 'soap:Client' : 'soap:Server', error.message));
  return xmlElement('soap:Envelope', { 'xmlns:soap': SOAP_NAMESPACES.soap }, xmlElement('soap:Body', {}, fault)).text;
}
