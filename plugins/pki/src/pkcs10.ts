/** Reading a PKCS#10 certificate request and checking that its sender has the key. RFC 2986 section 4. */
import { createPublicKey, verify } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { PkiErrors } from './errors.ts';

/** A request for an RSA-4096 key with many extensions has three kilobytes. */
export const MAX_REQUEST_BYTES = 8192;
/** Shorter keys are broken, longer ones cost the server too much at each sign-in. */
export const LEAST_KEY_BITS = 1024;
export const MOST_KEY_BITS = 8192;

const INTEGER = 0x02;
const BIT_STRING = 0x03;
const OBJECT_IDENTIFIER = 0x06;
const SEQUENCE = 0x30;

/** RSA signature algorithms by their object identifier's content, hexadecimal. RFC 8017 appendix A.2.4. */
const HASHES: Readonly<Record<string, string>> = {
  '2a864886f70d010105': 'sha1', // what clients of the Communicator family send
  '2a864886f70d01010b': 'sha256',
  '2a864886f70d01010c': 'sha384',
  '2a864886f70d01010d': 'sha512',
};

/**
 * The public key of a request whose signature is good. Nothing else of it is looked at, neither subject nor attributes nor the version,
 * which some clients get wrong.
 * @param request DER
 * @throws PKI_REQUEST_MALFORMED, PKI_REQUEST_KEY, PKI_REQUEST_SIGNATURE
 */
export function requestedKey(request: Buffer): KeyObject {
  if (request.length > MAX_REQUEST_BYTES) throw malformed(`it has ${request.length} bytes`);
  const whole = readElement(request, 0, SEQUENCE);
  if (whole.end !== request.length) throw malformed(`${request.length - whole.end} bytes follow its end`);
  const information = readElement(request, whole.start, SEQUENCE);
  const algorithm = readElement(request, information.end, SEQUENCE);
  const signature = readElement(request, algorithm.end, BIT_STRING);
  if (signature.end !== whole.end) throw malformed('it is longer than its parts');
  const version = readElement(request, information.start, INTEGER);
  const subject = readElement(request, version.end, SEQUENCE);
  const key = publicKey(request, readElement(request, subject.end, SEQUENCE));
  const identifier = readElement(request, algorithm.start, OBJECT_IDENTIFIER);
  const hash = HASHES[request.toString('hex', identifier.start, identifier.end)];
  if (hash === undefined) throw PkiErrors.PKI_REQUEST_SIGNATURE({ found: 'is of a kind that is not accepted' });
  // The signature is over these very bytes, not over what a parser would write again.
  const signed = request.subarray(information.at, information.end);
  if (request[signature.start] !== 0) throw malformed('its signature has unused bits');
  if (!isSignedBy(key, hash, signed, request.subarray(signature.start + 1, signature.end)))
    throw PkiErrors.PKI_REQUEST_SIGNATURE({ found: 'is not of the key that it is for' });
  return key;
}

/** OpenSSL throws for keys that are none, such as one with an even modulus. */
function isSignedBy(key: KeyObject, hash: string, signed: Buffer, signature: Buffer): boolean {
  try {
    return verify(hash, signed, key, signature);
  } catch {
    return false;
  }
}

function publicKey(request: Buffer, element: Element): KeyObject {
  const key = importKey(request.subarray(element.at, element.end));
  const bits = key.asymmetricKeyDetails?.modulusLength;
  const found = key.asymmetricKeyType === 'rsa' ? `an RSA key of ${bits ?? 0} bits` : `a key of type ${key.asymmetricKeyType ?? 'unknown'}`;
  if (key.asymmetricKeyType !== 'rsa' || bits === undefined || bits < LEAST_KEY_BITS || bits > MOST_KEY_BITS)
    throw PkiErrors.PKI_REQUEST_KEY({ found, least: LEAST_KEY_BITS, most: MOST_KEY_BITS });
  return key;
}

function importKey(spki: Buffer): KeyObject {
  try {
    return createPublicKey({ key: spki, format: 'der', type: 'spki' });
  } catch (error) {
    throw PkiErrors.PKI_REQUEST_MALFORMED({ found: 'its public key is none', limit: MAX_REQUEST_BYTES }, { cause: error });
  }
}

/** Offsets of one DER element: of its tag, its content and the byte behind it. */
interface Element {
  readonly at: number;
  readonly start: number;
  readonly end: number;
}

/** X.690 section 8.1, definite lengths only (section 10.1). */
function readElement(bytes: Buffer, at: number, tag: number): Element {
  if (at + 2 > bytes.length) throw malformed('it ends too early');
  if (bytes[at] !== tag) throw malformed(`byte ${at} should be ${tag.toString(16)}`);
  const first = bytes.readUInt8(at + 1);
  const lengthBytes = first < 0x80 ? 0 : first & 0x7f;
  if (first === 0x80 || lengthBytes > 2) throw malformed(`the length at byte ${at + 1} is no length`);
  const start = at + 2 + lengthBytes;
  if (start > bytes.length) throw malformed('it ends too early');
  const end = start + (lengthBytes === 0 ? first : bytes.readUIntBE(at + 2, lengthBytes));
  if (end > bytes.length) throw malformed('it ends too early');
  return { at, start, end };
}

function malformed(found: string): Error {
  return PkiErrors.PKI_REQUEST_MALFORMED({ found, limit: MAX_REQUEST_BYTES });
}
