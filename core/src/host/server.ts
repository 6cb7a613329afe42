/** A whole server: the host with its plugins, and SIP on its listeners. */
import { join } from 'node:path';
import type { Clock } from '../clock/index.ts';
import type { DialogTable } from '../dialog/index.ts';
import { migrate } from '../store/index.ts';
import { DnsCache, Resolver, TransportLayer, systemDns } from '../transport/index.ts';
import type { Dns, Network } from '../transport/index.ts';
import { TransactionLayer } from '../transaction/index.ts';
import { bootHost } from './boot.ts';
import type { BootOptions } from './boot.ts';
import { Applications } from './applications.ts';
import { loadConfig } from './config-file.ts';
import { ControlServer } from './control-server.ts';
import { coreService } from './core-services.ts';
import type { CoreService, HostCore } from './core-services.ts';
import { Dialogs, Transactions, Transport } from './core-tokens.ts';
import type { ServerConfig } from './define-server.ts';
import { ServerDialogs } from './dialogs.ts';
import type { Host } from './host.ts';
import { Listeners } from './listeners.ts';
import { LiveTraces } from './live-trace.ts';
import { LoadShedder } from './load-shedder.ts';
import { ownedByteStage, ownedStamp, ownerOfGate } from './owned-extensions.ts';
import type { ExtensionFailed } from './owned-extensions.ts';
import { pollInterval } from './revision-watch.ts';
import { RoutingScripts } from './routing-scripts.ts';
import { SCRIPT_MIGRATIONS } from './script-schema.ts';
import { ScriptStore } from './script-store.ts';
import { routeRows, serverStatus } from './server-reports.ts';
import { registerSipTelemetry } from './sip-telemetry.ts';
import { AskPlugins } from './script-answers.ts';
import { SERVER_ROLE, ServerScriptEnvironment } from './script-environment.ts';
import { secretFile } from './secret-file.ts';
import { SipServer } from './sip-server.ts';

/** How long the answers to BYEs and last NOTIFYs are waited for when the server closes. */
const GOODBYE_MS = 2000;

/** How a server is started; everything may be left out. */
export interface StartOptions extends Omit<BootOptions, 'mode' | 'services'> {
  /** Replaces the machine's network. */
  readonly network?: Network;
  /** Replaces the machine's DNS. */
  readonly dns?: Dns;
}

/** The layers below the plugins; made before them, since they may ask for them. */
interface SipLayers {
  readonly transport: TransportLayer;
  readonly transactions: TransactionLayer;
  readonly resolver: Resolver;
  readonly dialogs: ServerDialogs;
  readonly scripts: RoutingScripts;
}

/**
 * Boots the plugins, loads the routing scripts and opens the listeners, in this order: nothing arrives before all is ready.
 * Close it by `host.close()`. Throws what is wrong, with nothing left running.
 */
export async function startServer(config: ServerConfig, { network, dns, ...options }: StartOptions = {}): Promise<Host> {
  let layers: SipLayers | undefined;
  const services = async (core: HostCore): Promise<readonly CoreService[]> => {
    layers = makeLayers(core, await makeScripts(core), network, dns);
    return sipServices(layers);
  };
  const host = await bootHost(config, { ...options, services });
  try {
    await serve(host, layers as SipLayers);
  } catch (error) {
    await host.close();
    throw error;
  }
  return host;
}

/** Boots what administration commands need, on the store alone: nothing listens. Throws what booting throws. */
export async function startOffline(config: ServerConfig, options: Omit<BootOptions, 'mode' | 'services'> = {}): Promise<Host> {
  let scripts: RoutingScripts | undefined;
  const services = async (core: HostCore): Promise<readonly CoreService[]> => {
    scripts = await makeScripts(core);
    return sipServices(makeLayers(core, scripts));
  };
  const host = await bootHost(config, { ...options, mode: 'offline', services });
  host.scripts = scripts;
  return host;
}

function makeLayers(core: HostCore, scripts: RoutingScripts, network?: Network, dns: Dns = systemDns()): SipLayers {
  const { clock, log, config, server, extensions, faults } = core;
  const { limits, timers } = config;
  const transport = new TransportLayer({
    clock,
    log,
    ...(network === undefined ? {} : { network }),
    limits: {
      maxConnections: limits.connections,
      maxConnectionsPerAddress: limits.connectionsPerAddress,
      maxHalfOpen: limits.halfOpenConnections,
      connectionTimerMs: limits.unauthenticatedSeconds * 1000,
      maxUnauthenticatedBytes: limits.unauthenticatedBytes,
      idleMs: limits.idleSeconds * 1000,
      maxSendBytes: limits.sendBufferBytes,
    },
    sipLimits: {
      maxMessageBytes: limits.messageBytes,
      maxHeadBytes: limits.headBytes,
      maxHeaders: limits.headers,
      maxLineBytes: limits.lineBytes,
      maxBodyBytes: limits.bodyBytes,
      maxVias: 70,
      maxRoutes: 20,
    },
  });
  const transactions = new TransactionLayer(transport, clock, { t1: timers.t1, t2: timers.t2, t4: timers.t4 });
  const resolver = new Resolver(dns, new DnsCache(clock), clock);
  const { endpoints } = extensions;
  const fault = (plugin: string, error: unknown): void => faults.report(plugin, 'dialog', error);
  return {
    transport,
    transactions,
    resolver,
    dialogs: new ServerDialogs({ transactions, transport, resolver, endpoints, server, clock, fault }),
    scripts,
  };
}

