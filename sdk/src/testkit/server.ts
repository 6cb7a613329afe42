/** A server in memory for tests, and everything that speaks to it. */
import type { CommandResult, FakeClock, Host, ServerConfig, Store, Token } from '@parley/core';
import type { Endpoint } from './agent/endpoint.ts';
import { transportOf } from './agent/endpoint-options.ts';
import type { EndpointOptions } from './agent/endpoint-options.ts';
import { commandOf } from './command.ts';
import { Conversation } from './conversation.ts';
import type { WireMessage } from './conversation.ts';
import { DataFolder } from './data-folder.ts';
import { Disk } from './disk.ts';
import { milliseconds } from './duration.ts';
import type { Duration } from './duration.ts';
import { figureOf } from './figure.ts';
import { ladder, transcript } from './ladder.ts';
import { checkLeaks } from './leaks.ts';
import { VirtualDns } from './network/virtual-dns.ts';
import { VirtualNetwork } from './network/virtual-network.ts';
import { SERVER_HOST, authenticates, serverConfig, startOf } from './options.ts';
import type { TestServerOptions, TestUser } from './options.ts';
import { Parties } from './parties.ts';
import { DEFAULT_STORE } from './parts/test-store.ts';
import { ServerLog } from './server-log.ts';
import { CLOSE_MS, ServerProcess } from './server-process.ts';
import { enrol } from './sign-in/enrolment.ts';
import { TestKdc } from './sign-in/kdc.ts';
import type { ClientCertificatePair } from './sign-in/tls-dsk-client.ts';
import { Timeline } from './timeline.ts';
import { trust } from './trust.ts';
import type { Insight } from './trust.ts';
import { TestUsers } from './users.ts';
import type { WebClient } from './web-client.ts';
import { WebClients } from './web-clients.ts';

/** Longer than transactions live after their end: 64*T1 and a little. */
const LINGER_MS = 40_000;

/** Boots a server in memory. Throws what booting throws, TESTKIT_NO_DIRECTORY, CONFIG_INVALID. */
export async function testServer(options: TestServerOptions): Promise<TestServer> {
  const server = new TestServer(options);
  try {
    await server.boot();
  } catch (error) {
    await server.discard();
    throw error;
  }
  return server;
}

/** A running server. `await using` closes it at the end of the block. */
export class TestServer {
  /** Lines of the log, each an object as in the JSON log, from the level on that was asked for. */
  readonly log: Readonly<Record<string, unknown>>[];
  readonly network: VirtualNetwork;
  readonly dns: VirtualDns;
  /** The realm that `parley.keytab` in the data folder is of, unless the test puts another one there. */
  readonly kdc: TestKdc;
  /** Its database; `disk.full = true` makes every write fail. */
  readonly disk: Disk;
  private readonly timeline: Timeline;
  private readonly conversation: Conversation;
  private readonly folder = new DataFolder();
  private readonly process: ServerProcess;
  private readonly serverLog: ServerLog;
  private readonly everybody: Parties;
  private readonly webClients: WebClients;
  private readonly insight: Insight = { transport: undefined, transactions: undefined };
  private readonly users: TestUsers;
  private config: ServerConfig | undefined = undefined;
  private closing: Promise<void> | undefined = undefined;

  /** @internal use testServer */
  constructor(private readonly options: TestServerOptions) {
    this.disk = new Disk(options.store ?? DEFAULT_STORE, this.folder.path);
    this.users = new TestUsers(this.domain);
    this.kdc = new TestKdc(this.domain, this.fqdn);
    this.timeline = new Timeline(startOf(options), () => this.ladder());
    this.conversation = new Conversation(() => this.timeline.now);
    this.network = new VirtualNetwork(() => this.clock.now(), this.conversation, options.network);
    this.timeline.use(this.network);
    this.conversation.name(SERVER_HOST, 'server');
    this.dns = new VirtualDns(options.dns);
    this.dns.set(this.fqdn, { a: [SERVER_HOST] });
    this.serverLog = new ServerLog(options.log);
    this.log = this.serverLog.lines;
    const { timeline, conversation, network, dns, domain, fqdn, insight, users, kdc, disk } = this;
    const host = (): Host => this.host;
    this.process = new ServerProcess({ timeline, network, dns, disk, log: this.serverLog });
    this.webClients = new WebClients({ fqdn, domain, users, host });
    this.everybody = new Parties({ timeline, conversation, network, dns, domain, insight, users, kdc, host });
  }

