/** Counts and logs what goes wrong inside plugins while the server runs. */
import type { Log } from './log.ts';

/** Counts and logs what plugins' code throws. */
export class PluginFaults {
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Log) {}

  /**
   * A plugin threw where core had called it.
   * @param where the method, gate or stage, as the plugin's author knows it
   * @param fields what the operator may look for: callId, user, method
   */
  report(plugin: string, where: string, error: unknown, fields: Readonly<Record<string, unknown>> = {}): void {
    this.counts.set(plugin, (this.counts.get(plugin) ?? 0) + 1);
    this.log.error({ ...fields, plugin, where, err: error }, 'a plugin failed');
  }

  /** Faults since the start, by plugin. */
  get totals(): ReadonlyMap<string, number> {
    return this.counts;
  }
}
