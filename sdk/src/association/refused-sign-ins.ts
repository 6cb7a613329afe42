/** Tells the operator who was refused and why, without letting a client that never stops fill the log. */
import { decodeText } from '@parley/core';
import type { Inbound, Log, SipRequest } from '@parley/core';

const INTERVAL_MS = 10_000;
/** In one interval; the same refusal again is none of them. */
const MAX_LINES = 20;
/** What clients put into it is as long as they like. */
const MAX_TEXT = 500;

/** The refusals of one way to sign in: a line for each in ten seconds, and twenty of them at most. The next line says how many were left out. */
export class RefusedSignIns {
  private readonly told = new Set<string>();
  private since = Number.NEGATIVE_INFINITY;
  private suppressed = 0;

  /** @param scheme as it stands in headers: `NTLM`, `Digest` */
  constructor(
    private readonly log: Pick<Log, 'info'>,
    private readonly scheme: string,
  ) {}

  /**
   * @param detail what to do about it; `SignInFailure` has the words
   * @param now milliseconds
   */
  tell({ message, flow }: Inbound<SipRequest>, detail: string, now: number): void {
    if (now - this.since >= INTERVAL_MS) {
      this.told.clear();
      this.since = now;
    }
    const address = flow.remote.host;
    const text = detail.slice(0, MAX_TEXT);
    const refusal = `${address} ${text}`;
    if (this.told.has(refusal) || this.told.size >= MAX_LINES) {
      this.suppressed++;
      return;
    }
    this.told.add(refusal);
    const from = decodeText(message.from.uri.userAtHost).slice(0, MAX_TEXT);
    const more = this.suppressed === 0 ? {} : { suppressed: this.suppressed };
    this.log.info({ from, address, scheme: this.scheme, ...more }, `sign-in failed: ${text}`);
    this.suppressed = 0;
  }
}
