/** The server's metrics in the text format of Prometheus. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from 'prom-client';
import type { MetricFamily } from '@parley/sdk';

/** Content-Type of the text. */
export const EXPOSITION_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

/** A registry of what Node tells about the process: CPU, memory, event loop, garbage collection. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}

/**
 * The text for `families`. One that breaks the rules of the format (its name, its labels) is left out and told to `report`,
 * so that one plugin's mistake does not blind the operator to the others.
 */
export async function exposition(
  families: readonly MetricFamily[],
  report: (family: MetricFamily, error: unknown) => void,
): Promise<string> {
  const parts: string[] = [];
  for (const family of families) {
    try {
      parts.push(await familyText(family));
    } catch (error) {
      report(family, error);
    }
  }
  return parts.join('\n');
}

async function familyText(family: MetricFamily): Promise<string> {
  const registry = new Registry();
  const { name, help, type, samples } = family;
  const labelNames = [...new Set(samples.flatMap((sample) => Object.keys(sample.labels)))];
  const options = { name, help, labelNames, registers: [registry] };
  const metric = type === 'counter' ? new Counter(options) : new Gauge(options);
  for (const { labels, value } of samples) metric.inc(labels, value);
  // Without labels prom-client shows a 0 of its own before the first value.
  if (samples.length === 0) return '';
  return registry.metrics();
}
