/** Health checks and metrics: what plugins report about themselves, and how another plugin publishes it. */

/** `warn` still serves, `fail` does not. */
export type HealthState = 'ok' | 'warn' | 'fail';

/** What a health check found. */
export interface HealthResult {
  readonly state: HealthState;
  /** What was found. */
  readonly detail: string;
  /** What to do about it. */
  readonly fix?: string;
}

/** Tells how a part of a plugin is; it may take a moment, and is asked again and again. */
export type HealthCheck = () => HealthResult | Promise<HealthResult>;

/** One value of a metric, with its labels. */
export interface MetricSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

/** A number that the server reports, read when somebody asks. */
export interface Metric {
  /** Prometheus style: `parley_registrations`, counters end in `_total`. */
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  /** Names of the labels of its samples. */
  readonly labels?: readonly string[];
  /** Whether people see it in `parley status`; absent: gauges are seen, counters are not. */
  readonly inStatus?: boolean;
  collect(): number | readonly MetricSample[];
}

/** One check's answer. */
export interface HealthEntry extends HealthResult {
  readonly name: string;
  readonly plugin: string;
  readonly milliseconds: number;
}

/** The health of the whole server. */
export interface HealthReport {
  /** The worst state of the entries. */
  readonly state: HealthState;
  readonly entries: readonly HealthEntry[];
}

/** One metric's present values. */
export interface MetricFamily {
  readonly name: string;
  readonly help: string;
  readonly type: 'counter' | 'gauge';
  readonly plugin: string;
  readonly inStatus: boolean;
  readonly samples: readonly MetricSample[];
}

/** The health and the figures of the whole server, for plugins that publish them. */
export interface Telemetry {
  /** Runs every check, each within its time limit; one that throws or hangs is a `fail` of its own. */
  health(): Promise<HealthReport>;
  /** Reads every metric; one that throws is left out and logged. */
  metrics(): readonly MetricFamily[];
}
