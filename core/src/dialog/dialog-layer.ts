/** Dialogs for plugins that are user agents: finds the dialog of a message, starts new ones. RFC 3261 sections 12 to 15, RFC 6665. */
import type { Clock } from '../clock/index.ts';
import { NameAddr, SipRequest, SipResponse, newCallId, newTag } from '../sip/index.ts';
import type { Inbound } from '../transport/index.ts';
import { DEFAULT_DIALOG_OPTIONS } from './agent.ts';
import type { Agent, DialogOptions, NextHop, ReceivedRequest, Usage } from './agent.ts';
import { NO_CONTENT, addContent } from './content.ts';
import type { Content, Header } from './content.ts';
import { Dialog, dialogKey } from './dialog.ts';
import { DialogErrors } from './errors.ts';
import { IncomingRequest } from './incoming-request.ts';
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
}

interface Living {
  readonly dialog: Dialog;
  readonly usages: Usage[];
}

export class DialogLayer {
  /** A callback of a plugin has thrown where nobody could catch it, from a timer. Without a handler it is thrown again from a microtask. */
  onUserError: (error: unknown) => void = throwLater;
  private readonly agent: Agent;
  private readonly options: DialogOptions;
  private readonly living = new Map<string, Living>();
  /** Subscriptions by Call-ID and our tag, which a first NOTIFY finds. */
  private readonly subscribing = new Map<string, Subscriber>();

  constructor(
    transactions: Agent['transactions'],
    transport: Agent['transport'],
    clock: Clock,
    nextHop: NextHop,
    options: Partial<DialogOptions> = {},
    random: () => number = Math.random,
  ) {
    this.options = { ...DEFAULT_DIALOG_OPTIONS, ...options };
    this.agent = {
      transactions,
      transport,
      clock,
      nextHop,
      random,
      options: this.options,
      after: (ms, callback) => clock.timers.start(ms, () => this.guard(callback)),
      add: (usage) => this.add(usage),
      remove: (usage) => this.remove(usage),
    };
  }

  /** How many dialogs live. */
  get size(): number {
    return this.living.size;
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
    return new OutgoingInvite(this.agent, newRequest('INVITE', parts), user, undefined, NO_CONTENT, sessionUser).send(undefined);
  }

  /**
   * Accepts a SUBSCRIBE, or another request that begins a subscription, and tells the state. In a dialog that is known it becomes part
   * of that. Throws DIALOG_NO_CONTACT, DIALOG_UNKNOWN and DIALOG_LIMIT: answer with the status of the error.
   */
  notifier(received: ReceivedRequest, options: NotifierOptions, user: NotifierUser): Notifier {
    const notifier = new Notifier(this.agent, this.dialogFor(received, options.contact), received, options, user);
    notifier.begin(received);
    return notifier;
  }

  /** Sends a SUBSCRIBE, and refreshes it until it ends. Throws DIALOG_LIMIT. @param expires seconds to ask for */
  subscribe(parts: NewRequest & { readonly contact: string }, event: string, expires: number, user: SubscriberUser): Subscriber {
    this.demandRoom();
    const more: Header[] = [['Event', event], ['Expires', String(expires)], ...(parts.headers ?? [])];
    const request = newRequest('SUBSCRIBE', { ...parts, headers: more });
    const key = `${request.callId} ${request.from.tag ?? ''}`;
    const onSettled = (): void => void this.subscribing.delete(key);
    const subscriber = new Subscriber(this.agent, { request, event, expires, content: parts, onSettled }, user);
    this.subscribing.set(key, subscriber);
    return subscriber.start();
  }

  /** Sends a request that makes no dialog: OPTIONS, MESSAGE, SERVICE ... `onAnswer` gets the final response. */
  request(method: string, parts: NewRequest, onAnswer: (response: SipResponse) => void): void {
    const listener = {
      onResponse: (response: SipResponse): void => {
        if (response.status >= 200) onAnswer(response);
      },
    };
    new OutgoingRequest(this.agent, newRequest(method, parts), listener).send(undefined);
  }

