/** Dialogs for the handlers of plugins: what a script has dispatched is answered as a user agent in a few lines. */
import type { Clock } from '../clock/index.ts';
import { DialogErrors, DialogLayer, DialogTable, nextHopBy } from '../dialog/index.ts';
import type {
  Dialog,
  IncomingInvite,
  InviteUser,
  NewRequest,
  NextHop,
  Notifier,
  NotifierOptions,
  NotifierUser,
  OutgoingInvite,
  ReceivedRequest,
  SessionUser,
  Subscriber,
  SubscriberUser,
} from '../dialog/index.ts';
import type { RequestContext } from '../script/index.ts';
import { decodeText } from '../sip/index.ts';
import type { SipResponse } from '../sip/index.ts';
import type { TransactionLayer } from '../transaction/index.ts';
import type { Flow, Resolver, TransportLayer } from '../transport/index.ts';
import type { Server } from './core-tokens.ts';
import type { Endpoints } from './endpoints.ts';

/** What of a dispatched request a dialog is made from. */
export type DispatchedRequest = Pick<RequestContext, 'transaction'>;

/** How a subscription is served; `contact` is the server's own address when left out. */
export type SubscriptionOptions = Omit<NotifierOptions, 'contact'> & Partial<Pick<NotifierOptions, 'contact'>>;

/**
 * The server as a user agent. Requests inside the dialogs that are made here come to their users and not to the scripts. What a user's
 * method throws is logged with the plugin's name. Errors of the methods have the status that the request deserves: a handler lets them
 * pass, and the request is answered with it.
 */
export interface Dialogs {
  /** Accepts the SUBSCRIBE that a script dispatched and tells the state. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN, DIALOG_LIMIT. */
  notifier(tx: DispatchedRequest, options: SubscriptionOptions, user: NotifierUser): Notifier;
  /** Takes the INVITE that a script dispatched; the result answers it. Throws as `notifier`. */
  answer(tx: DispatchedRequest, user: SessionUser, contact?: string): IncomingInvite;
  /** Accepts a SUBSCRIBE, or a REFER, inside a dialog of ours: see SessionUser.onRequest. */
  notifierWithin(received: ReceivedRequest, options: SubscriptionOptions, user: NotifierUser): Notifier;
  /** Sends an INVITE. Throws DIALOG_LIMIT. */
  invite(parts: NewRequest & { readonly contact: string }, user: InviteUser, sessionUser: SessionUser): OutgoingInvite;
  /** Sends a SUBSCRIBE, and refreshes it until it ends. Throws DIALOG_LIMIT. @param expires seconds to ask for */
  subscribe(parts: NewRequest & { readonly contact: string }, event: string, expires: number, user: SubscriberUser): Subscriber;
  /** Sends a request that makes no dialog. `onAnswer` gets the final response; no answer counts as 408, no way as 503. */
  request(method: string, parts: NewRequest, onAnswer: (response: SipResponse) => void): void;
  /** The dialog with these identifiers, if it lives: for Replaces, Join and Target-Dialog (RFC 3891, 3911, 4538). */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined;
  /** Our Contact value for the other side of that flow: `<sip:uc.example.com:5061;transport=tls>`. */
  contact(flow: Flow): string;
  /**
   * Ends what a user has subscribed to on a connection, with a last notification: the endpoint is signed out there. With the connection
   * itself its subscriptions end in any case.
   * @param aor `user@host`, lower case
   * @param reason RFC 6665 section 4.1.3: `deactivated`, `rejected` ...
   */
  endSubscriptions(flow: Flow, aor: string, reason: string): void;
}

/** What dialogs stand on. */
export interface DialogSurroundings {
  readonly transactions: Pick<TransactionLayer, 'send'>;
  readonly transport: Pick<TransportLayer, 'viaFor' | 'send' | 'connect' | 'flowFor' | 'contactUri' | 'isOwnAddress'>;
  readonly resolver: Pick<Resolver, 'resolve' | 'resolveNow'>;
  readonly endpoints: Pick<Endpoints, 'byContact'>;
  readonly server: Pick<Server, 'isLocalDomain'>;
  readonly clock: Clock;
  /** Told what a plugin's user of a dialog threw. */
  fault(plugin: string, error: unknown): void;
}

