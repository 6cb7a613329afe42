/** Counts and logs what goes wrong inside plugins while the server runs. */
import { fileURLToPath } from 'node:url';
import type { Log } from './log.ts';

/** Counts and logs what plugins' code throws. */
export class PluginFaults {
  private readonly counts = new Map<string, number>();
  /** Beginnings of the paths that code of a plugin has in a stack. */
  private readonly roots: { readonly plugin: string; readonly beginnings: readonly string[] }[] = [];

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

  /** Says in which folder the code of a plugin is. */
  know(plugin: string, root: URL): void {
    if (root.protocol !== 'file:') return;
    const folder = new URL(root.href.endsWith('/') ? root : `${root.href}/`);
    this.roots.push({ plugin, beginnings: [folder.href, fileURLToPath(folder)] });
  }

  /** Whose code has thrown an error that reached nobody: the plugin whose folder the stack comes to first; undefined when none is in it. */
  ownerOf(error: unknown): string | undefined {
    const frames = error instanceof Error ? (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line)) : [];
    for (const frame of frames) {
      const owner = this.roots.find(({ beginnings }) => beginnings.some((beginning) => isWithin(frame, beginning)));
      if (owner !== undefined) return owner.plugin;
    }
    return undefined;
  }

  /** Faults since the start, by plugin. */
  get totals(): ReadonlyMap<string, number> {
    return this.counts;
  }
}

/** A package that is installed below a plugin's folder is not its code. */
function isWithin(frame: string, beginning: string): boolean {
  const at = frame.indexOf(beginning);
  return at >= 0 && !frame.slice(at + beginning.length).includes('node_modules/');
}
