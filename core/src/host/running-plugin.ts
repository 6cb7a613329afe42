/** One plugin's life inside a host: its container, its start, its drain and its stop. */
import { fileURLToPath } from 'node:url';
import type { Clock } from '../clock/index.ts';
import { ParleyError } from '../errors/index.ts';
import { migrate } from '../store/index.ts';
import type { Store } from '../store/index.ts';
import type { Container } from './container.ts';
import { PluginConfig, Scope, Log as LogToken } from './core-tokens.ts';
import type { ConfiguredPlugin } from './define-server.ts';
import { HostErrors } from './errors.ts';
import type { Extensions } from './extensions.ts';
import type { Lifecycle } from './lifecycle.ts';
import type { Log } from './log.ts';
import { RegisteringScope } from './registering-scope.ts';
import type { ScriptEntry } from './plugin.ts';
import { thrownIn } from './source-place.ts';
import type { Provided } from './token.ts';
import { within } from './within.ts';

/** Where a plugin is in its life. */
export type PluginState = 'waiting' | 'starting' | 'running' | 'draining' | 'stopped' | 'failed';

/** What a plugin's life needs of its host. */
export interface PluginSurroundings {
  readonly clock: Clock;
  readonly log: Log;
  readonly store: Store;
  readonly extensions: Extensions;
  readonly mode: 'serve' | 'offline';
  /** Instances that plugins have provided so far, by token name; this plugin adds its own. */
  readonly provided: Map<string, unknown>;
  readonly limits: { readonly bootSeconds: number; readonly drainSeconds: number; readonly stopSeconds: number };
}

export class RunningPlugin {
  state: PluginState = 'waiting';
  /** Time that the start took. */
  milliseconds = 0;
  private readonly scope: RegisteringScope;
  /** Objects whose lifecycle runs, in order of start. */
  private readonly parts: (object & Lifecycle)[] = [];
  /** What the start is at, for whoever waits for it in vain. */
  private step = 'its turn';

  constructor(
    readonly configured: ConfiguredPlugin,
    private readonly container: Container,
    private readonly host: PluginSurroundings,
  ) {
    const { name } = configured.plugin;
    this.scope = new RegisteringScope(name, container, host.extensions);
    container.offer(LogToken, host.log.child({ plugin: name }));
    container.offer(PluginConfig, configured.config);
    container.offer(Scope, this.scope);
  }

  get name(): string {
    return this.configured.plugin.name;
  }

  /** Throws HOST_PLUGIN_FAILED or HOST_PLUGIN_SLOW; what had been started is stopped again. */
  async start(): Promise<void> {
    this.state = 'starting';
    const begin = this.host.clock.now();
    const seconds = this.host.limits.bootSeconds;
    try {
      await within(
        this.host.clock,
        seconds * 1000,
        () => this.startParts(),
        () => HostErrors.HOST_PLUGIN_SLOW({ plugin: this.name, seconds, step: this.step }),
      );
      this.state = 'running';
    } catch (error) {
      const failure = this.failure(error);
      await this.stop();
      this.state = 'failed';
      throw failure;
    } finally {
      this.milliseconds = Math.round(this.host.clock.now() - begin);
    }
  }

  /** No new work arrives: lets the parts finish. Never throws. */
  async drain(): Promise<void> {
    if (this.state !== 'running') return;
    this.state = 'draining';
    await Promise.all(this.parts.map((part) => this.quietly('drain', part, this.host.limits.drainSeconds, () => part.drain?.())));
  }

  /** Stops the parts in reverse order and takes back what was registered. Never throws. */
  async stop(): Promise<void> {
    const { stopSeconds } = this.host.limits;
    for (const part of this.parts.splice(0).toReversed()) await this.quietly('stop', part, stopSeconds, () => part.stop?.());
    await this.quietly('close', this.scope, stopSeconds, () => this.scope.close());
    this.state = 'stopped';
  }

