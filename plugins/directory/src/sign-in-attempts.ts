/** Failed attempts of every way to sign in, counted together and told in few lines. */
import { Clock, Log, PluginConfig, inject, injectable, repeat } from '@parley/sdk';
import type { Lifecycle, MetricSample } from '@parley/sdk';
import { Directory } from './api.ts';
import type { AttemptLimit, AttemptRefusal, SignInAttempts } from './api.ts';
import type { DirectoryConfig } from './config.ts';
import { SignInLimits } from './sign-in-limits.ts';

const SWEEP_MS = 60_000;
/** Lines about reached limits: at most one in this time. */
const LOG_INTERVAL_MS = 10_000;

/** The limits of this server. */
@injectable()
export class LimitedSignIns implements SignInAttempts, Lifecycle {
  private readonly limits: SignInLimits;
  private readonly refusals: Record<AttemptLimit, number> = { address: 0, user: 0 };
  private failures = 0;
  private lastLineAt = Number.NEGATIVE_INFINITY;
  private untold = 0;
  private stopSweeping: (() => void) | undefined;

  constructor(
    @inject(Directory) private readonly directory: Pick<Directory, 'findById'>,
    @inject(Clock) private readonly clock: Clock,
    @inject(Log) private readonly log: Pick<Log, 'warn'>,
    @inject(PluginConfig) config: Pick<DirectoryConfig, 'signIn'>,
  ) {
    this.limits = new SignInLimits(config.signIn);
  }

  start(): void {
    this.stopSweeping = repeat(this.clock, SWEEP_MS, () => this.limits.sweep(this.clock.now()));
  }

  stop(): void {
    this.stopSweeping?.();
  }

  refuse(address: string, account: string, now: number): AttemptRefusal | undefined {
    const refusal = this.limits.refuse(address, account, now);
    if (refusal !== undefined) this.refusals[refusal.limit]++;
    return refusal;
  }

  failed(address: string, account: string, now: number): void {
    this.failures++;
    const limit = this.limits.failed(address, account, now);
    if (limit === undefined) return;
    if (now - this.lastLineAt < LOG_INTERVAL_MS) {
      this.untold++;
      return;
    }
    const user = this.directory.findById(account)?.aor ?? account;
    const more = this.untold === 0 ? {} : { moreLikeThis: this.untold };
    this.log.warn({ address, user, limit, ...more }, 'too many failed sign-in attempts: further ones are refused for a while');
    this.lastLineAt = now;
    this.untold = 0;
  }

  succeeded(address: string, account: string): void {
    this.limits.succeeded(address, account);
  }

  /** Failed attempts since the start of the process. */
  failureSamples(): MetricSample[] {
    return [{ labels: {}, value: this.failures }];
  }

  /** Attempts that were refused unseen since the start of the process. */
  refusalSamples(): MetricSample[] {
    return byLimit(this.refusals);
  }

  /** Addresses and users that are to wait now. */
  waitingSamples(): MetricSample[] {
    return byLimit(this.limits.waiting(this.clock.now()));
  }
}

function byLimit(values: Readonly<Record<AttemptLimit, number>>): MetricSample[] {
  return Object.entries(values).map(([limit, value]) => ({ labels: { limit }, value }));
}
