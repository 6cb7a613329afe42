/** A call or subscription that an endpoint has begun. */
import { H, newBranch } from '@parley/core';
import type { SipRequest, SipResponse } from '@parley/core';
import { TestkitErrors } from '../errors.ts';
import { TestDialog, makeRequest } from './dialog.ts';
import type { Parts } from './dialog.ts';
import { isStatus } from './match.ts';
import type { Match, Status } from './match.ts';
import type { ExpectedRequest } from './party.ts';
import { Sent } from './sent.ts';

/** A response that is expected; it can be acknowledged before it has come. */
export type ExpectedResponse = Promise<SipResponse> & {
  /** Sends the ACK when it has come. */
  ack(parts?: Parts): Promise<SipResponse>;
};

/** What an INVITE or SUBSCRIBE begins. */
export class Call extends Sent {
  private dialog: TestDialog | undefined = undefined;
  private acknowledgement: SipRequest | undefined = undefined;
  private readonly answeredTags = new Set<string>();

  /** The next response to the request that began it; or the next request of the other side in the dialog. Throws TESTKIT_UNEXPECTED. */
  override expect(status: Status, match?: Match): ExpectedResponse;
  override expect(method: string, match?: Match): ExpectedRequest;
  override expect(what: number | string, match: Match = {}): ExpectedResponse | ExpectedRequest {
    if (!isStatus(what)) return this.party.receive(what, match, this.need(`wait for ${what}`));
    const response = super.expect(what, match);
    const ack = (parts: Parts = {}): Promise<SipResponse> =>
      response.then((found) => {
        this.ack(parts);
        return found;
      });
    return Object.assign(response, { ack });
  }

  /** Sends the ACK of the 2xx. Throws TESTKIT_NO_ANSWER. RFC 3261 section 13.2.2.4. */
  ack(parts: Parts = {}): void {
    const head = this.need('send an ACK').head('ACK', undefined, this.request.cseq.number);
    this.acknowledgement = makeRequest(head, parts);
    this.write(this.acknowledgement, true);
  }

  /** Gives up before the answer. The 200 to the CANCEL is not to be expected; the 487 to the INVITE is. */
  cancel(): void {
    this.transaction?.cancel();
  }

  /** Ends the call. Throws TESTKIT_NO_ANSWER. */
  bye(parts: Parts = {}): Sent {
    return this.send('BYE', parts);
  }

  /** Sends a request in the dialog. Throws TESTKIT_NO_ANSWER. */
  send(method: string, parts: Parts = {}): Sent {
    const { party } = this;
    return new Sent(party, makeRequest(this.need(`send ${method}`).head(method, party.contact), parts));
  }

  /** Sends another INVITE in the dialog; `expect(200).ack()` of what it gives. Throws TESTKIT_NO_ANSWER. */
  reinvite(parts: Parts = {}): Call {
    const { party } = this;
    const dialog = this.need('send INVITE');
    const call = new Call(party, makeRequest(dialog.head('INVITE', party.contact), parts));
    call.dialog = dialog;
    return call;
  }

  protected override take(response: SipResponse): void {
    const tag = response.to.tag ?? '';
    if (response.status >= 200 && response.status < 300) {
      // RFC 3261 section 13.2.2.4: a 2xx that comes again wants its ACK again.
      if (this.answeredTags.has(tag)) {
        if (this.acknowledgement !== undefined) this.write(this.acknowledgement.clone(), false);
        return;
      }
      this.answeredTags.add(tag);
      this.establish(response);
    } else if (response.status > 100 && response.status < 200 && tag !== '' && this.dialog === undefined) {
      this.establish(response);
    }
    super.take(response);
  }

  private establish(response: SipResponse): void {
    if (this.dialog?.remoteTag === (response.to.tag ?? '')) {
      this.dialog.refresh(response);
      return;
    }
    this.dialog = TestDialog.asCaller(this.request, response);
    this.party.keep(this.dialog);
  }

  private write(request: SipRequest, isNew: boolean): void {
    const { station } = this.party;
    const flow = station.flow();
    if (flow instanceof Promise) return; // the connection is gone, and with it the other side
    if (isNew) request.prepend(H.Via, station.via(flow, newBranch()));
    station.transport.send(request, flow);
  }

  private need(act: string): TestDialog {
    if (this.dialog !== undefined) return this.dialog;
    throw TestkitErrors.TESTKIT_NO_ANSWER({ method: this.request.method, who: this.party.name, act });
  }
}

/** A subscription. Its NOTIFYs are expected with `expect('NOTIFY')` and answered by the endpoint itself. */
export class Subscription extends Call {
  /** Asks for no more notifications. Throws TESTKIT_NO_ANSWER. */
  unsubscribe(): Sent {
    return this.send('SUBSCRIBE', { headers: { Event: this.request.first('Event') ?? '', Expires: '0' } });
  }
}
