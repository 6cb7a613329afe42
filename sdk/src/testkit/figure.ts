/** Figures of a server, as `parley status` tells them. */
import type { Host } from '@parley/core';

/** The metric of that name, its samples added up, or one of them: `parley_web_responses_total{status="4xx"}`. 0 when there is none. */
export function figureOf(telemetry: Host['core']['telemetry'], name: string): number {
  const samples = telemetry.metrics().flatMap((family) =>
    family.samples.map(({ labels, value }) => {
      const list = Object.entries(labels).map(([label, text]) => `${label}="${text}"`);
      return { names: [family.name, `${family.name}{${list.join(',')}}`], value };
    }),
  );
  return samples.filter(({ names }) => names.includes(name)).reduce((sum, { value }) => sum + value, 0);
}
