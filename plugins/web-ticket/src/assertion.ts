/** The SAML 1.1 assertion that a web ticket is. SAML 1.1 core section 2.3, [MS-OCAUTHWS] section 3.5. */
import { SOAP_NAMESPACES as NS, readUtcTime, utcTime, xmlElement } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';

/** What a ticket says in clear. */
export interface AssertionClaims {
  /** AssertionID. */
  readonly id: string;
  /** URL of the pool that issued it. */
  readonly issuer: string;
  /** URL of the service that it is for. */
  readonly audience: string;
  /** Address of record, `alice@example.com`. */
  readonly aor: string;
  /** Milliseconds since 1970, whole seconds. */
  readonly notBefore: number;
  readonly notOnOrAfter: number;
  /** How it is confirmed: with a proof key, or by having it. */
  readonly confirmation: 'holder-of-key' | 'bearer';
  /** What {@link TicketSeal} made. */
  readonly sealed: string;
}

const CONFIRMATION_PREFIX = 'urn:oasis:names:tc:SAML:1.0:cm:';
const UNSPECIFIED = 'urn:oasis:names:tc:SAML:1.0:am:unspecified';
const XML_ENCRYPTION = 'http://www.w3.org/2001/04/xmlenc#';
const AES_256_GCM = 'http://www.w3.org/2009/xmlenc11#aes256-gcm';
const SIP = /^sip:/i;

/** The assertion without its signature. Every namespace is declared inside: clients cut it out of its document (rule 2). */
export function writeAssertion(claims: AssertionClaims): string {
  const [from, until] = [utcTime(claims.notBefore), utcTime(claims.notOnOrAfter)];
  const audience = xmlElement('saml:AudienceRestrictionCondition', {}, xmlElement('saml:Audience', {}, claims.audience));
  const subject = xmlElement(
    'saml:Subject',
    {},
    xmlElement('saml:NameIdentifier', {}, `sip:${claims.aor}`),
    xmlElement(
      'saml:SubjectConfirmation',
      {},
      xmlElement('saml:ConfirmationMethod', {}, `${CONFIRMATION_PREFIX}${claims.confirmation}`),
      keyInfo(claims.sealed),
    ),
  );
  return xmlElement(
    'saml:Assertion',
    { 'xmlns:saml': NS.saml, MajorVersion: 1, MinorVersion: 1, AssertionID: claims.id, Issuer: claims.issuer, IssueInstant: from },
    xmlElement('saml:Conditions', { NotBefore: from, NotOnOrAfter: until }, audience),
    xmlElement('saml:AuthenticationStatement', { AuthenticationMethod: UNSPECIFIED, AuthenticationInstant: from }, subject),
  ).text;
}

/** The claims of an assertion whose signature was found good; undefined when it is not of the form that is written here. */
export function readAssertion(assertion: XmlElement): AssertionClaims | undefined {
  const conditions = assertion.child('Conditions');
  const subject = assertion.find('AuthenticationStatement', 'Subject');
  const claims = {
    id: assertion.attribute('AssertionID'),
    issuer: assertion.attribute('Issuer'),
    audience: conditions?.find('AudienceRestrictionCondition', 'Audience')?.text,
    aor: subject?.child('NameIdentifier')?.text.replace(SIP, ''),
    notBefore: readUtcTime(conditions?.attribute('NotBefore')),
    notOnOrAfter: readUtcTime(conditions?.attribute('NotOnOrAfter')),
    confirmation: confirmationOf(subject?.find('SubjectConfirmation', 'ConfirmationMethod')?.text),
    sealed: subject?.find('SubjectConfirmation', 'KeyInfo', 'EncryptedData', 'CipherData', 'CipherValue')?.text,
  };
  return isWhole(claims) ? claims : undefined;
}

type Partly<T> = { readonly [K in keyof T]: T[K] | undefined };

function isWhole(claims: Partly<AssertionClaims>): claims is AssertionClaims {
  return Object.values(claims).every((value) => value !== undefined);
}

function confirmationOf(method: string | undefined): AssertionClaims['confirmation'] | undefined {
  return (['holder-of-key', 'bearer'] as const).find((name) => method === CONFIRMATION_PREFIX + name);
}

function keyInfo(sealed: string): ReturnType<typeof xmlElement> {
  const value = xmlElement('xenc:CipherData', {}, xmlElement('xenc:CipherValue', {}, sealed));
  const data = xmlElement(
    'xenc:EncryptedData',
    { 'xmlns:xenc': XML_ENCRYPTION },
    xmlElement('xenc:EncryptionMethod', { Algorithm: AES_256_GCM }),
    value,
  );
  return xmlElement('ds:KeyInfo', { 'xmlns:ds': NS.signature }, data);
}
