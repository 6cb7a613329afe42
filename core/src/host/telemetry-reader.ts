/** Reads what plugins report about themselves. One that fails or hangs costs only its own entry. */
import type { Clock } from '../clock/index.ts';
import type { Extensions, NamedHealthCheck, Registered } from './extensions.ts';
import type { Log } from './log.ts';
import type { HealthEntry, HealthReport, HealthResult, HealthState, MetricFamily, Telemetry } from './telemetry.ts';
import { within } from './within.ts';

/** Time for one health check. */
const CHECK_MS = 5_000;
const WORST_FIRST: readonly HealthState[] = ['fail', 'warn', 'ok'];

export class TelemetryReader implements Telemetry {
  constructor(
    private readonly extensions: Extensions,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  async health(): Promise<HealthReport> {
    const entries = await Promise.all(this.extensions.healthChecks.entries.map((entry) => this.check(entry)));
    const state = WORST_FIRST.find((worst) => entries.some((entry) => entry.state === worst)) ?? 'ok';
    return { state, entries };
  }

  metrics(): readonly MetricFamily[] {
    const families: MetricFamily[] = [];
    for (const { plugin, value: metric } of this.extensions.metrics.entries) {
      const { name, help, type, inStatus = type === 'gauge' } = metric;
      try {
        const collected = metric.collect();
        families.push({
          name,
          help,
          type,
          plugin,
          inStatus,
          samples: typeof collected === 'number' ? [{ labels: {}, value: collected }] : collected,
        });
      } catch (err) {
        this.log.error({ err, plugin, metric: name }, 'a metric could not be read');
      }
    }
    return families;
  }

  private async check({ plugin, value: { name, check } }: Registered<NamedHealthCheck>): Promise<HealthEntry> {
    const begin = this.clock.now();
    const late = (): Error => new Error(`no answer within ${CHECK_MS / 1000} s`);
    const result: HealthResult = await within(this.clock, CHECK_MS, check, late).catch((error: Error) => ({
      state: 'fail' as const,
      detail: error.message,
    }));
    return { ...result, name, plugin, milliseconds: Math.round(this.clock.now() - begin) };
  }
}
