/** Which endpoint a message says it comes from. [MS-SIPAE] R4, [MS-SIPRE] sections 3.1 to 3.3 of the sheet. */
import { H } from '@parley/core';
import type { SipRequest } from '@parley/core';
import { decodeText } from '@parley/core';
import { MAX_EPID_LENGTH, instanceOfEpid, instanceOfOpaque, readInstance, sameInstance } from '../endpoint/index.ts';

/** One endpoint of one address. */
export interface EndpointIdentifiers {
  /** Of the From, lower case. */
  readonly aor: string;
  /** Lower case; '' for a client without one. */
  readonly epid: string;
  /** UUID of its +sip.instance, as far as it is known. */
  readonly instance: string | undefined;
}

/** Who sends this request, or a sentence that says why its identifiers contradict each other. */
export function endpointOf(request: SipRequest): EndpointIdentifiers | string {
  const { from } = request;
  const aor = decodeText(from.uri.userAtHost).toLowerCase();
  const epid = from.epid ?? '';
  if (epid.length > MAX_EPID_LENGTH) return 'The epid is too long';
  const derived = epid === '' ? undefined : instanceOfEpid(epid);
  let instance = derived;
  for (const { uri, instanceValue } of contactsOf(request)) {
    if (instanceValue !== undefined) {
      const uuid = readInstance(instanceValue);
      if (uuid === undefined) return 'The +sip.instance of the Contact is not a UUID';
      if (derived !== undefined && !isDerived(uuid, epid)) return 'The +sip.instance of the Contact was not made of the epid';
      instance ??= uuid;
    }
    const gruu = uri.params.has('gruu') ? uri.params.text('opaque') : undefined;
    if (gruu === undefined) continue;
    const named = instanceOfOpaque(gruu);
    if (decodeText(uri.userAtHost).toLowerCase() !== aor) return 'The GRUU of the Contact is of another address';
    if (named === undefined || (instance !== undefined && !sameInstance(named, instance) && !isDerived(named, epid))) {
      return 'The GRUU of the Contact was not given to this endpoint';
    }
  }
  return { aor, epid: epid.toLowerCase(), instance };
}

/** Whether a Contact of this request is a GRUU that was not given to this endpoint. For requests of endpoints that are known already. */
export function claimsForeignGruu(request: SipRequest, { aor, instance }: EndpointIdentifiers): boolean {
  if (instance === undefined || request.first(H.Contact)?.includes('opaque=') !== true) return false;
  return contactsOf(request).some(({ uri }) => {
    const opaque = uri.params.has('gruu') ? uri.params.text('opaque') : undefined;
    if (opaque === undefined) return false;
    const named = instanceOfOpaque(opaque);
    return named === undefined || !sameInstance(named, instance) || decodeText(uri.userAtHost).toLowerCase() !== aor;
  });
}

/** Clients of one kind make the UUID of the epid in lower case, however they write it in the From. */
function isDerived(uuid: string, epid: string): boolean {
  return sameInstance(uuid, instanceOfEpid(epid)) || sameInstance(uuid, instanceOfEpid(epid.toLowerCase()));
}

function contactsOf(request: SipRequest) {
  if (!request.has(H.Contact)) return [];
  const { contacts } = request;
  if (contacts.star) return [];
  return contacts.list.map(({ uri, params }) => ({ uri, instanceValue: params.text('+sip.instance') }));
}
