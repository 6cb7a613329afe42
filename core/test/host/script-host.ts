/** The routing scripts of a host without sockets: one plugin, a store in memory, a chain that is only looked at. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { InProcessBus } from '../../src/bus/index.ts';
import { FakeClock } from '../../src/clock/index.ts';
import { Extensions } from '../../src/host/extensions.ts';
import { PluginFaults } from '../../src/host/plugin-faults.ts';
import { checkConfig } from '../../src/host/index.ts';
import { RoutingScripts } from '../../src/host/routing-scripts.ts';
import type { RoutingParts } from '../../src/host/routing-scripts.ts';
import type { LoadedApplication } from '../../src/host/script-source.ts';
import { SCRIPT_MIGRATIONS } from '../../src/host/script-schema.ts';
import { ScriptStore } from '../../src/host/script-store.ts';
import { migrate, temporaryStore } from '../../src/store/index.ts';
import type { SqlStore } from '../../src/store/index.ts';
import { KeptLog } from './fixtures.ts';

/** A manifest whose appUri ends in `name`. @param elements before the script */
export function manifest(name: string, script: string, elements = ''): string {
  return `<a:applicationManifest a:appUri="http://example.com/${name}" xmlns:a="http://schemas.microsoft.com/lcs/2006/05">
${elements}<a:splScript><![CDATA[
${script}
]]></a:splScript></a:applicationManifest>
`;
}

export const BEFORE_USERS = '<a:allowRegistrationBeforeUserServices/>';

/** The handler of the one plugin, registrar. */
export class Registrar {
  onRegister(): void {
    // nothing arrives here
  }
}

export interface WorldOptions {
  /** Scripts of the configuration, by file name. */
  readonly extra?: Readonly<Record<string, string>>;
  readonly order?: readonly string[];
  readonly pollMs?: number;
  /** A store that two worlds share. */
  readonly store?: SqlStore;
  /** As for a command on the store alone. */
  readonly offline?: boolean;
}

export class ScriptWorld {
  installed: readonly LoadedApplication[] = [];
  readonly log: KeptLog;
  /** Why the configuration cannot be read at the next reload. */
  configFault: Error | undefined;
  private configured: RoutingParts['config'];
  private constructor(
    readonly scripts: RoutingScripts,
    readonly parts: RoutingParts,
    readonly sql: SqlStore,
    /** Where the configuration's scripts and the plugin's are. */
    readonly folder: string,
    log: KeptLog,
    private readonly own: boolean,
  ) {
    this.log = log;
    this.configured = parts.config;
  }

  static async open({ extra = {}, order, pollMs, store, offline = false }: WorldOptions = {}): Promise<ScriptWorld> {
    const folder = mkdtempSync(join(tmpdir(), 'parley-scripts-'));
    const log = new KeptLog();
    const clock = new FakeClock();
    const sql = store ?? temporaryStore(clock);
    await migrate(sql, 'core', SCRIPT_MIGRATIONS, 0);
    for (const [name, text] of Object.entries(extra)) writeFileSync(join(folder, name), text);
    mkdirSync(join(folder, 'registrar'));
    const path = join(folder, 'registrar', 'routes.am');
    writeFileSync(path, manifest('registrar', 'Dispatch("onRegister");'));
    const extensions = new Extensions();
    extensions.scripts.add('registrar', {
      name: 'routes.am',
      path,
      handler: new Registrar(),
      priority: 300,
      userServices: true,
      without: 'nobody can register',
    });
    const scripts = { extra: Object.keys(extra), ...(order === undefined ? {} : { order: [...order] }) };
    const config = await checkConfig({ plugins: [], scripts }, { folder });
    const parts: RoutingParts = {
      config,
      clock,
      log: log.logger.log,
      bus: new InProcessBus(clock, log.logger.log),
      extensions,
      server: { mode: offline ? 'offline' : 'serve' } as RoutingParts['server'],
      faults: new PluginFaults(log.logger.log),
      store: new ScriptStore(sql),
      role: 'FrontEnd',
      pollMs,
      readScriptConfig: () => world.readScriptConfig(),
    };
    const world: ScriptWorld = new ScriptWorld(new RoutingScripts(parts), parts, sql, folder, log, store === undefined);
    try {
      if (!offline) await world.scripts.start({ install: (applications) => (world.installed = applications) });
    } catch (error) {
      await world.close();
      throw error;
    }
    return world;
  }

  /** Writes another list of scripts, and their order, into the configuration: for the next reload. */
  async configure(extra: readonly string[], order?: readonly string[]): Promise<void> {
    const scripts = { extra: [...extra], ...(order === undefined ? {} : { order: [...order] }) };
    this.configured = await checkConfig({ plugins: [], scripts }, { folder: this.folder });
  }

  private readScriptConfig(): Promise<RoutingParts['config']['scripts']> {
    return this.configFault === undefined ? Promise.resolve(this.configured.scripts) : Promise.reject(this.configFault);
  }

  get names(): string[] {
    return this.installed.map(({ name }) => name);
  }

  get clock(): FakeClock {
    return this.parts.clock as FakeClock;
  }

  async close(): Promise<void> {
    await this.scripts.close();
    if (this.own) await this.sql.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
