/** What makes a SOAP request unreadable, before any operation has seen it. */
import { errorTable } from '@parley/core';

/** Errors of SOAP envelopes. */
export const SoapErrors = errorTable({
  SOAP_ENVELOPE: {
    sentence: 'The request is no SOAP 1.1 envelope: {problem}.',
    fix: 'Send an Envelope of http://schemas.xmlsoap.org/soap/envelope/ with a Body that has one element.',
    status: 400,
  },
  SOAP_SECURITY: {
    sentence: 'The wsse:Security header cannot be taken: {problem}.',
    fix: 'Send one Security header with one Timestamp, one Assertion and at most one Signature.',
    status: 400,
  },
});
