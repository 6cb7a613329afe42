/** The responses of one leg: shown to who watches it, one after the other, and told to the response context. */
import type { ResponseContext } from '../proxy/index.ts';
import type { SipResponse } from '../sip/index.ts';
import type { ApplicationChain } from './chain.ts';
import type { ChainLeg } from './chain-leg.ts';
import { showResponse } from './chain-response.ts';
import type { Passage, Watcher } from './chain-response.ts';

export class LegResponses {
  /** Those behind one that an application holds; undefined while none is held. */
  private waiting: { readonly response: SipResponse; readonly watchers: readonly Watcher[] }[] | undefined = undefined;
  /** A final response of the branch has been through; further ones are late 2xx. */
  private finalHeard = false;

  constructor(
    private readonly leg: ChainLeg,
    private readonly chain: ApplicationChain,
    private readonly context: ResponseContext,
  ) {}

  /** A response of the branch, which tells the context itself what is not held. */
  ofBranch(response: SipResponse, watchers: readonly Watcher[]): Passage {
    const passage = this.show(response, watchers);
    if (passage !== 'held' && response.status >= 200) this.finalHeard = true;
    return passage;
  }

  /** A response that was made here in the place of a branch. */
  made(response: SipResponse, watchers: readonly Watcher[]): void {
    const passage = this.show(response, watchers);
    if (passage !== 'held') this.deliver(response, passage);
  }

  /** Has the watchers see what is answered through the transaction itself, past the leg: a dialog's accepting 200. */
  review(watchers: readonly Watcher[]): void {
    const { context, leg, chain } = this;
    context.transaction.review = (response, send) => {
      const settle = (passes: boolean): boolean => {
        if (passes) return send();
        if (response.status >= 200) context.silent();
        return false;
      };
      const decided = (passes: boolean): void => void settle(passes);
      const passage = showResponse({ watchers, response, leg, chain, decided });
      return passage !== 'held' && settle(passage);
    };
  }

  private show(response: SipResponse, watchers: readonly Watcher[]): Passage {
    if (this.waiting !== undefined) {
      this.waiting.push({ response, watchers });
      return 'held';
    }
    const { leg, chain } = this;
    const decided = (passes: boolean): void => this.release(response, passes);
    const passage = watchers.length === 0 || showResponse({ watchers, response, leg, chain, decided });
    if (passage === 'held') this.waiting = [];
    return passage;
  }

  /** A held response is decided, and those behind it have their turn. */
  private release(response: SipResponse, passes: boolean): void {
    const waiting = this.waiting ?? [];
    this.waiting = undefined;
    this.deliver(response, passes);
    for (const next of waiting) this.made(next.response, next.watchers);
  }

  private deliver(response: SipResponse, passes: boolean): void {
    const { context } = this;
    if (response.status < 200) {
      if (passes) context.provisional(response);
      return;
    }
    const again = this.finalHeard;
    this.finalHeard = true;
    if (passes) context.final(response, again);
    else if (!again) context.silent();
  }
}
