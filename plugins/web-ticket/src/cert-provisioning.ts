/** The operation GetAndPublishCert: a ticket and a certificate request become a certificate to sign in with. [MS-OCAUTHWS] section 3.7, R12 to R14. */
import { Markup, ParleyError, SOAP_NAMESPACES as NS, SoapFault, xmlElement } from '@parley/sdk';
import type { Log, SoapOperation, XmlElement } from '@parley/sdk';
import type { ClientCertificates } from '@parley/plugin-pki/api';
import type { Ticket, TicketFailure, TicketService } from './api.ts';
import { FAULT_IDS } from './fault-ids.ts';
import type { TicketChecker } from './ticket-checker.ts';

/** Namespace of the certificate provisioning service. */
export const CERT_NAMESPACE = 'http://schemas.microsoft.com/OCS/AuthWebServices/';
/** SOAPAction of the operation. */
export const CERT_ACTION = `${CERT_NAMESPACE}GetAndPublishCert`;

/** The service, for its metadata and its tickets. */
export const CERT_SERVICE: TicketService = {
  name: 'CertProvisioningService',
  portName: 'CertProvisioningServiceWebTicketProof_SHA1',
  path: '/CertProv/CertProvisioningService.svc',
  portPath: '/CertProv/CertProvisioningService.svc/WebTicket_Proof_SHA1',
  namespace: CERT_NAMESPACE,
  use: 'endorsing',
};

/** What the operation works with. */
export interface CertParts {
  readonly checker: Pick<TicketChecker, 'check'>;
  readonly certificates: Pick<ClientCertificates, 'issue'>;
  readonly log: Pick<Log, 'info'>;
  /** Is told of every ticket that was checked. */
  checked(verdict: Ticket | TicketFailure): void;
}

const X509 = 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-x509-token-profile-1.0#X509v3';
const BASE64_BINARY = `${NS.secext}#Base64Binary`;
const ENROLLMENT = 'http://schemas.microsoft.com/windows/pki/2009/01/enrollment';
/** Base64 of the largest request that is taken, broken into lines. */
const MAX_CSR_TEXT = 12_288;
const MAX_REQUEST_ID = 128;
const SIP = /^sip:/i;
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** The operation, for a SoapService. */
export function getAndPublishCert(parts: CertParts): SoapOperation<unknown> {
  return {
    responseAction: `${CERT_ACTION}Response`,
    async run({ operation, envelope }) {
      const verdict = parts.checker.check(envelope, CERT_SERVICE);
      parts.checked(verdict);
      if ('failure' in verdict) throw refusedTicket(parts, verdict);
      const entity = entityOf(operation, verdict);
      const deviceId = operation.attribute('DeviceId') ?? '';
      const { certificate, notAfter } = await issue(parts, verdict, csrOf(operation), deviceId);
      parts.log.info({ user: verdict.aor, deviceId, validTo: new Date(notAfter).toISOString() }, 'certificate to sign in with issued');
      return response(certificate, entity, deviceId, operation.find('RequestSecurityToken', 'RequestID')?.text.slice(0, MAX_REQUEST_ID));
    },
  };
}

function refusedTicket({ log }: CertParts, { failure, detail }: TicketFailure): SoapFault {
  log.info({ failure }, `no certificate: ${detail}`);
  const code = failure === 'proof' ? 'wsse:FailedCheck' : 'wsse:InvalidSecurityToken';
  return new SoapFault(code, 'No valid security token', { errorId: FAULT_IDS.noValidToken });
}

/** R12: whom the request speaks of is who the ticket is for; with or without `sip:`. */
function entityOf(operation: XmlElement, { aor }: Ticket): string {
  const entity = operation.attribute('Entity') ?? '';
  if (entity.replace(SIP, '').toLowerCase() === aor) return entity;
  throw new SoapFault('wsse:FailedAuthentication', 'The Entity is not the user of the web ticket', { errorId: FAULT_IDS.other });
}

/** The PKCS#10 request, DER. */
function csrOf(operation: XmlElement): Buffer {
  const token = operation.find('RequestSecurityToken', 'BinarySecurityToken');
  const text = token?.text ?? '';
  const packed = text.length > MAX_CSR_TEXT ? '' : text.replaceAll(/\s+/g, '');
  if (!BASE64.test(packed)) throw new SoapFault('soap:Client', 'There is no certificate request in base64', { errorId: FAULT_IDS.other });
  return Buffer.from(packed, 'base64');
}

/** What is wrong with a request is the client's to know. */
async function issue(
  { certificates }: CertParts,
  { user }: Ticket,
  csr: Buffer,
  deviceId: string,
): ReturnType<ClientCertificates['issue']> {
  try {
    return await certificates.issue({ csr, user: { id: user.id, aor: user.aor }, deviceId });
  } catch (error) {
    if (!(error instanceof ParleyError) || error.status === undefined) throw error;
    throw new SoapFault('soap:Client', error.message, { errorId: FAULT_IDS.other });
  }
}

function response(certificate: Buffer, entity: string, deviceId: string, requestId: string | undefined): Markup {
  const token = xmlElement(
    'BinarySecurityToken',
    { xmlns: NS.secext, ValueType: X509, EncodingType: BASE64_BINARY },
    certificate.toString('base64'),
  );
  return xmlElement(
    'GetAndPublishCertResponse',
    { xmlns: CERT_NAMESPACE, DeviceId: deviceId, Entity: entity },
    xmlElement(
      'RequestSecurityTokenResponse',
      { xmlns: `${NS.trust}/` },
      xmlElement('TokenType', {}, X509),
      xmlElement('RequestedSecurityToken', {}, token),
      requestId === undefined ? undefined : xmlElement('RequestID', { xmlns: ENROLLMENT }, requestId),
    ),
  );
}
