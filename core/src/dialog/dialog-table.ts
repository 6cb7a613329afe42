/** The dialogs that live on one server, whichever plugin's they are: finds the one that a message belongs to. RFC 3261 section 12.2.2. */
import { ParleyError } from '../errors/index.ts';
import { SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { Flow, Inbound } from '../transport/index.ts';
import type { ReceivedRequest, Usage } from './agent.ts';
import { dialogKey } from './dialog.ts';
import type { Dialog } from './dialog.ts';
import { IncomingRequest } from './incoming-request.ts';
import { Session } from './session.ts';
import type { Subscriber } from './subscriber.ts';

/** Takes what a callback of the usage's plugin threw. */
export type Report = (error: unknown) => void;

interface Part<U> {
  readonly usage: U;
  readonly report: Report;
}

interface Living {
  readonly dialog: Dialog;
  readonly parts: Part<Usage>[];
}

export class DialogTable {
  private readonly living = new Map<string, Living>();
  /** Subscriptions by Call-ID and our tag, which a first NOTIFY finds. */
  private readonly subscribing = new Map<string, Part<Subscriber>>();
  /** Usages that end with a connection. */
  private readonly tied = new Map<Flow, Set<Part<Usage>>>();

  /** How many dialogs live. */
  get size(): number {
    return this.living.size;
  }

  /** The dialog with these identifiers, if it lives. */
  find(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.living.get(dialogKey(callId, localTag, remoteTag))?.dialog;
  }

  /**
   * Takes a request that belongs to a dialog here. False when it does not: it begins something new or, when it has a To tag that is
   * ours, belongs to what is over and gets 481. A sender that is not the one who began the dialog gets 403 ([MS-SIPRE] R8).
   */
  receive(received: ReceivedRequest): boolean {
    const { request } = received;
    const { tag } = request.to;
    if (tag === undefined) return false;
    const living = this.living.get(dialogKey(request.callId, tag, request.from.tag ?? ''));
    if (living !== undefined) {
      this.deliver(living, received);
      return true;
    }
    const waiting = this.subscribing.get(`${request.callId} ${tag}`);
    if (waiting === undefined) return false;
    let taken = true;
    guarded(waiting.report, received, () => (taken = waiting.usage.receiveFirst(received)));
    return taken;
  }

  /** Takes the ACK to a 2xx of ours. False when it is not for a dialog here. */
  receiveAck({ message, flow }: Inbound<SipRequest>): boolean {
    const living = this.living.get(dialogKey(message.callId, message.to.tag ?? '', message.from.tag ?? ''));
    if (living === undefined) return false;
    for (const { usage, report } of living.parts.slice()) {
      let taken = true;
      guarded(report, undefined, () => (taken = usage.receiveAck(message, flow)));
      if (taken) break;
    }
    return true;
  }

  add(usage: Usage, report: Report): void {
    const { dialog } = usage;
    const part: Part<Usage> = { usage, report };
    const living = this.living.get(dialog.key);
    if (living === undefined) this.living.set(dialog.key, { dialog, parts: [part] });
    else if (usage instanceof Session) living.parts.push(part);
    else living.parts.unshift(part); // a session takes what no subscription has taken
    this.tie(part);
  }

  remove(usage: Usage): void {
    const { key } = usage.dialog;
    const parts = this.living.get(key)?.parts;
    const index = parts?.findIndex((part) => part.usage === usage) ?? -1;
    if (parts === undefined || index < 0) return;
    const [part] = parts.splice(index, 1);
    if (parts.length === 0) this.living.delete(key);
    if (part !== undefined) this.untie(part, usage.lifeline);
  }

  /** The usage has another lifeline than before. */
  moved(usage: Usage, from: Flow | undefined): void {
    const part = this.living.get(usage.dialog.key)?.parts.find((one) => one.usage === usage);
    if (part === undefined || from === usage.lifeline) return;
    this.untie(part, from);
    this.tie(part);
  }

  addSubscribing(key: string, usage: Subscriber, report: Report): void {
    this.subscribing.set(key, { usage, report });
  }

  removeSubscribing(key: string): void {
    this.subscribing.delete(key);
  }

  /** A connection is gone, and with it the subscriptions of the endpoint that it led to ([MS-SIPREGE] R17). */
  flowClosed(flow: Flow): void {
    for (const { usage, report } of this.onFlow(flow)) guarded(report, undefined, () => usage.cutOff?.());
  }

  /** Ends what an endpoint has subscribed to on a connection, with a last notification. @param aor whose subscriptions; @param reason RFC 6665 4.1.3 */
  endSubscriptions(flow: Flow, aor: string, reason: string): void {
    for (const { usage, report } of this.onFlow(flow)) {
      if (usage.dialog.peer === aor) guarded(report, undefined, () => usage.leave(reason));
    }
  }

  /** Ends everything that lives, each as it is ended: BYE, a last notification, SUBSCRIBE with no time left. */
  close(): void {
    for (const { parts } of this.living.values()) {
      for (const { usage, report } of parts.slice()) guarded(report, undefined, () => usage.leave('deactivated'));
    }
  }

  private deliver({ dialog, parts }: Living, received: ReceivedRequest): void {
    const { request } = received;
    if (dialog.peer !== undefined && received.identity?.aor !== dialog.peer) {
      new IncomingRequest(received, dialog).answer(403);
      return;
    }
    if (!dialog.takeSequence(request)) {
      new IncomingRequest(received, dialog).answer(500);
      return;
    }
    const part = parts.find(({ usage }) => usage.accepts(request));
    if (part === undefined) new IncomingRequest(received, dialog).answer(481);
    else guarded(part.report, received, () => part.usage.receive(received));
  }

  private onFlow(flow: Flow): readonly Part<Usage>[] {
    return [...(this.tied.get(flow) ?? [])];
  }

  private tie(part: Part<Usage>): void {
    const { lifeline } = part.usage;
    if (lifeline === undefined) return;
    const parts = this.tied.get(lifeline);
    if (parts === undefined) this.tied.set(lifeline, new Set([part]));
    else parts.add(part);
  }

  private untie(part: Part<Usage>, flow: Flow | undefined): void {
    const parts = flow === undefined ? undefined : this.tied.get(flow);
    if (flow === undefined || parts === undefined) return;
    parts.delete(part);
    if (parts.size === 0) this.tied.delete(flow);
  }
}

/** Calls into a plugin: what it throws is reported, and a request that it was given gets its 500. */
function guarded(report: Report, received: ReceivedRequest | undefined, call: () => void): void {
  try {
    call();
  } catch (error) {
    // What the message is to blame for has a status of its own.
    const blame = error instanceof ParleyError ? error.status : undefined;
    if (blame === undefined || received === undefined) report(error);
    received?.respond(SipResponse.reply(received.request, blame ?? 500, undefined, received.toTag));
  }
}
