/** The application chain of a running server and where it comes from: what may change it, one change after the other. */
import type { CompiledApplication, ServerRoleName } from '../script/index.ts';
import { ParleyError } from '../errors/index.ts';
import { attachedSource, attachmentOf } from './applications.ts';
import type { Applications, AttachedApplication, Attachment } from './applications.ts';
import { assembleChain, checkSource } from './chain-assembly.ts';
import type { AssemblyOptions } from './chain-assembly.ts';
import type { HostCore } from './core-services.ts';
import { RoutingChanged, watchRevisions } from './revision-watch.ts';
import { scriptHealth } from './script-health.ts';
import { originText } from './script-source.ts';
import type { LoadedApplication, ScriptSource } from './script-source.ts';
import { ScriptSources } from './script-sources.ts';
import type { ScriptConfig } from './script-sources.ts';
import type { ScriptEditor } from './script-editor.ts';
import { NOTHING_STORED } from './script-reading.ts';
import type { StoredState } from './script-reading.ts';
import type { ScriptStore } from './script-store.ts';
import { ServerErrors } from './sip-server-errors.ts';
import { Turns } from './turns.ts';

const REMARKS_LIMIT = 200;

/** Who runs the applications. */
export interface ChainRunner {
  install(applications: readonly LoadedApplication[]): void;
}

/** What a change has done, for whoever asked for it. */
export interface Changed<T> {
  readonly made: T;
  /** Warnings about scripts that were compiled for it. */
  readonly remarks: readonly string[];
}

/** What a change needs to succeed. */
export interface ChangeOptions {
  /** It takes something away: allowed even where the chain does not fit together without it either, as long as nothing runs. */
  readonly cure?: boolean;
  /** Checked alone as well: a script that is stored switched off is in no chain that could show its faults. */
  readonly alone?: string;
}

export interface RoutingParts extends Pick<HostCore, 'config' | 'clock' | 'log' | 'bus' | 'extensions' | 'server' | 'faults'> {
  readonly store: ScriptStore;
  readonly role: ServerRoleName;
  /** Milliseconds between two looks at the store; undefined: nobody else writes to it. */
  readonly pollMs: number | undefined;
  /** What the configuration says of scripts now; throws what is wrong with it. */
  readScriptConfig(): Promise<ScriptConfig>;
}

export class RoutingScripts implements Applications {
  readonly store: ScriptStore;
  private runner: ChainRunner | undefined;
  private state: StoredState = NOTHING_STORED;
  private readonly everything: ScriptSources;
  private chain: readonly LoadedApplication[] = [];
  private readonly turns = new Turns();
  private remarks: string[] = [];
  /** Why this node does not run what the store has; undefined while it does. */
  private behind: string | undefined;
  private readonly ends: (() => void)[] = [];

  constructor(private readonly parts: RoutingParts) {
    this.store = parts.store;
    this.everything = new ScriptSources(parts);
  }

  /** In the order in which they see a request. */
  get applications(): readonly LoadedApplication[] {
    return this.chain;
  }

  /** Every script there is, in the chain or switched off, those of the configuration first. */
  get sources(): readonly ScriptSource[] {
    return this.everything.with(this.state);
  }

  /** What the store says, as this node runs it. */
  get stored(): StoredState {
    return this.state;
  }

  /** Puts the chain together for the first time and keeps it up to date from now on. Throws what assembleChain throws. */
  async start(runner: ChainRunner): Promise<void> {
    await this.turns.take(async () => {
      this.everything.read();
      const state = await this.store.read();
      this.use(this.assemble(state), state);
      this.runner = runner;
      runner.install(this.chain);
    });
    this.ends.push(
      watchRevisions(this.parts, this.store, (revision) => this.follow(revision)),
      this.parts.extensions.healthChecks.add('core', {
        name: 'routing scripts',
        check: () => scriptHealth(this.chain, this.everything.switchedOff(this.state), this.behind),
      }),
    );
  }

  /**
   * Reads scripts and store without a chain that runs, for commands on the store alone. What does not fit together is told by
   * `remarks` of the changes made then. Throws HOST_SCRIPT_UNREADABLE, HOST_PLUGIN_SCRIPT_UNREADABLE.
   */
  async startOffline(): Promise<void> {
    this.everything.read();
    const state = await this.store.read();
    this.use(this.assembleFor(state, true), state);
  }

  /** Puts the chain together as `start` would, and lets go of it: nothing runs, nothing is kept. Throws what assembleChain throws. */
  async rehearse(): Promise<void> {
    this.everything.read();
    this.drop(this.assemble(await this.store.read()));
  }

  /** Nothing changes any more; watched files are let go. */
  async close(): Promise<void> {
    const settled = this.turns.close();
    for (const end of this.ends.splice(0)) end();
    await settled;
    for (const { compiled } of this.chain) compiled.close();
  }

  /**
   * Changes what is stored: kept, and then run, only when the whole chain fits together afterwards. Throws what assembleChain and
   * `edit` throw; then nothing has changed.
   */
  change<T>(edit: (editor: ScriptEditor) => Promise<T>, { cure = false, alone }: ChangeOptions = {}): Promise<Changed<T>> {
    return this.turns.take(async () => {
      this.remarks = [];
      let next: readonly LoadedApplication[] = [];
      let state = this.state;
      try {
        const made = await this.store.change(edit, (stored) => {
          state = stored;
          if (alone !== undefined) this.checkAlone(alone, stored);
          next = this.assembleFor(stored, cure);
        });
        this.use(next, state);
        this.parts.bus.publish(RoutingChanged, { revision: state.revision });
        return { made, remarks: this.remarks };
      } catch (error) {
        this.drop(next);
        throw error;
      }
    });
  }

