/** SOAP 1.1 envelopes. SOAP 1.1 section 4; WS-Addressing 1.0 section 3. */
import { parseXml } from '../xml/index.ts';
import type { XmlDocument, XmlElement, XmlLimits } from '../xml/index.ts';
import { SoapErrors } from './errors.ts';
import { SoapFault } from './fault.ts';
import { SOAP_NAMESPACES as NS } from './namespaces.ts';

/** Deeper and wider requests are nobody's; each service may say otherwise. */
export const SOAP_LIMITS: Partial<XmlLimits> = { depth: 32, elements: 5_000, attributes: 32 };

/** A request that was read. */
export interface SoapEnvelope {
  /** For what must be taken to the byte, and for signatures. */
  readonly document: XmlDocument;
  readonly header: XmlElement | undefined;
  readonly body: XmlElement;
  /** The element in the Body: what is asked for. */
  readonly operation: XmlElement;
  /** `wsa:MessageID`, at most 256 characters. */
  readonly messageId: string | undefined;
}

/** Header blocks that are understood, by namespace; a sender may insist on these (SOAP 1.1 section 4.2.3). */
const UNDERSTOOD: ReadonlySet<string> = new Set([NS.addressing, NS.addressing2004, NS.secext]);
const MAX_MESSAGE_ID = 256;

/**
 * Reads a request.
 * @throws XML_* errors, SOAP_ENVELOPE, and a {@link SoapFault} for another SOAP version or a header that must be understood and is not
 */
export function readEnvelope(bytes: Buffer | string, limits: Partial<XmlLimits> = {}): SoapEnvelope {
  const document = parseXml(bytes, { ...SOAP_LIMITS, ...limits });
  const { root } = document;
  if (root.local !== 'Envelope') throw SoapErrors.SOAP_ENVELOPE({ problem: 'the root is no Envelope' });
  if (root.namespace !== NS.soap) throw new SoapFault('soap:VersionMismatch', 'Only SOAP 1.1 is spoken here');
  const [header, body] = [only(root, 'Header'), only(root, 'Body')];
  if (body === undefined) throw SoapErrors.SOAP_ENVELOPE({ problem: 'there is no Body' });
  const [operation, ...more] = body.elements;
  if (operation === undefined || more.length > 0) throw SoapErrors.SOAP_ENVELOPE({ problem: 'the Body has not one element' });
  checkUnderstood(header);
  const messageId = header?.child('MessageID')?.text.trim().slice(0, MAX_MESSAGE_ID);
  return { document, header, body, operation, messageId };
}

function only(root: XmlElement, local: string): XmlElement | undefined {
  const [found, ...more] = root.all(local, NS.soap);
  if (more.length > 0) throw SoapErrors.SOAP_ENVELOPE({ problem: `there is more than one ${local}` });
  return found;
}

function checkUnderstood(header: XmlElement | undefined): void {
  for (const block of header?.elements ?? []) {
    const insists = ['1', 'true'].includes(block.attribute('mustUnderstand', NS.soap) ?? '0');
    if (insists && !UNDERSTOOD.has(block.namespace)) {
      throw new SoapFault('soap:MustUnderstand', `The header ${block.local.slice(0, 64)} is not understood here`);
    }
  }
}
