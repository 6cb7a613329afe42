/**
 * The text that a message's signature is made over, as a client puts it together: without the code that the server does it with, so that
 * each checks the other. [MS-SIPAE] section 3.2.5.1, [MS-SIP] section 3.1.4.2
 */
import type { SipMessage, SipResponse } from '@parley/core';

/** The association that a message is signed in, and the numbers of its signature. */
export interface SignedBy {
  readonly scheme: string;
  readonly realm: string;
  readonly targetName: string;
  /** crand of a client, srand of a server. */
  readonly rand: string;
  /** cnum or snum. */
  readonly num: string;
}

/** What of a message is signed; an absent field is ''. */
export interface SignedFields {
  readonly callId: string;
  readonly cseq: string;
  readonly method: string;
  readonly from: string;
  readonly fromTag: string;
  readonly to: string;
  readonly toTag: string;
  /** SIP and tel URI of the asserted identity. */
  readonly sip?: string;
  readonly tel?: string;
  readonly expires: string;
  /** Of a response. */
  readonly status?: number;
}

/** The fields in order, each in angle brackets. A request has none for the status, not even an empty one. */
export function signedText({ scheme, rand, num, realm, targetName }: SignedBy, fields: SignedFields): string {
  const { callId, cseq, method, from, fromTag, to, toTag, sip = '', tel = '', expires, status } = fields;
  const list = [scheme, rand, num, realm, targetName, callId, cseq, method, from, fromTag, to, toTag, sip, tel, expires];
  const text = list.map((field) => `<${field}>`).join('');
  return status === undefined ? text : `${text}<${status}>`;
}

/** The signed fields of a message. */
export function signedFields(message: SipMessage): SignedFields {
  const [cseq = '', method = ''] = (message.first('CSeq') ?? '').trim().split(/\s+/);
  const [from, to] = [addressOf(message.first('From')), addressOf(message.first('To'))];
  const identities = message.all(message.has('P-Asserted-Identity') ? 'P-Asserted-Identity' : 'P-Preferred-Identity').join(',');
  return {
    callId: message.callId,
    cseq,
    method,
    from: from.uri,
    fromTag: from.tag,
    to: to.uri,
    toTag: to.tag,
    sip: /<(sips?:[^>]*)>/i.exec(identities)?.[1] ?? '',
    tel: /<(tel:[^>]*)>/i.exec(identities)?.[1] ?? '',
    expires: message.first('Expires') ?? '',
    ...(message.isRequest ? {} : { status: (message as SipResponse).status }),
  };
}

function addressOf(value = ''): { readonly uri: string; readonly tag: string } {
  const [, uri = '', parameters = ''] = /<([^>]*)>(.*)/.exec(value) ?? /^\s*([^;]*)(.*)/.exec(value) ?? [];
  return { uri, tag: /;\s*tag\s*=\s*([^;\s]+)/i.exec(parameters)?.[1] ?? '' };
}