async function makeScripts(core: HostCore): Promise<RoutingScripts> {
  const applied = await migrate(core.store, 'core', SCRIPT_MIGRATIONS, Date.now());
  if (applied.length > 0) core.log.info({ migrations: applied }, 'database schema brought up to date');
  return new RoutingScripts({
    ...core,
    store: new ScriptStore(core.store),
    role: SERVER_ROLE,
    pollMs: pollInterval(core.store.dialect),
    readScriptConfig: async () => (core.config.file === undefined ? core.config : await loadConfig(core.config.file)).scripts,
  });
}

function sipServices({ transport, transactions, dialogs, scripts }: SipLayers): readonly CoreService[] {
  return [
    coreService(Applications, scripts, { forPlugin: (plugin) => scripts.for(plugin) }),
    coreService(Transport, transport),
    coreService(Transactions, transactions),
    coreService(Dialogs, dialogs.for('core'), { forPlugin: (plugin) => dialogs.for(plugin) }),
  ];
}

async function serve(host: Host, { transport, transactions, resolver, dialogs, scripts }: SipLayers): Promise<void> {
  const { core, extensions } = host;
  const { clock, log, config, server } = core;
  const failed: ExtensionFailed = (plugin, where, error) => core.faults.report(plugin, where, error);
  const environment = new ServerScriptEnvironment(
    server,
    (name) => isOwnHost(transport, name),
    extensions.endpoints,
    log,
    new AskPlugins(extensions.scriptAnswers, failed),
  );
  const shedder = new LoadShedder({
    clock,
    datagrams: () => transport.datagramsIn,
    changed(shedding) {
      if (shedding) log.warn('more work arrives than this server can do: new requests get 503 until that is over');
      else log.info('the server keeps up again: all requests are taken');
    },
  });
  const sip = new SipServer({
    clock,
    log,
    transport,
    transactions,
    resolver,
    dialogs: dialogs.table,
    endpoints: extensions.endpoints,
    environment,
    shedder,
    names: new Set([server.fqdn, ...server.domains]),
    timerCMs: config.timers.timerC,
    routeSecret: secretFile(join(config.dataDir, 'route.key')),
    pluginFault: (plugin, where, error, fields) => core.faults.report(plugin, where, error, fields),
    // What challenges is not told apart: all of it asks for one 401.
    gateFault: (gate, error) =>
      core.faults.report(ownerOfGate(extensions.gates.entries, gate) ?? core.faults.ownerOf(error) ?? gate, `gate ${gate}`, error),
    ownerOf: (error) => core.faults.ownerOf(error),
  });
  host.onStop('routing scripts', () => scripts.close());
  await scripts.start(sip.chain);
  host.scripts = scripts;
  host.traces = new LiveTraces(sip.chain, clock);
  dialogs.review = (request, send) => sip.chain.generated(request, send);
  sip.useGates({ gates: extensions.gates.values, challengers: extensions.challengers.values });
  transport.use({
    stamps: extensions.stamps.entries.map((entry) => ownedStamp(entry, failed)),
    stages: extensions.byteStages.entries.map((entry) => ownedByteStage(entry, failed)),
  });
  registerSipTelemetry(extensions, transport, transactions, shedder);
  host.reports = { status: () => serverStatus(transport, transactions, shedder), routes: () => routeRows(sip.chain.applications) };
  const listeners = new Listeners(transport, config, extensions.certificates.values, log);
  host.onDrain('transactions', () => transactions.drain());
  host.onStop('transport', () => transport.close());
  host.onStop('dialogs', () => takeLeave(dialogs.table, transactions, clock));
  host.onStop('listeners', () => {
    listeners.close();
    shedder.stop();
  });
  await listeners.open();
  const control = await ControlServer.listen(host);
  host.onStop('control socket', () => control.close());
}

/** Says goodbye in every dialog, and waits a little for what is answered to that. */
async function takeLeave(dialogs: DialogTable, transactions: TransactionLayer, clock: Clock): Promise<void> {
  if (dialogs.size === 0) return;
  dialogs.close();
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.timers.start(GOODBYE_MS, () => resolve());
  await Promise.race([transactions.drain(), promise]);
  clock.timers.cancel(timer);
}

/** The server's name in its listeners' Contacts, or an address that they are bound to. */
function isOwnHost(transport: TransportLayer, name: string): boolean {
  return transport.listeners.some((listener) => listener.advertised.host === name || listener.address.host === name);
}
