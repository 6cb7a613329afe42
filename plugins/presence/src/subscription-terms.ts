/** What holds for every subscription: how long, how many, how large. */
import { PluginConfig, inject, injectable } from '@parley/sdk';
import type { SipRequest } from '@parley/sdk';
import type { PresenceConfig } from './config.ts';
import { PresenceErrors } from './errors.ts';

/** Seconds; less is not worth a dialog. Sheet ms-pres section 6. */
export const LEAST_SECONDS = 60;
/** Subscriptions that began together must not end together. */
const JITTER = 0.1;

@injectable()
export class SubscriptionTerms {
  private readonly byAor = new Map<string, number>();

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

  /** Throws PRESENCE_LIMIT when a user has too many subscriptions. */
  demandRoom(aor: string): void {
    const limit = this.config.limits.subscriptions;
    if ((this.byAor.get(aor) ?? 0) >= limit)
      throw PresenceErrors.PRESENCE_LIMIT({ aor, limit, what: 'subscriptions', setting: 'subscriptions' });
  }

  /** This user has one more. */
  began(aor: string): void {
    this.byAor.set(aor, (this.byAor.get(aor) ?? 0) + 1);
  }

  /** This user has one less. */
  ended(aor: string): void {
    const count = (this.byAor.get(aor) ?? 0) - 1;
    if (count > 0) this.byAor.set(aor, count);
    else this.byAor.delete(aor);
  }

  /** The body of a request. Throws PRESENCE_TOO_LARGE. */
  bodyOf({ body }: SipRequest, limit: number): Buffer {
    if (body.length > limit) throw PresenceErrors.PRESENCE_TOO_LARGE({ found: body.length, limit });
    return body;
  }
}