  private async startParts(): Promise<void> {
    const { plugin } = this.configured;
    this.takeRequirements();
    await this.at('its migrations', () => this.migrate());
    const handler = this.needsHandler() ? plugin.handler : undefined;
    for (const { token, implementation } of this.provided()) this.container.implement(token, implementation);
    const classes = new Set([...this.provided().map(({ implementation }) => implementation), ...(handler === undefined ? [] : [handler])]);
    // Everything is made before anything runs, so that a mistake in a constructor starts nothing.
    const instances: (object & Lifecycle)[] = await this.at('the constructors of its classes', () =>
      [...classes].map((made) => this.container.resolve(made)),
    );
    await this.at('setup()', () => plugin.setup?.(this.scope));
    for (const instance of instances) await this.startPart(instance);
    for (const { token } of this.provided()) this.host.provided.set(token.name, this.container.resolve(token));
    this.register(handler === undefined ? undefined : this.container.resolve(handler));
  }

  /** A handler runs offline only when others need what it provides. */
  private needsHandler(): boolean {
    const { plugin } = this.configured;
    return this.host.mode === 'serve' || (plugin.provides ?? []).some((provided) => !('token' in provided));
  }

  private takeRequirements(): void {
    const { plugin } = this.configured;
    for (const wanted of [...(plugin.requires ?? []), ...(plugin.optional ?? [])]) {
      if (this.host.provided.has(wanted.name)) this.container.offer<unknown>(wanted, this.host.provided.get(wanted.name));
    }
  }

  private async migrate(): Promise<void> {
    const applied = await migrate(this.host.store, this.name, this.configured.plugin.migrations ?? {}, Date.now());
    if (applied.length > 0) this.host.log.info({ plugin: this.name, migrations: applied }, 'database schema brought up to date');
  }

  /** The tokens it provides, each with the class behind it. */
  private provided(): readonly Provided[] {
    const { provides = [], handler } = this.configured.plugin;
    return provides.flatMap((provided) => {
      if ('token' in provided) return [provided];
      return handler === undefined ? [] : [{ token: provided, implementation: handler }];
    });
  }

  private async startPart(part: object & Lifecycle): Promise<void> {
    // Before its start: what started half has something to stop.
    this.parts.push(part);
    await this.at(`${part.constructor.name}.start()`, () => part.start?.());
  }

  private register(handler: object | undefined): void {
    const { plugin } = this.configured;
    for (const script of plugin.scripts ?? []) {
      const { file, priority, userServices = false, without } = entryOf(script);
      this.scope.script({ name: file, path: fileURLToPath(new URL(file, plugin.root)), handler, priority, userServices, without });
    }
    for (const command of plugin.commands ?? []) this.scope.command(command);
  }

  private async at<T>(step: string, work: () => T | Promise<T>): Promise<T> {
    // Given up meanwhile: what would follow must not start in a host that closes.
    if (this.state !== 'starting') throw HostErrors.HOST_CLOSED();
    this.step = step;
    return await work();
  }

  private failure(error: unknown): ParleyError {
    if (error instanceof ParleyError && error.code.startsWith('HOST_')) return error;
    const reason = error instanceof Error ? error.message : String(error);
    const place = thrownIn(this.configured.plugin.root, error);
    const origin = place === undefined ? 'it comes from the plugin, or from what the plugin uses' : `it comes from ${place}`;
    const fix = error instanceof ParleyError ? error.fix : `See what the error says; ${origin}.`;
    return HostErrors.HOST_PLUGIN_FAILED({ plugin: this.name, step: this.step, reason, fix }, { cause: error });
  }

  private async quietly(what: string, part: object, seconds: number, work: () => void | Promise<void>): Promise<void> {
    try {
      await within(this.host.clock, seconds * 1000, work, () => new Error(`it took longer than ${seconds} s`));
    } catch (err) {
      this.host.log.error({ err, plugin: this.name }, `${what}() of ${part.constructor.name} failed`);
    }
  }
}

function entryOf(script: string | ScriptEntry): ScriptEntry {
  return typeof script === 'string' ? { file: script } : script;
}
