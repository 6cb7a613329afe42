/** A request that an endpoint has sent, and what comes back. */
import { H, SipResponse, newBranch } from '@parley/core';
import type { ClientTransaction, ClientUser, Flow, SipRequest } from '@parley/core';
import { milliseconds } from '../duration.ts';
import { fitsStatus, isProvisional, mismatch } from './match.ts';
import type { Match, Status } from './match.ts';
import type { Party } from './party.ts';

/** Sends a request and keeps the responses until the test looks at them. */
export class Sent implements ClientUser {
  /** Responses that nobody has looked at. */
  protected readonly responses: SipResponse[] = [];
  protected transaction: ClientTransaction | undefined = undefined;
  private hadCredentials = false;
  private trouble = '';

  /** @internal endpoints make it */
  constructor(
    protected readonly party: Party,
    /** The request; after a challenge, the one with credentials. */
    public request: SipRequest,
  ) {
    this.begin();
  }

  /**
   * The next response; it has to have that status, or one of that class. Provisional responses are passed over unless one is expected,
   * and 100 Trying always. Throws TESTKIT_UNEXPECTED.
   */
  async expect(status: Status, match: Match = {}): Promise<SipResponse> {
    const { party, request } = this;
    const within = match.within === undefined ? undefined : milliseconds(match.within);
    const found = await party.timeline.until(() => this.next(status), within);
    const wanted = `${status} to its ${request.method}`;
    if (found === undefined) throw party.unexpected(wanted, this.trouble === '' ? 'heard nothing more' : this.trouble);
    if (!fitsStatus(found.status, status)) throw party.unexpected(wanted, `got ${found.status} ${found.reason}`);
    const why = mismatch(found, match);
    if (why !== undefined) throw party.unexpected(wanted, `got one, but ${why}`);
    return found;
  }

  /** Fails when a response has come that nobody has looked at, or comes without time passing; 100 Trying does not count. */
  async expectNothing(): Promise<void> {
    await this.party.timeline.arrivals();
    const [first] = this.responses.filter((response) => response.status !== 100);
    if (first !== undefined) throw this.party.notQuiet(`${first.status} ${first.reason} to its ${this.request.method}`);
  }

  /** @internal of ClientUser */
  onResponse(response: SipResponse): void {
    const again = response.status === 401 || response.status === 407 ? this.party.signIn?.accept(response, this.hadCredentials) : undefined;
    if (again instanceof Promise) {
      again.then((isAccepted) => this.answerChallenge(response, isAccepted)).catch((error: unknown) => this.failed(error));
      return;
    }
    this.answerChallenge(response, again === true);
  }

  /** @internal of ClientUser */
  onTimeout(): void {
    this.trouble = 'heard nothing for as long as one waits (timer B or F)';
  }

  /** @internal of ClientUser */
  onTransportError(_transaction: ClientTransaction, error: Error): void {
    this.trouble = `could not send it, or lost the connection: ${error.message}`;
  }

  /** A response that is not a challenge which the endpoint answers by itself. */
  protected take(response: SipResponse): void {
    this.responses.push(response);
  }

  /** Sends it on the endpoint's flow, once there is one. */
  protected begin(): void {
    const flow = this.party.station.flow();
    if (flow instanceof Promise) flow.then((open) => this.transmit(open)).catch((error: unknown) => this.failed(error));
    else this.transmit(flow);
  }

  private transmit(flow: Flow): void {
    const { party, request } = this;
    party.complete(request);
    this.hadCredentials = party.signIn?.sign(request, flow) === true;
    const branch = newBranch();
    request.prepend(H.Via, party.station.via(flow, branch));
    this.transaction = party.station.transactions.send(request, flow, this, branch);
  }

  private failed(error: unknown): void {
    this.trouble = `could not send it: ${error instanceof Error ? error.message : String(error)}`;
  }

  private next(wanted: Status): SipResponse | undefined {
    for (let first = this.responses.shift(); first !== undefined; first = this.responses.shift()) {
      if (first.status !== 100 && (first.status >= 200 || isProvisional(wanted))) return first;
    }
    return undefined;
  }

  /** Sends it again with credentials, if there are any. RFC 3261 section 8.1.3.5. */
  private answerChallenge(response: SipResponse, isAccepted: boolean): void {
    if (!isAccepted) {
      this.take(response);
      return;
    }
    const again = this.request.clone();
    again.shift(H.Via);
    again.set(H.CSeq, `${this.request.cseq.number + 1} ${this.request.method}`);
    this.request = again;
    this.begin();
  }
}
