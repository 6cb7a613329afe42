/** Dialogs for plugins that are user agents: finds the dialog of a message, starts new ones. RFC 3261 sections 12 to 15, RFC 6665. */
import type { Clock } from '../clock/index.ts';
import { NameAddr, SipRequest, newCallId, newTag } from '../sip/index.ts';
import type { SipResponse } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import { DEFAULT_DIALOG_OPTIONS } from './agent.ts';
import type { Agent, DialogOptions, NextHop, ReceivedRequest } from './agent.ts';
import { NO_CONTENT, addContent } from './content.ts';
import type { Content, Header } from './content.ts';
import { Dialog } from './dialog.ts';
import { DialogTable } from './dialog-table.ts';
import { DialogErrors } from './errors.ts';
import type { IncomingInvite } from './incoming-invite.ts';
import { Notifier } from './notifier.ts';
import type { NotifierOptions, NotifierUser } from './notifier.ts';
import { OutgoingInvite } from './outgoing-invite.ts';
import type { InviteUser } from './outgoing-invite.ts';
import { OutgoingRequest } from './outgoing-request.ts';
import { Session } from './session.ts';
import type { SessionUser } from './session.ts';
import { Subscriber } from './subscriber.ts';
import type { SubscriberUser } from './subscriber.ts';

/** Identifiers of a dialog that the layer does not keep. */
export interface ImplicitDialog {
  readonly callId: string;
  /** Our tag. Theirs stands in `to`. */
  readonly tag: string;
  /** CSeq number of the request. */
  readonly sequence: number;
}

/** A request outside of dialogs: the first of one, or one that makes none. */
export interface NewRequest extends Content {
  /** Request-URI, and To where that is left out. */
  readonly uri: string;
  /** Our address, `"Name" <sip:user@host>`; a tag is added. */
  readonly from: string;
  readonly to?: string;
  /** Our Contact value; needed for INVITE and SUBSCRIBE. */
  readonly contact?: string;
  /** Route values, nearest first. */
  readonly routes?: readonly string[];
  /** Of an earlier try, which this one repeats with credentials or changes: its Call-ID, From tag and next CSeq number. */
  readonly repeats?: SipRequest;
  /** The dialog that a request of theirs began without one of ours, as REGISTER with `Event: registration` does ([MS-SIPREGE] section 3.5). */
  readonly within?: ImplicitDialog;
  /** A client's connection to send it on, when it is known to lead there; without one the Request-URI is looked up. */
  readonly flow?: Flow;
}

export class DialogLayer {
  /** A callback of a plugin has thrown, on a message or from a timer. Without a handler it is thrown again from a microtask. */
  onUserError: (error: unknown) => void = throwLater;
  /** See Agent.review; without one everything is sent at once. */
  review: Agent['review'] | undefined = undefined;
  private readonly agent: Agent;
  private readonly options: DialogOptions;

  /** @param table that of another layer, so that both have one set of dialogs: a server has a layer for each plugin */
  constructor(
    transactions: Agent['transactions'],
    transport: Agent['transport'],
    clock: Clock,
    nextHop: NextHop,
    options: Partial<DialogOptions> = {},
    random: () => number = Math.random,
    private readonly table = new DialogTable(),
  ) {
    this.options = { ...DEFAULT_DIALOG_OPTIONS, ...options };
    this.agent = {
      transactions,
      transport,
      clock,
      nextHop,
      review: (request, send) => {
        if (this.review === undefined) send();
        else this.review(request, send);
      },
      random,
      options: this.options,
      after: (ms, callback) => clock.timers.start(ms, () => this.guard(callback)),
      guard: (callback) => this.guard(callback),
      add: (usage) => table.add(usage, this.report),
      remove: (usage) => table.remove(usage),
      moved: (usage, from) => table.moved(usage, from),
    };
  }

  /** How many dialogs live. */
  get size(): number {
    return this.table.size;
  }

  /**
   * Takes an INVITE that is to be answered here; the result answers it. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN and
   * DIALOG_LIMIT: answer with the status of the error.
   * @param contact our Contact value
   */
  answer(received: ReceivedRequest, contact: string, user: SessionUser): IncomingInvite {
    return new Session(this.agent, this.newDialog(received, contact), received.flow, user).begin(received);
  }

  /** Sends an INVITE. `sessionUser` is that of every session that comes of it. Throws DIALOG_LIMIT. */
  invite(parts: NewRequest & { readonly contact: string }, user: InviteUser, sessionUser: SessionUser): OutgoingInvite {
    this.demandRoom();
    return new OutgoingInvite(this.agent, newRequest('INVITE', parts), user, undefined, NO_CONTENT, sessionUser).send(parts.flow);
  }

