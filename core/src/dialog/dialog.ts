/** One dialog: who talks to whom, on which route, with which numbers. Pure: builds and judges messages, sends nothing. RFC 3261 section 12. */
import { H, NameAddr, SipRequest, detach } from '../sip/index.ts';
import type { SipMessage, SipResponse } from '../sip/index.ts';
import { addContent } from './content.ts';
import type { Content, Header } from './content.ts';
import { DialogErrors } from './errors.ts';
import { requestUri, routeSetOfUac, routeSetOfUas, routeTo } from './route-set.ts';

export type DialogState = 'early' | 'confirmed' | 'terminated';

/** Requests that carry a Contact and may change the remote target. RFC 3261 12.2, RFC 3311, 6665, 3515. */
const REFRESHES_TARGET = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'NOTIFY', 'REFER']);

const MAX_FORWARDS: Header = ['Max-Forwards', '70'];

interface DialogParts {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly local: string;
  readonly remote: string;
  readonly localContact: string;
  readonly remoteTarget: string;
  readonly routeSet: readonly string[];
  readonly localSequence: number;
  readonly remoteSequence: number | undefined;
  readonly ownsCallId: boolean;
}

/** The key of a dialog seen from here: Call-ID, our tag, their tag ('' for a peer of RFC 2543). */
export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

/** One dialog as this side sees it: identifiers, route set, remote target, sequence numbers. RFC 3261 section 12. */
export class Dialog {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** We have made the Call-ID. Decides who waits longer after glare (RFC 3261 14.1). */
  readonly ownsCallId: boolean;
  state: DialogState = 'early';
  /** The Contact value of our requests and responses that carry one; may be changed between requests. */
  localContact: string;
  /** The authenticated `user@host` who began it, and alone may go on with it; undefined where nobody was authenticated, or we began. */
  peer: string | undefined = undefined;
  private readonly local: string;
  private readonly remote: string;
  private target: string;
  private routes: readonly string[];
  private localSequence: number;
  private remoteSequence: number | undefined;

  private constructor(parts: DialogParts) {
    // The parts are slices of messages, which a dialog of hours must not keep alive.
    this.callId = detach(parts.callId);
    this.localTag = detach(parts.localTag);
    this.remoteTag = detach(parts.remoteTag);
    this.local = detach(parts.local);
    this.remote = detach(parts.remote);
    this.localContact = detach(parts.localContact);
    this.target = detach(parts.remoteTarget);
    this.routes = parts.routeSet.map(detach);
    this.localSequence = parts.localSequence;
    this.remoteSequence = parts.remoteSequence;
    this.ownsCallId = parts.ownsCallId;
  }

  /**
   * The dialog that a request creates at the side that answers it. RFC 3261 12.1.1.
   * Throws DIALOG_NO_CONTACT without a Contact.
   * @param localTag the To tag of our responses
   * @param localContact our Contact value
   */
  static asUas(request: SipRequest, localTag: string, localContact: string): Dialog {
    const target = targetOf(request);
    if (target === undefined) throw DialogErrors.DIALOG_NO_CONTACT({ what: request.method }, { place: 'Contact' });
    const to = request.to.tag === undefined ? request.to.withParam('tag', localTag) : request.to;
    return new Dialog({
      callId: request.callId,
      localTag,
      remoteTag: request.from.tag ?? '',
      local: to.toString(),
      remote: request.first(H.From) ?? '',
      localContact,
      remoteTarget: target,
      routeSet: routeSetOfUas(request),
      localSequence: 0,
      remoteSequence: request.cseq.number,
      ownsCallId: false,
    });
  }

  /** The dialog that a response with a To tag creates at the side that asked. RFC 3261 12.1.2. A response without Contact leaves the Request-URI as target. */
  static asUac(request: SipRequest, response: SipResponse): Dialog {
    return new Dialog({
      callId: request.callId,
      localTag: request.from.tag ?? '',
      remoteTag: response.to.tag ?? '',
      local: request.first(H.From) ?? '',
      remote: response.first(H.To) ?? '',
      localContact: request.first(H.Contact) ?? '',
      remoteTarget: targetOf(response) ?? request.uri,
      routeSet: routeSetOfUac(response),
      localSequence: request.cseq.number,
      remoteSequence: undefined,
      ownsCallId: true,
    });
  }

