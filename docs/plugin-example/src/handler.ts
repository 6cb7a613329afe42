/** Answers the calls that office-hours.am dispatches. */
import { Clock, PluginConfig, inject, injectable } from '@parley/sdk';
import type { RequestContext } from '@parley/sdk';
import type { OfficeHoursConfig } from './config.ts';
import { secondsUntilOpen } from './hours.ts';

/** Its methods are what the script dispatches to. Every constructor parameter says by `@inject` what it gets. */
@injectable()
export class OfficeHoursHandler {
  constructor(
    @inject(PluginConfig) private readonly config: OfficeHoursConfig,
    @inject(Clock) private readonly clock: Clock,
  ) {}

  /** A new call; the script gives the address that is called. A closed office answers, everything else goes on. */
  onCall(context: RequestContext): void {
    const [called] = context.parameters;
    const wait = this.config.users.some((user) => user === called) ? this.wait() : 0;
    if (wait === 0) return context.proxy();
    const headers = wait === undefined ? undefined : { 'Retry-After': String(wait) };
    context.respond(480, headers, { reason: 'The office is closed' });
  }

  /** Seconds until the office opens; see `secondsUntilOpen`. */
  wait(): number | undefined {
    return secondsUntilOpen(this.clock.now(), this.config);
  }

  /** Who keeps office hours. */
  get users(): readonly string[] {
    return this.config.users;
  }
}
