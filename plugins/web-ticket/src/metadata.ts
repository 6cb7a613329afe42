/** WSDL of the services, which clients read before anything else. WSDL 1.1, WS-Policy 1.2, WS-SecurityPolicy 1.2, [MS-OCAUTHWS] sections 3.2 and 3.3. */
import { Markup, SOAP_NAMESPACES as NS, xmlDocument, xmlElement } from '@parley/sdk';

/** One port of a service. */
export interface MetadataPort {
  readonly name: string;
  /** Where requests are posted to. */
  readonly location: string;
  readonly portType: string;
  readonly operation: string;
  readonly action: string;
  readonly responseAction: string;
  /** Assertions of its policy. */
  readonly policy: readonly Markup[];
}

/** What a document says. */
export interface ServiceMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly port: MetadataPort;
}

const ALWAYS_TO_RECIPIENT = `${NS.securityPolicy}/IncludeToken/AlwaysToRecipient`;
const HTTP_POLICY = 'http://schemas.microsoft.com/ws/06/2004/policy/http';
const ADDRESSING_WSDL = 'http://www.w3.org/2006/05/addressing/wsdl';
const HTTP_TRANSPORT = 'http://schemas.xmlsoap.org/soap/http';

/** Requests must be signed with the key of a ticket, or must carry one. @param issuer URL of the web ticket service */
export function ticketPolicy(use: 'endorsing' | 'bearer', issuer: string): Markup {
  const token = xmlElement(
    'sp:IssuedToken',
    { 'sp:IncludeToken': ALWAYS_TO_RECIPIENT },
    xmlElement('sp:Issuer', {}, xmlElement('wsa:Address', {}, issuer)),
  );
  const name = use === 'endorsing' ? 'sp:EndorsingSupportingTokens' : 'sp:SignedSupportingTokens';
  return xmlElement(name, {}, xmlElement('wsp:Policy', {}, token));
}

/** Requests need Windows authentication over HTTP. */
export function windowsPolicy(): Markup {
  return xmlElement('http:NegotiateAuthentication', { 'xmlns:http': HTTP_POLICY });
}

/** The document. The policy's Id is the port's name followed by `_policy`: clients look for it by that name (R2). */
export function metadataDocument({ name, namespace, port }: ServiceMetadata): string {
  const policyId = `${port.name}_policy`;
  const policy = xmlElement('wsp:Policy', { 'wsu:Id': policyId }, xmlElement('wsp:ExactlyOne', {}, xmlElement('wsp:All', {}, port.policy)));
  const address = xmlElement('soap:address', { location: port.location });
  const service = xmlElement('wsdl:service', { name }, xmlElement('wsdl:port', { name: port.name, binding: `tns:${port.name}` }, address));
  return xmlDocument(
    xmlElement(
      'wsdl:definitions',
      {
        name,
        targetNamespace: namespace,
        'xmlns:wsdl': NS.wsdl,
        'xmlns:soap': NS.wsdlSoap,
        'xmlns:wsp': NS.policy,
        'xmlns:wsa': NS.addressing,
        'xmlns:wsaw': ADDRESSING_WSDL,
        'xmlns:sp': NS.securityPolicy,
        'xmlns:wsu': NS.utility,
        'xmlns:tns': namespace,
      },
      policy,
      messages(port),
      portType(port),
      binding(port, policyId),
      service,
    ),
  );
}

function messages({ portType, operation }: MetadataPort): readonly Markup[] {
  const message = (kind: string): Markup => xmlElement('wsdl:message', { name: `${portType}_${operation}_${kind}` });
  return [message('InputMessage'), message('OutputMessage')];
}

function portType({ portType, operation, action, responseAction }: MetadataPort): Markup {
  const message = (kind: string): string => `tns:${portType}_${operation}_${kind}`;
  return xmlElement(
    'wsdl:portType',
    { name: portType },
    xmlElement(
      'wsdl:operation',
      { name: operation },
      xmlElement('wsdl:input', { 'wsaw:Action': action, message: message('InputMessage') }),
      xmlElement('wsdl:output', { 'wsaw:Action': responseAction, message: message('OutputMessage') }),
    ),
  );
}

function binding({ name, portType, operation, action }: MetadataPort, policyId: string): Markup {
  const literal = xmlElement('soap:body', { use: 'literal' });
  return xmlElement(
    'wsdl:binding',
    { name, type: `tns:${portType}` },
    xmlElement('wsp:PolicyReference', { URI: `#${policyId}` }),
    xmlElement('soap:binding', { transport: HTTP_TRANSPORT }),
    xmlElement(
      'wsdl:operation',
      { name: operation },
      xmlElement('soap:operation', { soapAction: action, style: 'document' }),
      xmlElement('wsdl:input', {}, literal),
      xmlElement('wsdl:output', {}, literal),
    ),
  );
}