  /**
   * Accepts a SUBSCRIBE, or another request that begins a subscription, and tells the state. In a dialog that is known it becomes part
   * of that. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN and DIALOG_LIMIT: answer with the status of the error.
   */
  notifier(received: ReceivedRequest, options: NotifierOptions, user: NotifierUser): Notifier {
    const notifier = new Notifier(this.agent, this.dialogFor(received, options.contact), received, options, user);
    try {
      notifier.begin(received);
    } catch (error) {
      this.table.remove(notifier);
      throw error;
    }
    return notifier;
  }

  /** Sends a SUBSCRIBE, and refreshes it until it ends. Throws DIALOG_LIMIT. @param expires seconds to ask for */
  subscribe(parts: NewRequest & { readonly contact: string }, event: string, expires: number, user: SubscriberUser): Subscriber {
    this.demandRoom();
    const more: Header[] = [['Event', event], ['Expires', String(expires)], ...(parts.headers ?? [])];
    const request = newRequest('SUBSCRIBE', { ...parts, headers: more });
    const key = `${request.callId} ${request.from.tag ?? ''}`;
    const onSettled = (): void => this.table.removeSubscribing(key);
    const subscriber = new Subscriber(this.agent, { request, event, expires, content: parts, onSettled }, user);
    this.table.addSubscribing(key, subscriber, this.report);
    return subscriber.start();
  }

  /** Sends a request that makes no dialog: OPTIONS, MESSAGE, SERVICE ... `onAnswer` gets the final response. */
  request(method: string, parts: NewRequest, onAnswer: (response: SipResponse) => void): void {
    const listener = {
      onResponse: (response: SipResponse): void => {
        if (response.status >= 200) onAnswer(response);
      },
    };
    new OutgoingRequest(this.agent, newRequest(method, parts), listener).send(parts.flow);
  }

  /** See DialogTable.receive. */
  receive(received: ReceivedRequest): boolean {
    return this.table.receive(received);
  }

  /** Takes the ACK to a 2xx of ours. False when it is not for a dialog here. */
  receiveAck(inbound: Inbound<SipRequest>): boolean {
    return this.table.receiveAck(inbound);
  }

  /** The dialog with these identifiers, if it lives: for Replaces, Join and Target-Dialog (RFC 3891, 3911, 4538). */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.table.find(callId, localTag, remoteTag);
  }

  /** Ends everything that lives, each as it is ended: BYE, a last notification, SUBSCRIBE with no time left. */
  close(): void {
    this.table.close();
  }

  private dialogFor(received: ReceivedRequest, contact: string): Dialog {
    const { request } = received;
    const known = request.to.tag === undefined ? undefined : this.find(request.callId, request.to.tag, request.from.tag ?? '');
    if (known !== undefined) return known;
    const dialog = this.newDialog(received, contact);
    dialog.state = 'confirmed';
    return dialog;
  }

  private newDialog({ request, toTag, identity }: ReceivedRequest, contact: string): Dialog {
    if (request.to.tag !== undefined) throw DialogErrors.DIALOG_UNKNOWN({ method: request.method });
    this.demandRoom();
    const dialog = Dialog.asUas(request, toTag, contact);
    dialog.peer = identity?.aor;
    return dialog;
  }

  private demandRoom(): void {
    if (this.size >= this.options.maxDialogs) throw DialogErrors.DIALOG_LIMIT({ count: this.size });
  }

  private readonly report = (error: unknown): void => this.onUserError(error);

  private guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.report(error);
    }
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A request outside of dialogs, without Via. RFC 3261 8.1.1. */
function newRequest(method: string, parts: NewRequest): SipRequest {
  const { repeats, within } = parts;
  const from = NameAddr.parse(parts.from);
  const headers: Header[] = [['Max-Forwards', '70']];
  for (const route of parts.routes ?? []) headers.push(['Route', route]);
  headers.push(
    ['From', from.withParam('tag', within?.tag ?? repeats?.from.tag ?? newTag()).toString()],
    ['To', parts.to ?? `<${parts.uri}>`],
    ['Call-ID', within?.callId ?? repeats?.callId ?? newCallId(from.uri.host)],
    ['CSeq', `${within?.sequence ?? (repeats?.cseq.number ?? 0) + 1} ${method}`],
  );
  if (parts.contact !== undefined) headers.push(['Contact', parts.contact]);
  const request = SipRequest.create(method, parts.uri, headers);
  addContent(request, parts);
  return request;
}
