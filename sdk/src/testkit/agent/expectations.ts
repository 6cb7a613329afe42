/** What an endpoint waits for: requests, responses to something literal, any message, and silence. */
import type { ParleyError, SipResponse } from '@parley/core';
import type { WireMessage } from '../conversation.ts';
import { milliseconds } from '../duration.ts';
import type { Duration } from '../duration.ts';
import type { TestDialog } from './dialog.ts';
import type { EndpointPlace } from './endpoint-options.ts';
import type { Inbox } from './inbox.ts';
import { fitsStatus, mismatch } from './match.ts';
import type { Match, Status } from './match.ts';
import type { Received } from './received.ts';

/** Waits for what comes to one endpoint. */
export class Expectations {
  private read = 0;

  /** @param who the endpoint, as errors call it */
  constructor(
    private readonly who: string,
    private readonly place: Pick<EndpointPlace, 'timeline' | 'heard' | 'unexpected' | 'notQuiet'>,
    private readonly inbox: Inbox,
  ) {}

  /** The next request of that method that nobody has looked at. Throws TESTKIT_UNEXPECTED. */
  async request(method: string, match: Match, dialog: TestDialog | undefined): Promise<Received> {
    const found = await this.until(() => this.inbox.take(method, match, dialog), match.within);
    if (found === undefined) throw this.unexpected(expectation(method, match.within), this.inbox.describe(method, match));
    return found;
  }

  /** The next response to something literal. Throws TESTKIT_UNEXPECTED. */
  async response(status: Status, match: Match): Promise<SipResponse> {
    const found = await this.until(() => this.inbox.takeStray(status), match.within);
    if (found === undefined) throw this.unexpected(String(status), 'heard nothing more');
    if (!fitsStatus(found.status, status)) throw this.unexpected(String(status), `got ${found.status} ${found.reason}`);
    const why = mismatch(found, match);
    if (why !== undefined) throw this.unexpected(String(status), `got one, but ${why}`);
    return found;
  }

  /** The next message of any kind; it counts by itself. Throws TESTKIT_UNEXPECTED. */
  async message(within: Duration | undefined): Promise<WireMessage> {
    const { heard } = this.place;
    const found = await this.until(() => heard()[this.read], within);
    if (found === undefined) throw this.unexpected(expectation('another message', within), 'heard nothing more');
    this.read++;
    return found;
  }

  /** Fails when a request (of that method) is there, or comes without time passing. Throws TESTKIT_NOT_QUIET. */
  async nothing(method: string | undefined): Promise<void> {
    await this.place.timeline.arrivals();
    const found = this.inbox.peek(method);
    if (found !== undefined) throw this.place.notQuiet(this.who, found);
  }

  private until<T>(find: () => T | undefined, within: Duration | undefined): Promise<T | undefined> {
    return this.place.timeline.until(find, within === undefined ? undefined : milliseconds(within));
  }

  private unexpected(expected: string, heard: string): ParleyError {
    return this.place.unexpected(this.who, expected, heard);
  }
}

function expectation(what: string, within: Duration | undefined): string {
  return within === undefined ? what : `${what} within ${typeof within === 'number' ? `${within} ms` : within}`;
}
