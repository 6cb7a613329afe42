/** Every script there is for a chain, and where it comes from: configuration and plugins, the store, applications that are attached. */
import type { HostCore } from './core-services.ts';
import type { ServerConfig } from './define-server.ts';
import { scriptFiles } from './script-files.ts';
import type { ScriptSource } from './script-source.ts';
import type { StoredState } from './script-reading.ts';
import { storedSource } from './stored-script.ts';

/** What a configuration says of scripts, its paths absolute. */
export type ScriptConfig = ServerConfig['scripts'];

/** What was read of the scripts that no store keeps. */
interface Reading {
  readonly config: ScriptConfig;
  readonly files: readonly ScriptSource[];
}

export class ScriptSources {
  /** Put into the chain while the server runs. */
  attached: readonly ScriptSource[] = [];
  private reading: Reading;
  private readings = 0;

  constructor(private readonly parts: Pick<HostCore, 'config' | 'extensions' | 'server'>) {
    this.reading = { config: parts.config.scripts, files: [] };
  }

  /** What the configuration says of scripts. */
  get config(): ScriptConfig {
    return this.reading.config;
  }

  /** A number that nothing else was read under: see ScriptSource.revision. */
  nextReading(): number {
    return ++this.readings;
  }

  /**
   * Reads the files that the configuration names, and those of plugins. Throws HOST_SCRIPT_UNREADABLE, HOST_PLUGIN_SCRIPT_UNREADABLE;
   * then nothing has changed.
   * @param config another one from now on
   * @returns takes the reading back
   */
  read(config: ScriptConfig = this.config): () => void {
    const before = this.reading;
    const { extensions, server } = this.parts;
    this.reading = { config, files: scriptFiles(config.extra, this.parts.config.plugins, extensions, server.mode, this.nextReading()) };
    return () => (this.reading = before);
  }

  /** Every script there is with what the store says, in the chain or switched off, those of the configuration first. */
  with(state: StoredState): ScriptSource[] {
    const { files } = this.reading;
    const stored = state.scripts.map((script) =>
      storedSource(script, script.handler === undefined ? undefined : this.handlerOf(script.handler)),
    );
    return [
      ...files.filter(({ origin }) => origin === 'config'),
      ...stored,
      ...files.filter(({ origin }) => origin === 'plugin'),
      ...this.attached,
    ];
  }

  /** Applications of plugins that an operator has disabled. */
  switchedOff({ settings }: StoredState): readonly ScriptSource[] {
    return this.reading.files.filter(({ name, origin }) => origin === 'plugin' && settings.get(name)?.enabled === false);
  }

  /** The instance that the scripts of a plugin dispatch to. */
  handlerOf(plugin: string): object | undefined {
    return this.reading.files.find((source) => source.plugin === plugin && source.handler !== undefined)?.handler;
  }
}
