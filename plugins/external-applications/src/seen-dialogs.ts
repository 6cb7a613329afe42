/** Dialogs that began with a request which an application has decided: enough of each to send a request inside it. RFC 3261 section 12. */
import { H, NameAddr } from '@parley/sdk';
import type { Flow, NewRequest, RequestContext, SipMessage, SipRequest, SipResponse } from '@parley/sdk';
import type { DialogSide } from '@parley/sdk/application';

/** Methods whose 2xx begins one. */
const BEGINNERS: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER']);
/** Both ends count their own requests; one that another sends in their name has to be ahead of what is not seen here. */
const AHEAD = 1_000;

/** One end of a dialog. */
interface End {
  /** From or To value, with its tag. */
  readonly address: NameAddr;
  /** Request-URI of what is sent there. */
  readonly uri: string;
  /** Route values, nearest first. */
  readonly routes: readonly string[];
  readonly flow?: Flow;
  /** Highest CSeq number that is known in its name. */
  sequence: number;
}

interface SeenDialog {
  readonly callId: string;
  readonly caller: End;
  readonly callee: End;
}

/** What a request inside a dialog is addressed by. */
export type Addressed = Pick<NewRequest, 'uri' | 'from' | 'routes'> &
  Required<Pick<NewRequest, 'to' | 'within'>> & { readonly flow?: Flow };

/** A request that may begin a dialog, as it was when the application decided. */
export interface Beginning {
  /** It is answered by others. @param sent what they were sent @param answer of theirs */
  answered(answer: SipResponse, sent: SipRequest): void;
  /** The application itself answers. @param tag of its To @param contact a Contact value */
  answeredHere(tag: string, contact: string): void;
}

export class SeenDialogs {
  private readonly dialogs = new Map<number, SeenDialog>();

  /** @param limit dialogs that are kept; the oldest goes first */
  constructor(private readonly limit: number) {}

  /** Undefined for a request that begins no dialog. @param number of its transaction */
  begin(number: number, { request, transaction, flow }: Pick<RequestContext, 'request' | 'transaction' | 'flow'>): Beginning | undefined {
    if (transaction === undefined || request.to.tag !== undefined || !BEGINNERS.has(request.method)) return undefined;
    const uri = contactOf(request);
    if (uri === undefined) return undefined;
    const { callId, from, to } = request;
    const caller: End = { address: from, uri, routes: request.list(H.RecordRoute), flow, sequence: request.cseq.number };
    return {
      answered: (answer, sent) => {
        const target = contactOf(answer);
        if (answer.status < 200 || answer.status >= 300 || target === undefined) return;
        const routes = beyond(answer, sent);
        const callee: End = { address: answer.to, uri: target, routes, sequence: AHEAD };
        this.keep(number, { callId, caller: { ...caller, sequence: caller.sequence + AHEAD }, callee });
      },
      answeredHere: (tag, contact) => {
        const callee: End = { address: to.withParam('tag', tag), uri: NameAddr.parse(contact).uri.raw, routes: [], sequence: 0 };
        this.keep(number, { callId, caller, callee });
      },
    };
  }

  /** How the next request to that end is addressed; undefined for a dialog that is not known. */
  address(number: number, side: DialogSide): Addressed | undefined {
    const dialog = this.dialogs.get(number);
    if (dialog === undefined) return undefined;
    const [to, from] = side === 'caller' ? [dialog.caller, dialog.callee] : [dialog.callee, dialog.caller];
    from.sequence++;
    return {
      uri: to.uri,
      from: from.address.toString(),
      to: to.address.toString(),
      routes: to.routes,
      within: { callId: dialog.callId, tag: from.address.tag ?? '', sequence: from.sequence },
      ...(to.flow === undefined ? {} : { flow: to.flow }),
    };
  }

  private keep(number: number, dialog: SeenDialog): void {
    // Of several that one request begins, the first answer counts.
    if (this.dialogs.has(number)) return;
    const [oldest] = this.dialogs.keys();
    if (this.dialogs.size >= this.limit && oldest !== undefined) this.dialogs.delete(oldest);
    this.dialogs.set(number, dialog);
  }
}

function contactOf(message: SipMessage): string | undefined {
  const [contact] = message.list(H.Contact);
  return contact === undefined || contact === '*' ? undefined : NameAddr.parse(contact).uri.raw;
}

/** Record-Route values that came in behind this server, as the way from here: the last one put in stands first. */
function beyond(answer: SipResponse, sent: SipRequest): readonly string[] {
  const all = answer.list(H.RecordRoute);
  return all.slice(0, Math.max(0, all.length - sent.list(H.RecordRoute).length)).toReversed();
}
