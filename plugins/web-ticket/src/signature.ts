/** Signatures on tickets (ours) and on timestamps (the client's proof). XML Signature; [MS-OCAUTHWS] R9. */
import { SOAP_NAMESPACES as NS, parseXml, serialiseXml } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { ALGORITHMS, newSignedXml } from './xml-crypto.ts';
import type { AlgorithmChoice } from './xml-crypto.ts';

const OWN: AlgorithmChoice = { macs: ['hmacSha256'], digests: ['sha256'] };
/** What clients of 2010 sign with, and what newer ones might. */
const OF_CLIENTS: AlgorithmChoice = { macs: ['hmacSha1', 'hmacSha256'], digests: ['sha1', 'sha256'] };
const ASSERTION_ID = 'AssertionID';
const TIMESTAMP_ID = 'Id';

/** The assertion with an enveloped signature at its end. @param assertion markup of one element with an AssertionID */
export function signAssertion(assertion: string, key: Buffer): string {
  const signed = newSignedXml(key, OWN, ASSERTION_ID);
  signed.addReference({ xpath: '/*', transforms: [ALGORITHMS.enveloped, ALGORITHMS.exclusive], digestAlgorithm: ALGORITHMS.sha256 });
  signed.computeSignature(assertion, { prefix: 'ds', location: { reference: '/*', action: 'append' } });
  return signed.getSignedXml();
}

/**
 * What our signature on an assertion covers: the only part of it to be believed. undefined when it is not ours, or was changed.
 * @param assertion as some client presents it; another spelling of the same XML is as good
 */
export function verifyAssertion(assertion: XmlElement, key: Buffer): XmlElement | undefined {
  const id = assertion.attribute(ASSERTION_ID);
  const signatures = [...assertion.descendants('Signature', NS.signature)];
  const [signature] = signatures;
  if (id === undefined || signature === undefined || signatures.length > 1 || assertion.child('Signature') !== signature) return undefined;
  const covered = verify(assertion, signature, key, OWN, ASSERTION_ID);
  return covered?.is('Assertion', NS.saml) === true && covered.attribute(ASSERTION_ID) === id ? covered : undefined;
}

/**
 * The timestamp that a client signed with its proof key; undefined when the signature is missing, wrong, or over something else.
 * @param security the wsse:Security element that both stand in
 */
export function verifyTimestamp(security: XmlElement, key: Buffer): XmlElement | undefined {
  const [timestamp, signature] = [security.child('Timestamp', NS.utility), security.child('Signature', NS.signature)];
  const id = timestamp?.attribute(TIMESTAMP_ID, NS.utility);
  if (signature === undefined || id === undefined) return undefined;
  const covered = verify(security, signature, key, OF_CLIENTS);
  return covered?.is('Timestamp', NS.utility) === true && covered.attribute(TIMESTAMP_ID, NS.utility) === id ? covered : undefined;
}

/** The one element that the signature covers, read from its canonical form. The library throws for most of what is wrong. */
function verify(
  inside: XmlElement,
  signature: XmlElement,
  key: Buffer,
  choice: AlgorithmChoice,
  idAttribute?: string,
): XmlElement | undefined {
  if (signature.find('SignedInfo')?.all('Reference').length !== 1) return undefined;
  const signed = newSignedXml(key, choice, idAttribute);
  try {
    signed.loadSignature(serialiseXml(signature).text);
    if (!signed.checkSignature(serialiseXml(inside).text)) return undefined;
  } catch {
    return undefined;
  }
  const [covered] = signed.getSignedReferences();
  return covered === undefined ? undefined : parseXml(covered).root;
}
