/** Reads setPresence and getPresence, by which clients of LCS 2005 publish and ask. [MS-SIP] sections 3.2.4.2 and 3.2.4.4. */
import { SOAP_NAMESPACES } from '@parley/sdk';
import type { XmlElement } from '@parley/sdk';
import { readPresentity } from './msrtc.ts';
import { NAMESPACES } from './namespaces.ts';
import type { PlainPresence } from './pidf.ts';
import { addressOf, malformed, quoted, readDocument } from './read.ts';

/** What is asked for. */
export type SoapPresence =
  | { readonly operation: 'getPresence'; readonly aor: string }
  | { readonly operation: 'setPresence'; readonly aor: string; readonly presence: PlainPresence };

const WHAT = 'SOAP request';

/** Reads the body of a SERVICE; undefined when it is an operation of others. Throws PRESENCE_DOCUMENT_*. */
export function readSoapPresence(body: Buffer | string): SoapPresence | undefined {
  const limits = { size: 65_536, depth: 24, elements: 1000 };
  const { root } = readDocument(body, WHAT, { local: 'Envelope', namespace: SOAP_NAMESPACES.soap }, limits);
  const [operation] = root.child('Body', SOAP_NAMESPACES.soap)?.elements ?? [];
  if (operation?.namespace !== NAMESPACES.sipService) return undefined;
  if (operation.local !== 'getPresence' && operation.local !== 'setPresence') return undefined;
  const presentity = operation.child('presentity');
  if (presentity === undefined) throw malformed(operation.local, 'there is no presentity in it');
  const aor = ownerOf(presentity);
  return operation.local === 'getPresence'
    ? { operation: operation.local, aor }
    : { operation: operation.local, aor, presence: readPresentity(presentity) };
}

/** The attribute has the prefix of the operation in one of them, and none in the other. */
function ownerOf(presentity: XmlElement): string {
  const uri = presentity.attributes.find(({ local }) => local === 'uri')?.value ?? '';
  const aor = addressOf(uri);
  if (aor === undefined) throw malformed('presentity', `its uri is ${quoted(uri)}, not a SIP address`);
  return aor;
}
