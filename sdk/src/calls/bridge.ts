/** Two calls as one: the server answers the caller and calls somebody itself. A back-to-back user agent, RFC 3261 section 6, RFC 7092. */
import type {
  Content,
  Dialogs,
  Flow,
  IncomingInvite,
  IncomingRequest,
  InviteUser,
  NewRequest,
  OutgoingInvite,
  RequestContext,
  Session,
  SessionUser,
  SipMessage,
  SipResponse,
} from '@parley/core';
import { CallErrors } from './errors.ts';

/** Whom a bridge calls, and how. */
export interface BridgeOptions {
  /** Request-URI of the second call: a registered contact, or an address outside. */
  readonly uri: string;
  /** Its From; the caller's when left out. */
  readonly from?: string;
  /** Its To; the Request-URI when left out. */
  readonly to?: string;
  /** The connection to use: that of a registered endpoint. */
  readonly flow?: Flow;
  /** Further header fields of the second INVITE. */
  readonly headers?: NewRequest['headers'];
  /** Both sides are connected. */
  onConnected?(bridge: Bridge): void;
  /** It is over, or never came to be. */
  onEnded?(end: BridgeEnd): void;
}

/** How a bridge ended. */
export interface BridgeEnd {
  /** Which side ended it; `bridge` when the plugin did. */
  readonly by: 'caller' | 'callee' | 'bridge';
  /** Status that the callee refused with; 0 when it was not refused. */
  readonly refused: number;
}

/**
 * Connects the INVITE that a script dispatched to somebody else by a call of the server's own. What one side says is told the other:
 * ringing, answer, re-INVITE, INFO, MESSAGE, CANCEL, refusal and BYE. Throws CALL_NO_OFFER, DIALOG_NO_CONTACT, DIALOG_UNKNOWN, DIALOG_LIMIT.
 * @example const call = bridge(this.dialogs, tx, { uri: endpoint.contact, flow: endpoint.flow });
 */
export function bridge(dialogs: Dialogs, tx: Pick<RequestContext, 'transaction' | 'flow' | 'request'>, options: BridgeOptions): Bridge {
  if (tx.request.body.length === 0) throw CallErrors.CALL_NO_OFFER();
  return new Bridge(dialogs, tx, options);
}

/** A call between two others that goes through the server. */
export class Bridge {
  private readonly incoming: IncomingInvite;
  private readonly outgoing: OutgoingInvite;
  private callee: Session | undefined = undefined;
  private connected = false;
  private ended = false;

  /** @internal use `bridge` */
  constructor(
    dialogs: Dialogs,
    { request, flow, transaction }: Pick<RequestContext, 'transaction' | 'flow' | 'request'>,
    private readonly options: BridgeOptions,
  ) {
    this.incoming = dialogs.answer({ transaction }, this.side('caller'));
    const { uri, to, from = withoutTag(request.first('From') ?? ''), headers = [] } = options;
    const parts: NewRequest & { readonly contact: string } = {
      uri,
      from,
      contact: dialogs.contact(options.flow ?? flow),
      headers,
      ...contentOf(request),
      ...(to === undefined ? {} : { to }),
      ...(options.flow === undefined ? {} : { flow: options.flow }),
    };
    this.outgoing = dialogs.invite(parts, this.calling(), this.side('callee'));
  }

  /** The session with the caller. */
  get caller(): Session {
    return this.incoming.session;
  }

  /** True from the callee's answer to the end of the call. */
  get isConnected(): boolean {
    return this.connected && !this.ended;
  }

  /** Ends both calls. */
  end(): void {
    this.finish('bridge');
  }

  /** The second INVITE. */
  private calling(): InviteUser {
    return {
      onProgress: (response) => {
        if (!this.ended && !this.connected) this.incoming.ring(response.status, contentOf(response));
        return undefined;
      },
      onAnswer: (response, session) => {
        this.callee = session;
        if (this.ended) session.bye();
        else this.connect(response);
        return undefined;
      },
      onRefused: (response) => this.refuse(response),
    };
  }

  private connect(response: SipResponse): void {
    this.connected = true;
    this.incoming.accept(contentOf(response));
    this.options.onConnected?.(this);
  }

  private refuse(response: SipResponse): void {
    if (this.ended) return;
    this.ended = true;
    this.incoming.reject(response.status, contentOf(response));
    this.options.onEnded?.({ by: 'callee', refused: response.status });
  }

  /** What one side says inside of its call is told the other. */
  private side(name: 'caller' | 'callee'): SessionUser {
    const other = (): Session | undefined => (name === 'caller' ? this.callee : this.caller);
    return {
      onInvite: (invite) => relayInvite(invite, other()),
      onRequest: (request) => relayRequest(request, other()),
      onEnded: () => this.finish(name),
    };
  }

  private finish(by: BridgeEnd['by']): void {
    if (this.ended) return;
    this.ended = true;
    if (!this.connected) this.outgoing.cancel();
    if (by !== 'callee') this.callee?.bye();
    if (by !== 'caller') this.caller.bye();
    this.options.onEnded?.({ by, refused: 0 });
  }
}

/** A re-INVITE goes to the other side, and its answer back. Without an offer it cannot. */
function relayInvite(invite: IncomingInvite, other: Session | undefined): void {
  if (other === undefined || invite.request.body.length === 0) {
    invite.reject(488);
    return;
  }
  try {
    other.invite(contentOf(invite.request), {
      onAnswer: (response) => {
        invite.accept(contentOf(response));
        return undefined;
      },
      onRefused: (response) => invite.reject(response.status, contentOf(response)),
    });
  } catch {
    // The other side is in the middle of an exchange of its own: try again. RFC 3261 section 14.1.
    invite.reject(491);
  }
}

const RELAYED: ReadonlySet<string> = new Set(['INFO', 'MESSAGE']);

function relayRequest(request: IncomingRequest, other: Session | undefined): void {
  const { method } = request.request;
  if (other === undefined || other.ended || !RELAYED.has(method)) {
    request.answer(405, { headers: [['Allow', 'INVITE, ACK, CANCEL, BYE, INFO, MESSAGE']] });
    return;
  }
  other.request(method, contentOf(request.request), (response) => request.answer(response.status, contentOf(response)));
}

function contentOf(message: SipMessage): Content {
  if (message.body.length === 0) return {};
  return { body: message.body, contentType: message.first('Content-Type') ?? 'application/sdp' };
}

/** Each call has a From tag of its own. */
function withoutTag(from: string): string {
  return from.replace(/;\s*tag=[^;]*/i, '').replace(/;\s*epid=[^;]*/i, '');
}
