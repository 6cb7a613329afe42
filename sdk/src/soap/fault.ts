/** SOAP faults. SOAP 1.1 section 4.4; codes of WS-Security 1.1 section 12 and WS-Trust 1.3 section 11; detail of [MS-OCAUTHWS]. */
import { Markup, xmlElement } from '../xml/index.ts';
import { SOAP_NAMESPACES as NS } from './namespaces.ts';

const SOAP_CODES = ['VersionMismatch', 'MustUnderstand', 'Client', 'Server'] as const;
const SECURITY_CODES = [
  'InvalidSecurity',
  'InvalidSecurityToken',
  'FailedAuthentication',
  'FailedCheck',
  'SecurityTokenUnavailable',
] as const;
const TRUST_CODES = [
  'InvalidRequest',
  'FailedAuthentication',
  'RequestFailed',
  'InvalidSecurityToken',
  'BadRequest',
  'InvalidScope',
] as const;

/** A fault's code with the prefix that it is written with. */
export type SoapFaultCode =
  `soap:${(typeof SOAP_CODES)[number]}` | `wsse:${(typeof SECURITY_CODES)[number]}` | `wst:${(typeof TRUST_CODES)[number]}`;

const PREFIXES: Readonly<Record<string, string>> = { soap: NS.soap, wsse: NS.secext, wst: NS.trust };

/** What a fault may say besides code and reason. */
export interface SoapFaultDetail {
  /** ErrorId of [MS-OCER] section 7.22, above 0. */
  readonly errorId?: number;
  /** Markup for the detail element, instead of what `errorId` makes. */
  readonly detail?: Markup;
  /** HTTP status; 500 when absent (SOAP 1.1 section 6.2). */
  readonly status?: number;
}

/** Thrown by an operation that refuses: the client gets code and reason, so nothing secret may be in them. */
export class SoapFault extends Error {
  readonly status: number;
  readonly detail: Markup | undefined;

  constructor(
    readonly code: SoapFaultCode,
    reason: string,
    { errorId, detail, status = 500 }: SoapFaultDetail = {},
  ) {
    super(reason);
    this.name = 'SoapFault';
    this.status = status;
    this.detail = detail ?? (errorId === undefined ? undefined : diagnosticsDetail(errorId, reason));
  }
}

/** The `soap:Fault` element; goes into a Body whose envelope declares `soap`. */
export function faultElement(fault: Pick<SoapFault, 'code' | 'message' | 'detail'>): Markup {
  const prefix = fault.code.slice(0, fault.code.indexOf(':'));
  return xmlElement(
    'soap:Fault',
    {},
    xmlElement('faultcode', prefix === 'soap' ? {} : { [`xmlns:${prefix}`]: PREFIXES[prefix] }, fault.code),
    xmlElement('faultstring', { 'xml:lang': 'en-US' }, fault.message),
    fault.detail === undefined ? undefined : xmlElement('detail', {}, fault.detail),
  );
}

/** OCSDiagnosticsFaultType of [MS-OCAUTHWS]: the ErrorId and the reason, for programs and for logs of clients. */
function diagnosticsDetail(errorId: number, reason: string): Markup {
  const fault = xmlElement('Ms-Diagnostics-Fault', {}, xmlElement('ErrorId', {}, errorId), xmlElement('Reason', {}, reason));
  return xmlElement('OCSDiagnosticsFault', { xmlns: NS.diagnostics }, fault);
}