  /** `example.com`. */
  get domain(): string {
    return this.options.domain ?? 'example.com';
  }

  /** `uc.example.com`. */
  get fqdn(): string {
    return this.options.config?.fqdn ?? `uc.${this.domain}`;
  }

  /** The server's own clock, for tests that look at it. `advance` moves it. */
  get clock(): FakeClock {
    return this.timeline.server;
  }

  /** Milliseconds since the test began. */
  get now(): number {
    return this.timeline.now;
  }

  /** The host that the plugins run in. */
  get host(): Host {
    return this.process.host;
  }

  /** Its database, for tests that look at rows. */
  get store(): Store {
    return this.disk.store;
  }

  /** Path of a file of the server's data folder: `server.file('pki/ca.pem')`. The folder is gone after the test. */
  file(name: string): string {
    return this.folder.file(name);
  }

  /** Everything that went over the network. */
  get messages(): readonly WireMessage[] {
    return this.conversation.messages;
  }

  /** Endpoints and peers by name. */
  get parties(): ReadonlyMap<string, Endpoint> {
    return this.everybody.byName;
  }

  /** A client of a user, not registered yet. Throws TESTKIT_NAME_TAKEN, TESTKIT_NO_LISTENER. */
  endpoint(name: string, options: EndpointOptions = {}): Endpoint {
    const isTrusted = options.trusted !== false && options.signIn === undefined && this.signIn === 'trusted';
    return this.everybody.add(name, options, isTrusted ? 'user' : 'nobody', transportOf(options) === 'UDP');
  }

  /**
   * Another server: it listens, and `name` has an address in the DNS. With `trusted` the server takes it for one of its own.
   * Throws TESTKIT_NAME_TAKEN, TESTKIT_NO_LISTENER.
   */
  peer(name: string, options: EndpointOptions = {}): Promise<Endpoint> {
    return this.everybody.addPeer(name, options);
  }

  /**
   * A client of the HTTPS host (plugin `web`) with a connection of its own, which sends the password of a user if one is named.
   * @throws Error when no plugin provides the host
   */
  web(user?: string): WebClient {
    return this.webClients.open(user);
  }

  /** A certificate that a user may sign in with by TLS-DSK, on that device. Throws when there is no such user, or no plugin `pki`. */
  certificate(user: string, device: string): Promise<ClientCertificatePair> {
    return enrol(this.host, `${user}@${this.domain}`, device);
  }

  /** Lets time pass: `'32s'`, `'200ms'`, or milliseconds. */
  async advance(duration: Duration): Promise<void> {
    await this.timeline.advance(milliseconds(duration));
  }

  /** Waits until nothing is going on any more that needs no time to pass. */
  async settle(): Promise<void> {
    await this.timeline.settle();
  }

  /** Lets time pass until something is there, for what does not show in messages: a metric, a row. Undefined when it does not come. */
  async until<T>(find: () => T | undefined, within: Duration = 0): Promise<T | undefined> {
    return this.timeline.until(find, milliseconds(within));
  }

  /** What a plugin provides under a token. Throws when none does; the bus, the store and the clock are in `server.host.core`. */
  find<T>(wanted: Token<T>): T {
    const found = this.host.find(wanted);
    if (found !== undefined) return found;
    const cure = wanted.name.startsWith('core.') ? 'it belongs to the server itself: see server.host.core' : 'add the plugin that does';
    throw new Error(`no plugin of this server provides "${wanted.name}": ${cure}`);
  }

