/** Discovery documents and their three spellings. [MS-OCDISCWS] sections 3.1 to 3.4 */
import { xmlDocument, xmlElement } from '@parley/sdk';
import type { Origin } from '@parley/plugin-web/api';

/** Where to go on, or what is there. */
export interface Link {
  readonly token: string;
  readonly href: string;
}

/** A SIP server that clients connect to by TLS. */
export interface SipAccess {
  readonly fqdn: string;
  readonly port: number;
}

/** One resource. */
export interface DiscoveryDocument {
  readonly origin: Origin;
  readonly kind: 'Root' | 'User' | 'Domain';
  /** By name of element, in order. */
  readonly access: readonly (readonly [name: string, SipAccess])[];
  readonly links: readonly Link[];
}

/** A document as it is sent. */
export interface WrittenDocument {
  readonly type: string;
  readonly body: string;
}

const VENDOR = 'application/vnd.microsoft.rtc.autodiscover';
const XSI = 'http://www.w3.org/2001/XMLSchema-instance';
const XSD = 'http://www.w3.org/2001/XMLSchema';

/** In the form that the client accepts; JSON with `_links` for everybody who wants nothing that is known (R15). */
export function writeDocument(document: DiscoveryDocument, accept: string | undefined): WrittenDocument {
  const wanted = (accept ?? '').toLowerCase();
  if (wanted.includes(`${VENDOR}+xml`)) return { type: `${VENDOR}+xml; v=1`, body: xmlOf(document) };
  if (wanted.includes(`${VENDOR}+json`)) return { type: `${VENDOR}+json; v=1`, body: JSON.stringify(plainJson(document)) };
  return { type: 'application/json; charset=utf-8', body: JSON.stringify(linkedJson(document)) };
}

/** No namespace: clients compare names as they stand. */
function xmlOf({ origin, kind, access, links }: DiscoveryDocument): string {
  const content = [
    ...access.map(([name, { fqdn, port }]) => xmlElement(name, { fqdn, port })),
    ...links.map(({ token, href }) => xmlElement('Link', { token, href })),
  ];
  const attributes = { 'xmlns:xsi': XSI, 'xmlns:xsd': XSD, AccessLocation: locationOf(origin) };
  return xmlDocument(xmlElement('AutodiscoverResponse', attributes, xmlElement(kind, {}, content)));
}

/** The same names as in XML. */
function plainJson({ origin, kind, access, links }: DiscoveryDocument): object {
  return { AccessLocation: locationOf(origin), [kind]: { ...Object.fromEntries(access), Links: links } };
}

/** Relations in lower case, as browsers of UCWA read them. */
function linkedJson({ origin, access, links }: DiscoveryDocument): object {
  const relations = links.map(({ token, href }) => [token.charAt(0).toLowerCase() + token.slice(1), { href }]);
  return { _links: Object.fromEntries(relations), AccessLocation: locationOf(origin), ...Object.fromEntries(access) };
}

function locationOf(origin: Origin): 'Internal' | 'External' {
  return origin === 'internal' ? 'Internal' : 'External';
}
