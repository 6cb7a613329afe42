/** Namespaces of SOAP and of the WS-* family as the Lync services use them. [MS-OCAUTHWS] section 3. */
export const SOAP_NAMESPACES = {
  soap: 'http://schemas.xmlsoap.org/soap/envelope/',
  soap12: 'http://www.w3.org/2003/05/soap-envelope',
  addressing: 'http://www.w3.org/2005/08/addressing',
  addressing2004: 'http://schemas.xmlsoap.org/ws/2004/08/addressing',
  secext: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd',
  utility: 'http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd',
  trust: 'http://docs.oasis-open.org/ws-sx/ws-trust/200512',
  policy: 'http://schemas.xmlsoap.org/ws/2004/09/policy',
  securityPolicy: 'http://docs.oasis-open.org/ws-sx/ws-securitypolicy/200702',
  saml: 'urn:oasis:names:tc:SAML:1.0:assertion',
  signature: 'http://www.w3.org/2000/09/xmldsig#',
  wsdl: 'http://schemas.xmlsoap.org/wsdl/',
  wsdlSoap: 'http://schemas.xmlsoap.org/wsdl/soap/',
  /** Of the element that carries an ErrorId in the detail of a fault. */
  diagnostics: 'urn:component:Microsoft.Rtc.WebAuthentication.2010',
} as const;
