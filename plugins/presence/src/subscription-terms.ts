/** What holds for every subscription: how long, how many, how large. */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import type { Notifier, SipRequest } from '@parley/sdk';
import type { PresenceConfig } from './config.ts';
import { PresenceErrors } from './errors.ts';

/** Seconds; less is not worth a dialog. Sheet ms-pres section 6. */
export const LEAST_SECONDS = 60;
/** Subscriptions that began together must not end together. */
const JITTER = 0.1;

/** A subscription as far as it counts. */
export interface CountedSubscription {
  readonly notifier: Notifier | undefined;
}

@injectable()
export class SubscriptionTerms {
  /** By the subscriber. */
  private readonly byAor = new Map<string, Set<CountedSubscription>>();

  constructor(@inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'subscriptionSeconds' | 'limits'>) {}

  /** The most that a new subscription gets, in seconds. */
  seconds(): number {
    return Math.round(this.config.subscriptionSeconds * (1 - Math.random() * JITTER));
  }

  /** What a refresh gets. */
  grant(wanted: number | undefined): number {
    const most = this.seconds();
    return wanted === undefined ? most : Math.min(Math.max(wanted, LEAST_SECONDS), most);
  }

  /** Throws PRESENCE_INTERVAL for a time that is too short; 0, which asks once, is not. */
  check(request: SipRequest): void {
    const { expires } = request;
    if (expires !== undefined && expires > 0 && expires < LEAST_SECONDS)
      throw PresenceErrors.PRESENCE_INTERVAL({ found: expires, least: LEAST_SECONDS });
  }

  /** Throws PRESENCE_LIMIT when a user has too many subscriptions for this one; one that asks once is none. */
  demandRoom(aor: string, request: SipRequest): void {
    const limit = this.config.limits.subscriptions;
    if (isPoll(request) || (this.byAor.get(aor)?.size ?? 0) < limit) return;
    throw PresenceErrors.PRESENCE_LIMIT({ aor, limit, what: 'subscriptions', setting: 'subscriptions' });
  }

  /** This user has one more. */
  began(aor: string, subscription: CountedSubscription): void {
    const known = this.byAor.get(aor);
    if (known === undefined) this.byAor.set(aor, new Set([subscription]));
    else known.add(subscription);
  }

  /** This user has one less. */
  ended(aor: string, subscription: CountedSubscription): void {
    const known = this.byAor.get(aor);
    if (known?.delete(subscription) === true && known.size === 0) this.byAor.delete(aor);
  }

  /** Ends all that a user has. @param reason RFC 6665 section 4.1.3 */
  endAll(aor: string, reason: string): void {
    for (const { notifier } of this.byAor.get(aor) ?? []) notifier?.close(reason);
  }

  /** The body of a request. Throws PRESENCE_TOO_LARGE. @param setting which limit it has */
  bodyOf({ body }: SipRequest, setting: 'bodyBytes' | 'subscribeBytes'): Buffer {
    const limit = this.config.limits[setting];
    if (body.length > limit) throw PresenceErrors.PRESENCE_TOO_LARGE({ found: body.length, limit, setting });
    return body;
  }
}

/** Whether a SUBSCRIBE asks once: `Expires: 0` outside of a dialog. [MS-PRES] R34, RFC 6665 section 4.4.3 */
export function isPoll({ expires }: SipRequest): boolean {
  return expires === 0;
}
