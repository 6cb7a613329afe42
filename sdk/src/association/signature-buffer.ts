/** The text that a message's signature is made over. [MS-SIPAE] section 3.6 of the sheet, [MS-SIP] section 3.1.4.2. */
import { H } from '@parley/core';
import type { SipMessage, SipResponse } from '@parley/core';
import { NameAddr } from '@parley/core';
import type { AssociationScheme } from './mechanism.ts';

/** What of the association goes into the text, besides the message. As they stand in the header, without quotes. */
export interface SignatureContext {
  readonly scheme: AssociationScheme;
  readonly realm: string;
  readonly targetName: string;
  /** 2: without To and the asserted identity; 3 and 4 are the same here. */
  readonly version: number;
}

/**
 * The byte string B: the signed fields in order, each in angle brackets, with the case and form they have in the message, an absent
 * one as `<>`. Throws SIP_HEADER_MISSING and SIP_HEADER_MALFORMED.
 * @param rand crand of a client, srand of a server; @param num cnum or snum
 */
export function signatureBuffer(message: SipMessage, context: SignatureContext, rand: string, num: string): string {
  const { from, to } = message;
  const start = `<${context.scheme}><${rand}><${num}><${context.realm}><${context.targetName}><${message.callId}>${cseqFields(message)}<${from.uri.raw}><${from.tag ?? ''}>`;
  const middle = context.version === 2 ? `<${to.tag ?? ''}>` : `<${to.uri.raw}><${to.tag ?? ''}>${assertedFields(message)}`;
  const end = `<${message.first(H.Expires) ?? ''}>`;
  // Requests have no field for the code at all, not even an empty one.
  return message.isRequest ? start + middle + end : `${start}${middle}${end}<${(message as SipResponse).status}>`;
}

/** Number and method as they were written: the number may have leading zeros. */
function cseqFields(message: SipMessage): string {
  const { number, method } = message.cseq;
  const written = message.first(H.CSeq) as string;
  return written.startsWith('0') ? `<${written.split(/\s/, 1)[0] as string}><${method}>` : `<${number}><${method}>`;
}

/** The SIP URI and the tel URI of P-Asserted-Identity, or without one of P-Preferred-Identity. */
function assertedFields(message: SipMessage): string {
  const header = message.has(H.PAssertedIdentity) ? H.PAssertedIdentity : H.PPreferredIdentity;
  if (header === H.PPreferredIdentity && !message.has(header)) return '<><>';
  let sip = '';
  let tel = '';
  for (const element of message.list(header)) {
    const { uri } = NameAddr.parse(element, 'P-Asserted-Identity');
    if (uri.isSip) sip ||= uri.raw;
    else if (uri.scheme === 'tel') tel ||= uri.raw;
  }
  return `<${sip}><${tel}>`;
}
