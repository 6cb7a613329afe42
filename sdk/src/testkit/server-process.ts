/** The process of a test's server, as far as one in memory has any: what starts, stops and is killed, while data and clock go on. */
import { startServer } from '@parley/core';
import type { Host, ServerConfig } from '@parley/core';
import { bury } from './bury.ts';
import type { Disk } from './disk.ts';
import { ProcessNetwork } from './network/process-network.ts';
import type { VirtualDns } from './network/virtual-dns.ts';
import type { VirtualNetwork } from './network/virtual-network.ts';
import { SERVER_HOST } from './options.ts';
import type { ServerLog } from './server-log.ts';
import type { Timeline } from './timeline.ts';

/** How long drains and stops may take together before closing is waited for without the clock. */
export const CLOSE_MS = 120_000;
/** The same of a start that waits for something in vain: its limit is the server's own. */
const START_MS = 3_600_000;

/** What a process stands in. */
export interface ProcessPlace {
  readonly timeline: Timeline;
  readonly network: VirtualNetwork;
  readonly dns: VirtualDns;
  readonly disk: Disk;
  readonly log: ServerLog;
}

/** One life of the server after the other. */
export class ServerProcess {
  private running: Host | undefined = undefined;
  private sockets: ProcessNetwork | undefined = undefined;

  constructor(private readonly place: ProcessPlace) {}

  /** The host that the plugins run in. */
  get host(): Host {
    if (this.running === undefined) throw new Error('the server is not running');
    return this.running;
  }

  /** Throws what booting throws. */
  async start(config: ServerConfig): Promise<void> {
    const { timeline, network, dns, disk, log } = this.place;
    const clock = timeline.server;
    const store = await disk.open(clock);
    timeline.otherActivity = () => disk.activity;
    timeline.isWaitedFor = () => disk.isBusy;
    this.sockets = new ProcessNetwork(network.machine(SERVER_HOST));
    const started = startServer(config, { clock, logger: log.open(), store, network: this.sockets, dns });
    this.running = await timeline.untilStuck(started, START_MS);
  }

  /** Closes it, if it runs. */
  async stop(): Promise<void> {
    if (this.running !== undefined) await this.place.timeline.through(this.running.close(), CLOSE_MS);
    this.running = undefined;
  }

  /** It says nothing to anybody, and writes nothing more. Connections break. */
  async kill(): Promise<void> {
    const { host } = this;
    const { timeline, disk } = this.place;
    this.sockets?.die();
    const clock = timeline.loseServer();
    this.running = undefined;
    await disk.close();
    await bury(host, clock);
  }
}