  /**
   * Reads again what the configuration says of scripts, then all scripts and their tables, those on disk and those in the store. Throws as
   * the start does, and what is wrong with the configuration; then everything stays as it was.
   */
  reload(): Promise<readonly string[]> {
    return this.turns.take(async () => {
      this.remarks = [];
      const takeBack = this.everything.read(await this.parts.readScriptConfig());
      try {
        const state = await this.store.read();
        this.use(this.assemble(state), state);
      } catch (error) {
        takeBack();
        throw error;
      }
      return this.remarks;
    });
  }

  attach(application: AttachedApplication): Promise<Attachment> {
    return this.attachFor(undefined, application);
  }

  /** The same on behalf of a plugin: `parley routes` and the log name it. */
  for(plugin: string): Applications {
    return { attach: (application) => this.attachFor(plugin, application) };
  }

  private async attachFor(plugin: string | undefined, application: AttachedApplication): Promise<Attachment> {
    const { faults } = this.parts;
    const source = attachedSource(plugin, application, this.everything.nextReading(), (...fault) => faults.report(...fault));
    await this.turns.take(() => {
      const twin = this.sources.find(({ name }) => name === source.name);
      if (twin !== undefined) throw ServerErrors.HOST_SCRIPT_NAME_TAKEN({ name: twin.name, origin: originText(twin) });
      this.changeAttached([...this.everything.attached, source]);
    });
    const loaded = (): LoadedApplication | undefined => this.chain.find((one) => one.source === source);
    return attachmentOf(source.name, loaded, () => this.detach(source));
  }

  private async detach(source: ScriptSource): Promise<void> {
    // A server that closes lets go of everything anyway.
    if (this.turns.closed || !this.everything.attached.includes(source)) return;
    await this.turns.take(() => this.changeAttached(this.everything.attached.filter((other) => other !== source)));
  }

  private changeAttached(attached: readonly ScriptSource[]): void {
    const before = this.everything.attached;
    this.everything.attached = attached;
    try {
      if (this.runner !== undefined) this.use(this.assemble(this.state), this.state);
      else for (const source of attached) checkSource(source, this.sources, this.options(this.state));
    } catch (error) {
      this.everything.attached = before;
      throw error;
    }
  }

  /** The instance that the scripts of a plugin dispatch to. */
  handlerOf(plugin: string): object | undefined {
    return this.everything.handlerOf(plugin);
  }

  private assemble(state: StoredState): LoadedApplication[] {
    return assembleChain(this.everything.with(state), this.options(state));
  }

  /** Offline, where no chain runs, what takes away is a cure for one that would not start. */
  private assembleFor(state: StoredState, cure: boolean): LoadedApplication[] {
    try {
      return this.assemble(state);
    } catch (error) {
      if (!cure || this.runner !== undefined) throw error;
      this.warn(error instanceof ParleyError ? error.message : String(error));
      return [];
    }
  }

  private checkAlone(name: string, state: StoredState): void {
    const sources = this.everything.with(state);
    const source = sources.find((one) => one.name === name);
    if (source !== undefined) checkSource(source, sources, { ...this.options(state), warn: () => undefined });
  }

  private options({ settings }: StoredState): AssemblyOptions {
    const { clock, log, role } = this.parts;
    const tell = (level: 'warn' | 'error') => (said: ParleyError, application: CompiledApplication) =>
      log[level]({ code: said.code, appUri: application.appUri }, `${said.message}. ${said.fix}`);
    return {
      role,
      settings,
      order: this.everything.config.order ?? [],
      tables: this.everything.config.tables,
      previous: this.chain,
      compile: { clock, fileFailed: tell('error'), fileRemarked: tell('warn') },
      warn: (text) => this.warn(text),
    };
  }

  private warn(text: string): void {
    if (this.remarks.length < REMARKS_LIMIT) this.remarks.push(text);
    this.parts.log.warn(text);
  }

  /** From the next message on. */
  private use(next: readonly LoadedApplication[], state: StoredState): void {
    const before = { chain: this.chain, settings: this.state.settings };
    this.state = state;
    this.chain = next;
    this.behind = undefined;
    for (const application of next) {
      // Enabled anew since it was last looked at: it is shown messages again, with no error counted (MSPL R44).
      if (state.settings.get(application.name)?.enables === before.settings.get(application.name)?.enables) continue;
      application.criticalErrors = 0;
      application.disabled = false;
    }
    this.runner?.install(next);
    const over = this.parts.server.mode === 'offline' ? next : before.chain.filter((application) => !next.includes(application));
    for (const { compiled } of over) compiled.close();
  }

  /** Lets go of applications that were compiled in vain. */
  private drop(applications: readonly LoadedApplication[]): void {
    for (const application of applications) if (!this.chain.includes(application)) application.compiled.close();
  }

  /** Another node has made a change: this one runs it too, or says why it cannot and goes on with what it has. */
  private async follow(revision: number): Promise<void> {
    if (revision <= this.state.revision || this.turns.closed) return;
    const { log } = this.parts;
    await this.turns.take(async () => {
      if (revision <= this.state.revision) return;
      const state = await this.store.read();
      try {
        this.use(this.assemble(state), state);
        log.info({ revision: state.revision }, 'routing scripts changed on another node, and here');
      } catch (err) {
        // Not tried again until the next change: it would fail again.
        this.state = { ...this.state, revision: state.revision };
        this.behind = err instanceof Error ? err.message : String(err);
        const error = ServerErrors.HOST_SCRIPTS_BEHIND({ reason: this.behind });
        log.error({ err, code: error.code }, `${error.message} ${error.fix}`);
      }
    });
  }
}
