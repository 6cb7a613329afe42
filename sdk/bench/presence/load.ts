/** The load process of presence: clients that publish and watch. Takes commands on its standard input, answers each with a line of JSON. */
import { createInterface } from 'node:readline';
import { PresenceClient } from './client.ts';
import { Peer } from './peer.ts';
import type { Command, PeerPlan, PeerReport } from './plan.ts';

const AT_ONCE = 32;

/** @param json a {@link PeerPlan} */
export async function main(json: string): Promise<void> {
  const load = await Load.start(JSON.parse(json) as PeerPlan);
  for await (const line of createInterface({ input: process.stdin })) {
    const report = await load.run(JSON.parse(line) as Command);
    process.stdout.write(`${JSON.stringify(report)}\n`);
  }
  load.close();
}

/** What the requests of one command came to. */
class Outcome {
  readonly times: number[] = [];
  failed = 0;
  reason = '';

  async of(request: Promise<string | undefined>): Promise<void> {
    const begun = performance.now();
    const failure = await request;
    if (failure === undefined) this.times.push(performance.now() - begun);
    else {
      this.failed++;
      this.reason ||= failure;
    }
  }
}

class Load {
  private readonly clients = new Map<number, PresenceClient>();
  /** What came of publications beside the commands. */
  private outcome = new Outcome();
  private changing: ReturnType<typeof setInterval> | undefined = undefined;

  private constructor(private readonly peers: readonly Peer[]) {}

  static async start({ port, connections }: PeerPlan): Promise<Load> {
    return new Load(await Promise.all(Array.from({ length: connections }, () => Peer.open(port))));
  }

  async run(command: Command): Promise<PeerReport> {
    const outcome = new Outcome();
    this.outcome = outcome;
    const [notifications, notificationBytes] = this.received();
    const [started, cpu] = [performance.now(), process.cpuUsage()];
    await this.obey(command, outcome);
    const seconds = (performance.now() - started) / 1000;
    const { user, system } = process.cpuUsage(cpu);
    const times = outcome.times.sort((a, b) => a - b);
    const quantile = (part: number): number => times[Math.min(times.length - 1, Math.floor(times.length * part))] ?? 0;
    const [allNotifications, allBytes] = this.received();
    return {
      completed: times.length,
      failed: outcome.failed,
      reason: outcome.reason,
      seconds,
      p50: quantile(0.5),
      p99: quantile(0.99),
      notifications: allNotifications - notifications,
      notificationBytes: allBytes - notificationBytes,
      load: (user + system) / 1e6 / seconds,
    };
  }

  close(): void {
    clearInterval(this.changing);
    for (const peer of this.peers) peer.close();
  }

  private async obey(command: Command, outcome: Outcome): Promise<void> {
    switch (command.do) {
      case 'register':
        await each(numbers(command.first, command.count), AT_ONCE, (number) => outcome.of(this.client(number).register()));
        break;
      case 'watch': {
        const contacts = numbers(command.contact, command.contacts);
        await each(numbers(command.first, command.count), AT_ONCE, (number) => outcome.of(this.client(number).watch(contacts)));
        break;
      }
      case 'publish': {
        const until = performance.now() + command.seconds * 1000;
        await each(again(numbers(command.first, command.count), until), command.atOnce, (number) =>
          outcome.of(this.client(number).publish()),
        );
        break;
      }
      case 'change':
        this.change(command.first, command.count, command.perSecond);
        break;
      case 'count':
        await new Promise((resolve) => setTimeout(resolve, command.seconds * 1000));
    }
  }

  private change(first: number, count: number, perSecond: number): void {
    clearInterval(this.changing);
    if (perSecond === 0) return;
    let next = 0;
    this.changing = setInterval(() => {
      void this.outcome.of(this.client(first + (next++ % count)).publish());
    }, 1000 / perSecond);
  }

  private client(number: number): PresenceClient {
    let client = this.clients.get(number);
    if (client === undefined) {
      const peer = this.peers[number % this.peers.length];
      if (peer === undefined) throw new RangeError('there is no connection');
      client = new PresenceClient(number, peer);
      this.clients.set(number, client);
    }
    return client;
  }

  private received(): [notifications: number, bytes: number] {
    return this.peers.reduce(([count, sum], { received }) => [count + received.notifications, sum + received.bytes], [0, 0]);
  }
}

function numbers(first: number, count: number): readonly number[] {
  return Array.from({ length: count }, (_, i) => first + i);
}

/** Round and round until the time is over. */
function* again(items: readonly number[], until: number): Generator<number> {
  while (performance.now() < until) for (const item of items) if (performance.now() < until) yield item;
}

/** So many at once; one item is never under way twice as long as there are more items than that. */
async function each(items: Iterable<number>, atOnce: number, work: (item: number) => Promise<void>): Promise<void> {
  const iterator = items[Symbol.iterator]();
  const worker = async (): Promise<void> => {
    for (let next = iterator.next(); next.done !== true; next = iterator.next()) await work(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