/** The dialogs of a server: one table of them, and a door to it for each plugin. */
export class ServerDialogs {
  readonly table = new DialogTable();
  /** Shows what the server sends to the scripts that ask for it; set when the chain is there. */
  review: DialogLayer['review'] = undefined;
  private readonly nextHop: NextHop;

  constructor(private readonly around: DialogSurroundings) {
    this.nextHop = nextHopOf(around);
  }

  /** What a plugin gets under the token `Dialogs`. */
  for(plugin: string): Dialogs {
    const { transactions, transport, clock } = this.around;
    const layer = new DialogLayer(transactions, transport, clock, this.nextHop, {}, Math.random, this.table);
    layer.onUserError = (error) => this.around.fault(plugin, error);
    layer.review = (request, send) => {
      if (this.review === undefined) send();
      else this.review(request, send);
    };
    return new PluginDialogs(layer, this.table, transport);
  }
}

class PluginDialogs implements Dialogs {
  constructor(
    private readonly layer: DialogLayer,
    private readonly table: DialogTable,
    private readonly transport: Pick<TransportLayer, 'contactUri'>,
  ) {}

  notifier(tx: DispatchedRequest, options: SubscriptionOptions, user: NotifierUser): Notifier {
    return this.notifierWithin(receivedOf(tx), options, user);
  }

  notifierWithin(received: ReceivedRequest, options: SubscriptionOptions, user: NotifierUser): Notifier {
    return this.layer.notifier(received, { ...options, contact: options.contact ?? this.contact(received.flow) }, user);
  }

  answer(tx: DispatchedRequest, user: SessionUser, contact?: string): IncomingInvite {
    const received = receivedOf(tx);
    return this.layer.answer(received, contact ?? this.contact(received.flow), user);
  }

  invite(parts: NewRequest & { readonly contact: string }, user: InviteUser, sessionUser: SessionUser): OutgoingInvite {
    return this.layer.invite(parts, user, sessionUser);
  }

  subscribe(parts: NewRequest & { readonly contact: string }, event: string, expires: number, user: SubscriberUser): Subscriber {
    return this.layer.subscribe(parts, event, expires, user);
  }

  request(method: string, parts: NewRequest, onAnswer: (response: SipResponse) => void): void {
    this.layer.request(method, parts, onAnswer);
  }

  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.table.find(callId, localTag, remoteTag);
  }

  contact(flow: Flow): string {
    return `<${this.transport.contactUri(flow)}>`;
  }

  endSubscriptions(flow: Flow, aor: string, reason: string): void {
    this.table.endSubscriptions(flow, aor, reason);
  }
}

function receivedOf({ transaction }: DispatchedRequest): ReceivedRequest {
  if (transaction === undefined) throw new TypeError('an ACK begins no dialog');
  return transaction;
}

/**
 * A client is reached on the connection that it was last heard on; when that is gone, or it was not heard yet, on the one that the
 * endpoint named by the URI (by its Contact or GRUU) is registered on. Other servers by RFC 3263, but never this one itself.
 */
function nextHopOf({ transport, resolver, endpoints, server }: DialogSurroundings): NextHop {
  const usual = nextHopBy(transport, resolver);
  return (next, last, request) => {
    if (last?.open === true && !last.trusted && last.listener !== undefined) return last;
    const endpoint = endpoints.byContact(decodeText(next.raw));
    if (endpoint === undefined) {
      if (server.isLocalDomain(next.host) || transport.isOwnAddress(next.host, next.port)) {
        throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw });
      }
      return usual(next, last, request);
    }
    if (!endpoint.reachable) throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw });
    if (endpoint.flow !== undefined) return endpoint.flow;
    return endpoint.destination === undefined ? usual(next, undefined, request) : transport.connect(endpoint.destination);
  };
}