  /**
   * Takes a request that belongs to a dialog here. False when it does not: it begins something new or, when it has a To tag that is
   * ours, belongs to what is over and gets 481.
   */
  receive(received: ReceivedRequest): boolean {
    const { request } = received;
    const { tag } = request.to;
    if (tag === undefined) return false;
    const living = this.living.get(dialogKey(request.callId, tag, request.from.tag ?? ''));
    if (living === undefined) return this.subscribing.get(`${request.callId} ${tag}`)?.receiveFirst(received) ?? false;
    this.deliver(living, received);
    return true;
  }

  /** Takes the ACK to a 2xx of ours. False when it is not for a dialog here. */
  receiveAck({ message, flow }: Inbound<SipRequest>): boolean {
    const living = this.living.get(dialogKey(message.callId, message.to.tag ?? '', message.from.tag ?? ''));
    if (living === undefined) return false;
    living.usages.some((usage) => usage.receiveAck(message, flow));
    return true;
  }

  /** The dialog with these identifiers, if it lives: for Replaces, Join and Target-Dialog (RFC 3891, 3911, 4538). */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.living.get(dialogKey(callId, localTag, remoteTag))?.dialog;
  }

  /** Ends everything that lives, each as it is ended: BYE, a last notification, SUBSCRIBE with no time left. */
  close(): void {
    for (const { usages } of this.living.values()) for (const usage of usages.slice()) usage.leave();
  }

  private deliver({ dialog, usages }: Living, received: ReceivedRequest): void {
    const { request } = received;
    if (!dialog.takeSequence(request)) {
      new IncomingRequest(received, dialog).answer(500);
      return;
    }
    const usage = usages.find((one) => one.accepts(request));
    if (usage === undefined) new IncomingRequest(received, dialog).answer(481);
    else usage.receive(received);
  }

  private dialogFor(received: ReceivedRequest, contact: string): Dialog {
    const { request } = received;
    const known = request.to.tag === undefined ? undefined : this.find(request.callId, request.to.tag, request.from.tag ?? '');
    if (known !== undefined) return known;
    const dialog = this.newDialog(received, contact);
    dialog.state = 'confirmed';
    return dialog;
  }

  private newDialog({ request, toTag }: ReceivedRequest, contact: string): Dialog {
    if (request.to.tag !== undefined) throw DialogErrors.DIALOG_UNKNOWN({ method: request.method });
    this.demandRoom();
    return Dialog.asUas(request, toTag, contact);
  }

  private demandRoom(): void {
    if (this.living.size >= this.options.maxDialogs) throw DialogErrors.DIALOG_LIMIT({ count: this.living.size });
  }

  private guard(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.onUserError(error);
    }
  }

  private add(usage: Usage): void {
    const { dialog } = usage;
    const living = this.living.get(dialog.key);
    if (living === undefined) this.living.set(dialog.key, { dialog, usages: [usage] });
    else if (usage instanceof Session) living.usages.push(usage);
    else living.usages.unshift(usage); // a session takes what no subscription has taken
  }

  private remove(usage: Usage): void {
    const { key } = usage.dialog;
    const usages = this.living.get(key)?.usages;
    if (usages === undefined) return;
    const index = usages.indexOf(usage);
    if (index >= 0) usages.splice(index, 1);
    if (usages.length === 0) this.living.delete(key);
  }
}

function throwLater(error: unknown): void {
  queueMicrotask(() => {
    throw error;
  });
}

/** A request outside of dialogs, without Via. RFC 3261 8.1.1. */
function newRequest(method: string, parts: NewRequest): SipRequest {
  const { repeats } = parts;
  const from = NameAddr.parse(parts.from);
  const headers: Header[] = [['Max-Forwards', '70']];
  for (const route of parts.routes ?? []) headers.push(['Route', route]);
  headers.push(
    ['From', from.withParam('tag', repeats?.from.tag ?? newTag()).toString()],
    ['To', parts.to ?? `<${parts.uri}>`],
    ['Call-ID', repeats?.callId ?? newCallId(from.uri.host)],
    ['CSeq', `${(repeats?.cseq.number ?? 0) + 1} ${method}`],
  );
  if (parts.contact !== undefined) headers.push(['Contact', parts.contact]);
  const request = SipRequest.create(method, parts.uri, headers);
  addContent(request, parts);
  return request;
}
