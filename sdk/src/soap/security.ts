/** The parts of a wsse:Security header. WS-Security 1.1 section 5; [MS-OCAUTHWS] section 3.6. */
import type { XmlElement } from '../xml/index.ts';
import type { SoapEnvelope } from './envelope.ts';
import { SoapErrors } from './errors.ts';
import { SOAP_NAMESPACES as NS } from './namespaces.ts';

/** What a sender shows. None of it is checked yet. */
export interface SecurityHeader {
  readonly timestamp: XmlElement | undefined;
  readonly assertion: XmlElement | undefined;
  readonly signature: XmlElement | undefined;
}

/**
 * The Security header; undefined when there is none. Each part may be there once: a second one is how signed parts are passed off for
 * others. Throws SOAP_SECURITY.
 */
export function readSecurity(envelope: Pick<SoapEnvelope, 'header'>): SecurityHeader | undefined {
  const headers = envelope.header?.all('Security', NS.secext) ?? [];
  const [security] = headers;
  if (security === undefined) return undefined;
  if (headers.length > 1) throw SoapErrors.SOAP_SECURITY({ problem: 'there is more than one' });
  return {
    timestamp: once(security, 'Timestamp', NS.utility),
    assertion: once(security, 'Assertion', NS.saml),
    signature: once(security, 'Signature', NS.signature),
  };
}

function once(security: XmlElement, local: string, namespace: string): XmlElement | undefined {
  const [found, ...more] = security.all(local, namespace);
  if (more.length > 0) throw SoapErrors.SOAP_SECURITY({ problem: `it has more than one ${local}` });
  return found;
}

const ISO_TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,7})?Z$/;

/** A time in UTC as WS-Security writes it, in milliseconds since 1970; undefined for anything else. */
export function readUtcTime(text: string | undefined): number | undefined {
  const trimmed = text?.trim() ?? '';
  const time = ISO_TIME.test(trimmed) ? Date.parse(trimmed) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** The same the other way, in whole seconds: `2024-01-01T00:00:00Z`. */
export function utcTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
