/** Boots a server's plugins on its configuration. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InProcessBus } from '../bus/index.ts';
import { SystemClock } from '../clock/index.ts';
import type { Clock } from '../clock/index.ts';
import { openDataFolder, openStore } from '../store/index.ts';
import type { SqlStore } from '../store/index.ts';
import { Applications } from './applications.ts';
import { BootGraph } from './boot-graph.ts';
import { bootOrder, neededFor, orderFaultText, providedNames } from './boot-order.ts';
import type { OrderFault } from './boot-order.ts';
import { builtinCommands } from './builtin-commands.ts';
import { Container } from './container.ts';
import { coreService } from './core-services.ts';
import type { CoreService, HostCore } from './core-services.ts';
import { registerCoreTelemetry } from './core-telemetry.ts';
import {
  Bus,
  Clock as ClockToken,
  Dialogs,
  Endpoints,
  EventPackages,
  Log as LogToken,
  PluginConfig,
  Scope,
  Server,
  Store,
  Telemetry,
  Transactions,
  Transport,
} from './core-tokens.ts';
import type { ConfiguredPlugin, ServerConfig } from './define-server.ts';
import { HostErrors } from './errors.ts';
import { Extensions } from './extensions.ts';
import { Host } from './host.ts';
import { openLog } from './logger.ts';
import type { Logger } from './logger.ts';
import { doorsOf } from './plugin-doors.ts';
import { PluginFaults } from './plugin-faults.ts';
import { providersOf } from './plugin-source.ts';
import type { PluginSpec } from './plugin.ts';
import { RegisteringScope } from './registering-scope.ts';
import { RunningPlugin } from './running-plugin.ts';
import { TelemetryReader } from './telemetry-reader.ts';
import { stayingAlive } from './within.ts';

/** How plugins are booted; everything may be left out. */
export interface BootOptions {
  /** `offline`: for one administration command on the store alone. `serve` when absent. */
  readonly mode?: 'serve' | 'offline';
  /** Offline: plugins refuse what they would refuse at a real start, see `Server.rehearsal`. */
  readonly rehearsal?: boolean;
  /** Boot only these plugins and what they need; all when absent. */
  readonly only?: readonly string[];
  /** Adds core's services that lie above the host, made from what is there so far. Called in both modes: offline nothing may listen. */
  services?(core: HostCore): readonly CoreService[] | Promise<readonly CoreService[]>;
  /** Replaces the system's clock. The caller stops it. */
  readonly clock?: Clock;
  /** Replaces the log that the configuration describes. */
  readonly logger?: Logger;
  /** Replaces the store that the configuration describes; then the data folder is neither made nor locked. The host closes it. */
  readonly store?: SqlStore;
}

/** Every token of core, for plugins that name one among their requirements; some are absent from hosts without sockets. */
const CORE_TOKENS: ReadonlySet<string> = new Set(
  [
    Applications,
    Bus,
    ClockToken,
    Dialogs,
    Endpoints,
    EventPackages,
    LogToken,
    PluginConfig,
    Scope,
    Server,
    Store,
    Telemetry,
    Transactions,
    Transport,
  ].map((token) => token.name),
);

/** The version of this package. */
export const VERSION = (JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }).version;

/**
 * Starts every plugin of the configuration in the order of their needs.
 * @throws HOST_PLUGINS_UNFIT, HOST_PLUGIN_FAILED, HOST_PLUGIN_SLOW, what opening folder and store throws; what had been started is stopped
 */
export async function bootHost(config: ServerConfig, options: BootOptions = {}): Promise<Host> {
  const chosen = chosenPlugins(config, options.only);
  const order = await orderOf(chosen, config);
  await using ends = new AsyncDisposableStack();
  const core = await openCore(config, options, ends);
  const services = (await options.services?.(core)) ?? [];
  const root = Container.root();
  const offered = [...ownServices(core), ...services];
  for (const service of offered) root.offer(service.token, service.instance);
  const graph = new BootGraph(root);
  const provided = new Map<string, unknown>();
  const running: RunningPlugin[] = [];
  for (const configured of order) addPlugin(graph, running, configured, core, { provided, services: offered }, chosen);
  try {
    await stayingAlive(() => graph.ready());
  } catch (error) {
    await graph.close();
    for (const service of services.toReversed()) await service.stop?.();
    throw error;
  }
  // From here on the host closes what has been opened.
  const release = ends.move();
  const host = new Host(core, graph, running, services, provided, () => release.disposeAsync());
  const scope = new RegisteringScope('core', root, core.extensions);
  for (const command of builtinCommands(host)) scope.command(command);
  return host;
}

function chosenPlugins(config: ServerConfig, only: readonly string[] | undefined): readonly ConfiguredPlugin[] {
  if (only === undefined) return config.plugins;
  const needed = neededFor(
    only,
    config.plugins.map(({ plugin }) => plugin),
  );
  return config.plugins.filter(({ plugin }) => needed.includes(plugin));
}

