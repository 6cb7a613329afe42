/** Everything that one forked request brings back, and what of it the caller hears. RFC 3261 section 16.7. */
import { H, SipResponse } from '../sip/index.ts';
import type { ServerTransaction } from '../transaction/index.ts';
import { isBetter, statusForCaller } from './best-response.ts';
import type { Branch } from './branch.ts';

const ALL_ELSEWHERE = 'SIP;cause=200;text="Call completed elsewhere"';

/**
 * The response context of one server transaction. It counts *legs*: copies of the request that are still on their way
 * through the routing, have become a branch, or were answered here. When none is open any more the best answer goes back.
 */
export class ResponseContext {
  /** The caller has gone: by CANCEL, or because its connection failed. */
  cancelled = false;
  private openLegs = 1;
  private best: SipResponse | undefined;
  private branches: Branch[] | undefined;
  private challenges: SipResponse[] | undefined;
  /** Groups of legs that wait for those before them to fail: serial forking. */
  private waiting: { readonly legs: number; readonly start: () => void }[] | undefined;
  private cancelListeners: (() => void)[] | undefined;

  constructor(readonly transaction: ServerTransaction) {
    transaction.onCancel = () => this.cancel();
    transaction.onTransportError = () => this.cancel();
  }

  /** One leg becomes `legs` parallel ones. */
  split(legs: number): void {
    this.openLegs += legs - 1;
  }

  /** `legs` more are started, by `start`, when everything before them has failed. */
  enqueue(legs: number, start: () => void): void {
    this.waiting ??= [];
    this.waiting.push({ legs, start });
  }

  /** A leg has become a branch that was sent. */
  add(branch: Branch): void {
    this.branches ??= [];
    this.branches.push(branch);
  }

  /** Tells `listener` once when the caller cancels; at once when it has. */
  onCancelled(listener: () => void): void {
    if (this.cancelled) {
      listener();
      return;
    }
    this.cancelListeners ??= [];
    this.cancelListeners.push(listener);
  }

  /** A provisional response, 101..199, on its way up. Nothing follows a final one. */
  provisional(response: SipResponse): void {
    if (this.transaction.finalSent === 0) this.transaction.respond(response, true);
  }

  /** A leg has ended with this final response; each leg ends once, but a branch may bring further 2xx to an INVITE (`again`). */
  final(response: SipResponse, again = false): void {
    if (!again) this.openLegs--;
    const { status } = response;
    if (status < 300) {
      this.succeed(response);
      this.release();
      return;
    }
    if (this.transaction.finalSent !== 0) {
      this.release();
      return;
    }
    if (status === 401 || status === 407) {
      this.challenges ??= [];
      this.challenges.push(response);
    }
    if (this.best === undefined || isBetter(status, this.best.status)) this.best = response;
    if (status >= 600) {
      this.waiting = undefined;
      this.cancelBranches(undefined);
    }
    this.proceed();
  }

  /** A leg has ended without anything to say: RFC 4320 forbids a 408 to anything but an INVITE. */
  silent(): void {
    this.openLegs--;
    this.proceed();
  }

  private succeed(response: SipResponse): void {
    const first = this.transaction.finalSent === 0;
    // Every 2xx to an INVITE goes up, late ones too: each is a dialog that only the caller can end (16.7 step 5).
    if (first || this.transaction.isInvite) this.transaction.respond(response, true);
    this.waiting = undefined;
    if (first) this.cancelBranches(ALL_ELSEWHERE);
  }

  /** The caller's CANCEL, RFC 3261 section 16.10. */
  private cancel(): void {
    if (this.cancelled) return;
    this.cancelled = true;
    this.waiting = undefined;
    this.cancelBranches(undefined);
    const listeners = this.cancelListeners ?? [];
    this.cancelListeners = undefined;
    for (const listener of listeners) listener();
  }

  private cancelBranches(reason: string | undefined): void {
    for (const branch of this.branches ?? []) branch.cancel(reason);
  }

  private proceed(): void {
    if (this.openLegs > 0) return;
    if (this.transaction.finalSent !== 0) {
      this.release();
      return;
    }
    const next = this.waiting?.shift();
    if (next !== undefined) {
      this.openLegs = next.legs;
      next.start();
      return;
    }
    if (this.best !== undefined) this.transaction.respond(this.forCaller(this.best), true);
    else this.transaction.abandon();
    this.release();
  }

  /** When all is said, only late 2xx can come, and those need nothing of the request. */
  private release(): void {
    if (this.openLegs > 0) return;
    const { branches, transaction } = this;
    this.best = undefined;
    this.branches = undefined;
    this.challenges = undefined;
    this.cancelListeners = undefined;
    transaction.release();
    if (branches !== undefined && transaction.isInvite && transaction.finalSent < 300) handOver(branches, transaction);
  }

  private forCaller(best: SipResponse): SipResponse {
    const status = statusForCaller(best.status);
    if (status !== best.status && this.branches !== undefined) return explained(SipResponse.reply(this.transaction.request, status), best);
    if (this.challenges !== undefined && (best.status === 401 || best.status === 407)) addChallenges(best, this.challenges);
    return best;
  }
}

/** All late 2xx, or none, come here: what is answered through the transaction needs it alive. */
function handOver(branches: readonly Branch[], transaction: ServerTransaction): void {
  for (const branch of branches) if (!branch.isQuiet) return;
  for (const branch of branches) branch.handOver();
  transaction.handOver();
}

/** The answer that takes the place of `best` says why as `best` did ([MS-OCER] R2). */
function explained(answer: SipResponse, best: SipResponse): SipResponse {
  for (const header of [H.MSDiagnostics, H.MSDiagnosticsPublic]) {
    for (const value of best.all(header)) answer.append(header, value);
  }
  return answer;
}

/** RFC 3261 16.7 step 7: the caller gets every challenge, since each branch needs its own credentials. */
function addChallenges(best: SipResponse, all: readonly SipResponse[]): void {
  for (const other of all) {
    if (other === best) continue;
    for (const value of other.all(H.WWWAuthenticate)) best.append(H.WWWAuthenticate, value);
    for (const value of other.all(H.ProxyAuthenticate)) best.append(H.ProxyAuthenticate, value);
  }
}
