/** SOAP 1.1 services. */
export { SOAP_LIMITS, readEnvelope } from './envelope.ts';
export type { SoapEnvelope } from './envelope.ts';
export { SoapErrors } from './errors.ts';
export { SoapFault, faultElement } from './fault.ts';
export type { SoapFaultCode, SoapFaultDetail } from './fault.ts';
export { SOAP_NAMESPACES } from './namespaces.ts';
export { readSecurity, readUtcTime, utcTime } from './security.ts';
export type { SecurityHeader } from './security.ts';
export { SoapService } from './service.ts';
export type { SoapAnswer, SoapCall, SoapOperation, SoapServiceOptions } from './service.ts';
