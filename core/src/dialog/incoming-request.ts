/** A request of the other side of a dialog, to be answered. RFC 3261 section 12.2.2. */
import { H, SipResponse } from '../sip/index.ts';
import type { SipRequest } from '../sip/index.ts';
import type { ReceivedRequest } from './agent.ts';
import { NO_CONTENT, addContent } from './content.ts';
import type { Content } from './content.ts';
import type { Dialog } from './dialog.ts';
import { DialogErrors } from './errors.ts';

/** Requests whose 2xx has our Contact. */
const ANSWER_HAS_CONTACT = new Set(['INVITE', 'UPDATE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** A request inside a dialog of ours, to be answered once. */
export class IncomingRequest {
  private answered = false;

  constructor(
    /** For what answers it in another way: `DialogLayer.notifier`. */
    readonly received: ReceivedRequest,
    private readonly dialog: Dialog,
    /** Told the status of the final response, before it is sent. */
    private readonly onAnswer: (status: number) => void = () => undefined,
  ) {}

  get request(): SipRequest {
    return this.received.request;
  }

  /** Sends a final response, except to a BENOTIFY, which has none. Throws DIALOG_ANSWERED the second time. */
  answer(status: number, content: Content = NO_CONTENT): void {
    if (this.answered) throw DialogErrors.DIALOG_ANSWERED({ method: this.request.method });
    this.answered = true;
    this.onAnswer(status);
    if (this.request.method === 'BENOTIFY') this.received.abandon();
    else this.received.respond(buildResponse(this.received, this.dialog, status, content));
  }
}

/** A response of ours in a dialog: with our tag, our Contact where it belongs, and `content`. */
export function buildResponse({ request }: ReceivedRequest, dialog: Dialog, status: number, content: Content): SipResponse {
  const response = SipResponse.reply(request, status, undefined, dialog.localTag);
  if (status > 100 && status < 300 && ANSWER_HAS_CONTACT.has(request.method)) response.append(H.Contact, dialog.localContact);
  addContent(response, content);
  return response;
}
