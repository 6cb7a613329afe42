/** A host that has booted: what its plugins registered, and how it closes. */
import type { BootGraph, BootNode } from './boot-graph.ts';
import type { CoreService, HostCore } from './core-services.ts';
import type { ScopedCommand } from './extensions.ts';
import type { LiveTraces } from './live-trace.ts';
import type { RoutingScripts } from './routing-scripts.ts';
import type { PluginState, RunningPlugin } from './running-plugin.ts';
import type { Token } from './token.ts';
import { stayingAlive, within } from './within.ts';

/** Where a host is in its life. */
export type HostState = 'running' | 'draining' | 'stopping' | 'closed';

/** A line of `parley plugins`. */
export interface PluginStatus {
  readonly name: string;
  readonly version: string;
  readonly summary: string;
  readonly state: PluginState;
  /** Time that its start took. */
  readonly milliseconds: number;
}

/** What the parts of the server above the host tell `parley status` and `parley routes`. */
export interface ServerReports {
  /** Figures by name; an object is shown as lines of its own. */
  status(): Readonly<Record<string, unknown>>;
  /** The application chain in order, one object an application. */
  routes(): readonly object[];
}

interface Ending {
  readonly name: string;
  run(): void | Promise<void>;
}

/** The plugins of a server, booted, and everything they have registered. `close` drains and stops them. */
export class Host {
  /** Set by whoever runs the application chain. */
  reports: ServerReports = { status: () => ({}), routes: () => [] };
  /** Set by whoever runs the application chain, or can check one. */
  scripts: RoutingScripts | undefined = undefined;
  /** Set by whoever runs the application chain. */
  traces: LiveTraces | undefined = undefined;
  private present: HostState = 'running';
  private readonly drains: Ending[] = [];
  private readonly stops: Ending[] = [];
  private closing: Promise<void> | undefined = undefined;

  constructor(
    readonly core: HostCore,
    private readonly graph: BootGraph,
    private readonly running: readonly RunningPlugin[],
    private readonly services: readonly CoreService[],
    private readonly provided: ReadonlyMap<string, unknown>,
    private readonly release: () => Promise<void>,
  ) {}

  get state(): HostState {
    return this.present;
  }

  get extensions(): HostCore['extensions'] {
    return this.core.extensions;
  }

  /** How long the boot took, by plugin. */
  tree(): BootNode {
    return this.graph.tree();
  }

  /** In the order of their start. */
  plugins(): readonly PluginStatus[] {
    return this.running.map(({ configured: { plugin, version }, state, milliseconds }) => ({
      name: plugin.name,
      version,
      summary: plugin.summary,
      state,
      milliseconds,
    }));
  }

  /** What a plugin provides under a token, undefined when none does. */
  find<T>(wanted: Token<T>): T | undefined {
    return this.provided.get(wanted.name) as T | undefined;
  }

  command(path: string): ScopedCommand | undefined {
    return this.extensions.commands.values.find(({ command }) => command.path === path);
  }

  /** Runs when the server stops taking new work, together with the plugins' own `drain`. */
  onDrain(name: string, run: () => void | Promise<void>): void {
    this.drains.push({ name, run });
  }

  /** Runs after draining and before the plugins stop, the one added last first. */
  onStop(name: string, run: () => void | Promise<void>): void {
    this.stops.unshift({ name, run });
  }

  /**
   * Drains, then stops everything in reverse order of its start, each part within its limit. Never throws: what fails on
   * the way is logged. A second call gives the first one's promise.
   */
  close(): Promise<void> {
    this.closing ??= stayingAlive(() => this.end());
    return this.closing;
  }

  private async end(): Promise<void> {
    const { log, config } = this.core;
    const { drainSeconds, stopSeconds } = config.limits;
    this.present = 'draining';
    log.info({ drainSeconds }, 'closing: no new work is taken, open work may finish');
    const drains = [...this.drains, ...this.services.map((service) => ({ name: service.token.name, run: () => service.drain?.() }))];
    await Promise.all([
      ...drains.map((drain) => this.within('drain', drain, drainSeconds)),
      ...this.running.map((plugin) => plugin.drain()),
    ]);
    this.present = 'stopping';
    for (const stop of this.stops) await this.within('stop', stop, stopSeconds);
    // Plugins bound and log their own stops; what reaches here would be a fault of the graph itself.
    await this.within('stop', { name: 'plugins', run: () => this.graph.close() }, stopSeconds * (this.running.length + 1) * 2);
    for (const service of this.services.toReversed())
      await this.within('stop', { name: service.token.name, run: () => service.stop?.() }, stopSeconds);
    log.info('closed');
    this.present = 'closed';
    await this.release();
  }

  private async within(what: string, ending: Ending, seconds: number): Promise<void> {
    const { clock, log } = this.core;
    try {
      await within(
        clock,
        seconds * 1000,
        () => ending.run(),
        () => new Error(`it took longer than ${seconds} s`),
      );
    } catch (err) {
      log.error({ err, part: ending.name }, `${what} failed`);
    }
  }
}