async function orderOf(plugins: readonly ConfiguredPlugin[], config: ServerConfig): Promise<readonly ConfiguredPlugin[]> {
  const { order, faults } = bootOrder(
    plugins.map(({ plugin }) => plugin),
    CORE_TOKENS,
  );
  if (faults.length > 0) throw await unfit(faults, config);
  return order.map((plugin) => plugins.find((configured) => configured.plugin === plugin) as ConfiguredPlugin);
}

async function unfit(faults: readonly OrderFault[], config: ServerConfig): Promise<Error> {
  const folder = config.file === undefined ? process.cwd() : join(config.file, '..');
  const lines: string[] = [];
  for (const fault of faults)
    lines.push(`  ${orderFaultText(fault, fault.kind === 'missing' ? await providersOf(fault.token, folder) : [])}`);
  return HostErrors.HOST_PLUGINS_UNFIT({ list: lines.join('\n') });
}

/** Opens what everything stands on; `ends` closes it, last opened first. */
async function openCore(config: ServerConfig, options: BootOptions, ends: AsyncDisposableStack): Promise<HostCore> {
  const clock = options.clock ?? ownClock(ends);
  const logger = options.logger ?? openLog(config.log);
  ends.defer(() => logger.flush());
  const { log } = logger;
  const store = options.store ?? (await ownStore(config, clock, logger, ends));
  ends.defer(() => store.close());
  const bus = new InProcessBus(clock, log);
  ends.defer(() => bus.close());
  const extensions = new Extensions();
  const telemetry = new TelemetryReader(extensions, clock, log);
  const core: HostCore = {
    config,
    clock,
    logger,
    log,
    store,
    bus,
    server: describe(config, options),
    extensions,
    telemetry,
    faults: new PluginFaults(log),
  };
  registerCoreTelemetry(core);
  return core;
}

function ownClock(ends: AsyncDisposableStack): Clock {
  const clock = new SystemClock();
  ends.defer(() => clock.stop());
  return clock;
}

async function ownStore(config: ServerConfig, clock: Clock, { log }: Logger, ends: AsyncDisposableStack): Promise<SqlStore> {
  const folder = openDataFolder(config.dataDir);
  ends.defer(() => folder.release());
  if (folder.openToOthers)
    log.warn({ folder: folder.path }, 'other users may enter the data folder, which holds keys: run `chmod 700` on it');
  const { store } = config;
  const location = store.kind === 'postgres' ? store : { kind: store.kind, file: join(config.dataDir, store.file) };
  return openStore(location, {
    clock,
    onConnectionLost: (err) => log.warn({ err }, 'a connection to the database was lost; the next query opens another'),
  });
}

function describe(config: ServerConfig, options: BootOptions): Server {
  // In a URI an IPv6 address stands in brackets.
  const domains = new Set(config.domains.flatMap((domain) => (domain.includes(':') ? [domain, `[${domain}]`] : [domain])));
  return {
    fqdn: config.fqdn,
    domains: config.domains,
    dataDir: config.dataDir,
    version: VERSION,
    mode: options.mode ?? 'serve',
    rehearsal: options.rehearsal === true,
    startedAt: Date.now(),
    isLocalDomain: (domain) => domains.has(domain) || domains.has(domain.toLowerCase()),
  };
}

function ownServices(core: HostCore): readonly CoreService[] {
  return [
    coreService(LogToken, core.log),
    coreService(Server, core.server),
    coreService(Store, core.store),
    ...doorsOf(core),
    coreService(Endpoints, core.extensions.endpoints),
    coreService(EventPackages, core.extensions.eventPackages),
    coreService(Telemetry, core.telemetry),
  ];
}

function addPlugin(
  graph: BootGraph,
  running: RunningPlugin[],
  configured: ConfiguredPlugin,
  core: HostCore,
  { provided, services }: { readonly provided: Map<string, unknown>; readonly services: readonly CoreService[] },
  all: readonly ConfiguredPlugin[],
): void {
  const { name } = configured.plugin;
  const { clock, log, store, extensions, config, server } = core;
  core.faults.know(name, configured.plugin.root);
  let plugin: RunningPlugin | undefined;
  graph.add({
    name,
    container: (parent) =>
      parent.child(name, (token) =>
        whyMissing(
          token,
          configured.plugin,
          all.map((other) => other.plugin),
        ),
      ),
    start: (container) => {
      for (const service of services) if (service.forPlugin !== undefined) container.offer(service.token, service.forPlugin(name));
      plugin = new RunningPlugin(configured, container, {
        clock,
        log,
        store,
        extensions,
        mode: server.mode,
        provided,
        limits: config.limits,
      });
      running.push(plugin);
      return plugin.start();
    },
    stop: async () => plugin?.stop(),
  });
}

function whyMissing(token: string, plugin: PluginSpec, all: readonly PluginSpec[]): string {
  if (CORE_TOKENS.has(token)) return 'this host does not have: it runs without that part of core';
  const provider = all.find((other) => providedNames(other).includes(token));
  if (provider === undefined) return 'no plugin of the configuration provides';
  const declared = [...(plugin.requires ?? []), ...(plugin.optional ?? [])].some((wanted) => wanted.name === token);
  return declared
    ? `"${provider.name}" should have provided`
    : `"${provider.name}" provides, but the plugin does not name among its requires`;
}
