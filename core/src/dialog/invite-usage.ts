/**
 * What an INVITE usage of a dialog allows now: offers and answers, glare, and the races of RFC 5407. Pure: a few facts and verdicts.
 * RFC 3261 sections 14 and 15, RFC 3311 section 5, RFC 3264 section 4.
 */
import type { DialogState } from './dialog.ts';

/** `retryAfter`: seconds, at most; the shell draws a number. */
export type Verdict =
  { readonly ok: true } | { readonly ok: false; readonly status: 481 | 491 | 500; readonly why: string; readonly retryAfter?: number };

const OK: Verdict = { ok: true };
const GONE: Verdict = { ok: false, status: 481, why: 'the dialog has ended' };
const GLARE: Verdict = { ok: false, status: 491, why: 'a request of our own with an offer is under way' };
const MAX_RETRY_AFTER = 10;

function later(why: string): Verdict {
  return { ok: false, status: 500, why, retryAfter: MAX_RETRY_AFTER };
}

export class InviteUsage {
  /** Our INVITE has no final response yet. */
  invited = false;
  /** Their INVITE: not there, without a final response of ours, or with a 2xx whose ACK has not come. */
  invitation: 'none' | 'unanswered' | 'unacknowledged' = 'none';
  /** Our UPDATE has no final response yet. */
  updating = false;
  /** Their UPDATE has no final response of ours yet. */
  updated = false;
  /** We have made an offer and not had the answer. */
  ourOffer = false;
  /** They have made an offer that we have not answered. */
  theirOffer = false;
  /** The first INVITE of the dialog was theirs, and its ACK is still to come: then we may not say BYE. RFC 3261 section 15. */
  mayNotSayBye = false;
  ended = false;

  /** May their request be accepted? INFO, MESSAGE and their kind always may in a living dialog. */
  judge(method: string, hasOffer: boolean): Verdict {
    if (this.ended) return method === 'BYE' ? OK : GONE; // RFC 5407 3.3: BYEs cross, each is answered 200
    if (method === 'INVITE') return this.judgeInvite();
    return method === 'UPDATE' ? this.judgeUpdate(hasOffer) : OK;
  }

  /** RFC 3261 14.2. An INVITE before the ACK to the last is refused only where that ACK is to bring an answer (RFC 5407 3.1.4). */
  private judgeInvite(): Verdict {
    if (this.invited || this.ourOffer) return GLARE;
    if (this.invitation === 'unanswered') return later('the INVITE before has not been answered');
    return this.updated || this.theirOffer ? later('an offer before has not been answered') : OK;
  }

  /** RFC 3311 5.2. */
  private judgeUpdate(hasOffer: boolean): Verdict {
    if (this.updated) return later('the UPDATE before has not been answered');
    if (!hasOffer) return OK;
    if (this.ourOffer) return GLARE;
    return this.theirOffer ? later('an offer before has not been answered') : OK;
  }

  /** Why we may not send this now; undefined when we may. RFC 3261 14.1, RFC 3311 5.1. */
  objection(method: string, hasOffer: boolean, state: DialogState): string | undefined {
    if (method === 'INVITE') return this.objectionToInvite(state);
    if (method !== 'UPDATE') return undefined;
    if (this.updating) return 'an UPDATE of ours has no final response yet';
    return hasOffer ? this.objectionToOffer() : undefined;
  }

  private objectionToInvite(state: DialogState): string | undefined {
    if (state !== 'confirmed') return 'the dialog is not confirmed';
    if (this.invited) return 'an INVITE of ours has no final response yet';
    if (this.invitation === 'unanswered') return 'an INVITE of theirs has no final response yet';
    if (this.invitation === 'unacknowledged') return 'the ACK to our 2xx has not come';
    return this.updating || this.updated ? 'an UPDATE has no final response yet' : this.objectionToOffer();
  }

  private objectionToOffer(): string | undefined {
    if (this.ourOffer) return 'our offer has not been answered';
    return this.theirOffer ? 'an offer of theirs has not been answered' : undefined;
  }
}

const LONG_WAIT_MIN_MS = 2_100;
const LONG_WAIT_MAX_MS = 4_000;
const SHORT_WAIT_MAX_MS = 2_000;
const WAIT_UNIT_MS = 10;

/** How long to wait after a 491 before trying again, in ms: the one who made the Call-ID waits longer. RFC 3261 14.1. @param random 0 to 1 */
export function glareWait(ownsCallId: boolean, random: number): number {
  const from = ownsCallId ? LONG_WAIT_MIN_MS : 0;
  const to = ownsCallId ? LONG_WAIT_MAX_MS : SHORT_WAIT_MAX_MS;
  return from + Math.floor((random * (to - from)) / WAIT_UNIT_MS) * WAIT_UNIT_MS;
}