  /** The dialog that a NOTIFY creates at the subscriber, maybe before the answer to its SUBSCRIBE. RFC 6665 4.4.1. Throws DIALOG_NO_CONTACT. */
  static byNotify(subscribe: SipRequest, notify: SipRequest): Dialog {
    const target = targetOf(notify);
    if (target === undefined) throw DialogErrors.DIALOG_NO_CONTACT({ what: notify.method }, { place: 'Contact' });
    return new Dialog({
      callId: subscribe.callId,
      localTag: subscribe.from.tag ?? '',
      remoteTag: notify.from.tag ?? '',
      local: subscribe.first(H.From) ?? '',
      remote: notify.first(H.From) ?? '',
      localContact: subscribe.first(H.Contact) ?? '',
      remoteTarget: target,
      routeSet: routeSetOfUas(notify),
      localSequence: subscribe.cseq.number,
      remoteSequence: notify.cseq.number,
      ownsCallId: true,
    });
  }

  get key(): string {
    return dialogKey(this.callId, this.localTag, this.remoteTag);
  }

  get remoteTarget(): string {
    return this.target;
  }

  get routeSet(): readonly string[] {
    return this.routes;
  }

  /** Takes the next CSeq number: for a request, or for one that is only counted ([MS-SIPRE] sheet 6, ms-piggyback-cseq). */
  nextSequence(): number {
    return ++this.localSequence;
  }

  /** A request in this dialog, without Via. RFC 3261 12.2.1.1. */
  request(method: string, content: Content): SipRequest {
    const request = this.build(method, this.nextSequence());
    if (REFRESHES_TARGET.has(method)) request.append(H.Contact, this.localContact);
    addContent(request, content);
    return request;
  }

  /** The ACK for a 2xx to `invite`, without Via: its CSeq number and its credentials. RFC 3261 13.2.2.4. */
  ack(invite: SipRequest, content: Content): SipRequest {
    const ack = this.build('ACK', invite.cseq.number);
    for (const value of invite.all(H.Authorization)) ack.append(H.Authorization, value);
    for (const value of invite.all(H.ProxyAuthorization)) ack.append(H.ProxyAuthorization, value);
    addContent(ack, content);
    return ack;
  }

  /** Is the request newer than all before it? One that is not gets 500. RFC 3261 12.2.2. */
  takeSequence(request: SipRequest): boolean {
    const { number } = request.cseq;
    if (this.remoteSequence !== undefined && number <= this.remoteSequence) return false;
    this.remoteSequence = number;
    return true;
  }

  /** A target refresh request was accepted, or our own was answered: later requests go to its Contact. RFC 3261 12.2.1.2 and 12.2.2. */
  refreshTarget(message: SipMessage): void {
    this.target = detach(targetOf(message) ?? this.target);
  }

  /** Becomes confirmed by the 2xx to our request, whose route set and Contact are the valid ones now. RFC 3261 13.2.2.4. */
  confirmBy(response: SipResponse): void {
    if (this.state !== 'early') return;
    this.routes = routeSetOfUac(response).map(detach);
    this.refreshTarget(response);
    this.state = 'confirmed';
  }

  private build(method: string, sequence: number): SipRequest {
    const { uri, routes } = routeTo(this.target, this.routes);
    const headers: Header[] = [MAX_FORWARDS];
    for (const route of routes) headers.push(['Route', route]);
    headers.push(['From', this.local], ['To', this.remote], ['Call-ID', this.callId], ['CSeq', `${sequence} ${method}`]);
    return SipRequest.create(method, uri, headers);
  }
}

/** The Contact of a message as a Request-URI. */
function targetOf(message: SipMessage): string | undefined {
  const { contacts } = message;
  const contact: NameAddr | undefined = contacts.star ? undefined : contacts.list[0];
  return contact === undefined ? undefined : requestUri(contact.uri);
}
