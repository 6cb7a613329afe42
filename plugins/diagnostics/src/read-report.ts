/** Reads a reportError document. [MS-OCER] sections 3.1.4.1 and 6. */
import { ParleyError, parseXml } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { DiagnosticsErrors } from './errors.ts';
import type { ErrorReport } from './report.ts';

const NAMESPACE = 'http://schemas.microsoft.com/2006/09/sip/error-reporting';
const XML_LIMITS = { depth: 8, elements: 500, attributes: 32 };
/** `error` elements of one document, and diagnostic headers of one error. */
const MAX_ERRORS = 20;
const MAX_HEADERS = 40;
/** Longest text of a report that is kept, in characters. */
const MAX_TEXT = 500;
const LEAST_STATUS = 100;
const MOST_STATUS = 699;

/**
 * The errors of a report, in order. Elements and attributes of other namespaces are passed over.
 * @throws DIAGNOSTICS_REPORT_MALFORMED, DIAGNOSTICS_REPORT_TOO_LARGE
 */
export function readReport(body: Buffer): readonly ErrorReport[] {
  const root = parse(body);
  if (!root.is('reportError', NAMESPACE)) throw malformed(`its root is ${root.local}, not reportError of ${NAMESPACE}`);
  const errors = root.all('error', NAMESPACE);
  if (errors.length === 0) throw malformed('it has no error');
  if (errors.length > MAX_ERRORS) throw tooMany(MAX_ERRORS, 'errors');
  return errors.map(readError);
}

function parse(body: Buffer): XmlElement {
  try {
    return parseXml(body, XML_LIMITS).root;
  } catch (error) {
    if (error instanceof ParleyError) throw malformed(error.message.replace(/\.$/, ''));
    throw error;
  }
}

function readError(error: XmlElement): ErrorReport {
  const progress = error.child('progressReports', NAMESPACE)?.all('progressReport', NAMESPACE) ?? [];
  return {
    toUri: attribute(error, 'toUri'),
    callId: attribute(error, 'callId'),
    fromTag: attribute(error, 'fromTag'),
    toTag: attribute(error, 'toTag'),
    contentType: attribute(error, 'contentType'),
    responseCode: statusOf(attribute(error, 'responseCode')),
    requestType: attribute(error, 'requestType'),
    diagnostics: headersOf([error]),
    progress: headersOf(progress),
  };
}

function headersOf(parents: readonly XmlElement[]): readonly string[] {
  const headers = parents.flatMap((parent) => parent.all('diagHeader', NAMESPACE));
  if (headers.length > MAX_HEADERS) throw tooMany(MAX_HEADERS, 'diagnostic headers in one error');
  return headers.map((header) => header.text.trim().slice(0, MAX_TEXT));
}

function attribute(error: XmlElement, name: string): string {
  return (error.attribute(name) ?? '').slice(0, MAX_TEXT);
}

/** 0 for a status that is none: the rest of the report is still worth keeping. */
function statusOf(text: string): number {
  const status = /^\d{3}$/.test(text) ? Number(text) : 0;
  return status >= LEAST_STATUS && status <= MOST_STATUS ? status : 0;
}

function malformed(reason: string): ParleyError {
  return DiagnosticsErrors.DIAGNOSTICS_REPORT_MALFORMED({ reason });
}

function tooMany(limit: number, what: string): ParleyError {
  return DiagnosticsErrors.DIAGNOSTICS_REPORT_TOO_LARGE({ limit, what });
}
