/** The XML signature library, with the part of its types that is used here: its own need those of a browser. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import { SOAP_NAMESPACES } from '@parley/sdk';

/** A signature algorithm as the library wants it. */
interface SignatureAlgorithm {
  getSignature(signedInfo: string, key: Buffer): string;
  verifySignature(signedInfo: string, key: Buffer, value: string): boolean;
  getAlgorithmName(): string;
}

type Algorithms = Record<string, new () => unknown>;

/** One signature being made or checked. */
export interface SignedXml {
  SignatureAlgorithms: Record<string, new () => SignatureAlgorithm>;
  HashAlgorithms: Algorithms;
  CanonicalizationAlgorithms: Algorithms;
  addReference(reference: { xpath: string; transforms: readonly string[]; digestAlgorithm: string }): void;
  computeSignature(xml: string, options: { prefix: string; location: { reference: string; action: 'append' } }): void;
  getSignedXml(): string;
  loadSignature(xml: string): void;
  /** False, or throws, when the signature is no good. */
  checkSignature(xml: string): boolean;
  /** Canonical XML of what a good signature covers. */
  getSignedReferences(): readonly string[];
}

interface Library {
  SignedXml: new (options: {
    privateKey?: Buffer;
    publicCert?: Buffer;
    idAttribute?: string;
    signatureAlgorithm?: string;
    canonicalizationAlgorithm?: string;
    getKeyInfoContent?: () => null;
  }) => SignedXml;
}

const library = createRequire(import.meta.url)('xml-crypto') as Library;

/** Algorithm URIs. XML Signature section 6, RFC 6931. */
export const ALGORITHMS = {
  exclusive: 'http://www.w3.org/2001/10/xml-exc-c14n#',
  enveloped: `${SOAP_NAMESPACES.signature}enveloped-signature`,
  sha1: `${SOAP_NAMESPACES.signature}sha1`,
  sha256: 'http://www.w3.org/2001/04/xmlenc#sha256',
  hmacSha1: `${SOAP_NAMESPACES.signature}hmac-sha1`,
  hmacSha256: 'http://www.w3.org/2001/04/xmldsig-more#hmac-sha256',
} as const;

/** Which algorithms a signature may use; with any other it is refused. */
export interface AlgorithmChoice {
  readonly macs: readonly ('hmacSha1' | 'hmacSha256')[];
  readonly digests: readonly ('sha1' | 'sha256')[];
}

/**
 * A signature by a shared key. Public-key algorithms are unknown to it, so that no key can be taken for one of another kind.
 * @param idAttribute name of the attribute that references speak of, besides Id, ID and id
 */
export function newSignedXml(key: Buffer, choice: AlgorithmChoice, idAttribute?: string): SignedXml {
  const signed = new library.SignedXml({
    privateKey: key,
    publicCert: key,
    ...(idAttribute === undefined ? {} : { idAttribute }),
    signatureAlgorithm: ALGORITHMS[choice.macs[0] ?? 'hmacSha256'],
    canonicalizationAlgorithm: ALGORITHMS.exclusive,
    getKeyInfoContent: () => null,
  });
  signed.SignatureAlgorithms = Object.fromEntries(choice.macs.map((name) => [ALGORITHMS[name], MACS[name]]));
  signed.HashAlgorithms = only(
    signed.HashAlgorithms,
    choice.digests.map((name) => ALGORITHMS[name]),
  );
  signed.CanonicalizationAlgorithms = only(signed.CanonicalizationAlgorithms, [ALGORITHMS.exclusive, ALGORITHMS.enveloped]);
  return signed;
}

function only(all: Algorithms, names: readonly string[]): Algorithms {
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.includes(name)));
}

function hmac(hash: 'sha1' | 'sha256', uri: string): new () => SignatureAlgorithm {
  const mac = (text: string, key: Buffer): Buffer => createHmac(hash, key).update(text, 'utf8').digest();
  return class implements SignatureAlgorithm {
    getSignature(signedInfo: string, key: Buffer): string {
      return mac(signedInfo, key).toString('base64');
    }
    verifySignature(signedInfo: string, key: Buffer, value: string): boolean {
      const [expected, given] = [mac(signedInfo, key), Buffer.from(value, 'base64')];
      return expected.length === given.length && timingSafeEqual(expected, given);
    }
    getAlgorithmName(): string {
      return uri;
    }
  };
}

const MACS = { hmacSha1: hmac('sha1', ALGORITHMS.hmacSha1), hmacSha256: hmac('sha256', ALGORITHMS.hmacSha256) } as const;