  /**
   * A figure that `parley status` tells: the metric of that name, its samples added up, or one of them:
   * `figure('parley_web_responses_total{status="4xx"}')`. 0 when there is none.
   */
  figure(name: string): number {
    return figureOf(this.host.core.telemetry, name);
  }

  /**
   * Runs an administration command, with its arguments and options by name. Throws TESTKIT_NO_COMMAND, and what the command throws.
   * @param progress told how far it is, by commands that say so
   */
  async command(
    path: string,
    args: Readonly<Record<string, string>> = {},
    options: Readonly<Record<string, string | boolean>> = {},
    progress: (text: string) => void = () => undefined,
  ): Promise<CommandResult> {
    return commandOf(this.host, path, { arguments: args, options }, { clock: this.clock, progress });
  }

  /** Adds users while it runs. Throws TESTKIT_NO_DIRECTORY, and what the directory says of them. */
  async addUsers(...users: readonly (string | TestUser)[]): Promise<void> {
    await this.users.add(this.host, users, this.signIn === 'real');
  }

  /** Adds those who are no users yet; nobody when no plugin keeps users. */
  async addMissingUsers(...names: readonly string[]): Promise<void> {
    await this.users.addMissing(this.host, names, this.signIn === 'real');
  }

  /** The conversation as a ladder. */
  ladder(): string {
    return ladder(this.messages);
  }

  /** The conversation as a ladder, and every message in full. */
  transcript(): string {
    return transcript(this.messages);
  }

  /**
   * Closes the server and boots it again on the same data. Connections are gone then; endpoints have to sign in anew.
   * @param downFor time that passes between
   * @param changes what the configuration says from now on instead
   */
  async restart(downFor: Duration = 0, changes?: Pick<Partial<TestServerOptions>, 'plugins' | 'config'>): Promise<void> {
    await this.stop();
    await this.advance(downFor);
    if (changes !== undefined) this.config = await this.configuration({ ...this.options, ...changes });
    await this.start();
  }

  /** As `restart`, but the process is killed: it says nothing to anybody, and writes nothing more. Connections break. */
  async kill(downFor: Duration = 0): Promise<void> {
    await this.process.kill();
    await this.advance(downFor);
    await this.start();
  }

  /** Closes the server and checks that nothing of it is left. A second call gives the first one's promise. Throws TESTKIT_LEAKS. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** @internal */
  async boot(): Promise<void> {
    this.folder.write({ 'parley.keytab': this.kdc.keytabFile, ...this.options.files });
    this.config = await this.configuration(this.options);
    await this.start();
    const { users = [] } = this.options;
    if (users.length > 0) await this.addUsers(...users);
  }

  /** @internal lets go of the data folder */
  async discard(): Promise<void> {
    await this.disk.discard();
    this.folder.discard();
  }

  private get signIn(): 'trusted' | 'real' {
    return this.options.signIn ?? (this.config !== undefined && authenticates(this.config) ? 'real' : 'trusted');
  }

  private configuration(options: TestServerOptions): Promise<ServerConfig> {
    return serverConfig(options, this.folder.path, [trust((host) => this.everybody.vouchingFor(host), this.insight)]);
  }

  private start(): Promise<void> {
    return this.process.start(this.config as ServerConfig);
  }

  private async stop(): Promise<void> {
    this.webClients.hangUp();
    await this.process.stop();
  }

  private async end(): Promise<void> {
    try {
      await this.stop();
      for (const endpoint of this.parties.values()) await this.timeline.through(endpoint.close(), CLOSE_MS);
      await this.timeline.advance(LINGER_MS);
      // What goes wrong in a test often leaves something; the first error is the one that matters.
      if (!this.everybody.hasFailed) checkLeaks(this.insight, this.clock, this.serverLog.undecided, this.messages);
    } finally {
      await this.discard();
    }
  }
}
