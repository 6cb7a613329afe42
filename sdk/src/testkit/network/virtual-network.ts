/** A network in memory: machines by address, streams and datagrams between them, faults by seed. */
import type { Socket as DatagramSocket } from 'node:dgram';
import type { Server, Socket } from 'node:net';
import type { Address, Network } from '@parley/core';
import { Faults } from './faults.ts';
import type { NetworkFaults } from './faults.ts';
import { VirtualDatagrams, VirtualServer, VirtualSocket } from './sockets.ts';
import type { Carrier } from './sockets.ts';

/** Something on its way. */
interface Journey {
  readonly due: number;
  readonly from: string;
  readonly to: string;
  readonly arrive: () => void;
}

/** Told of everything that is sent, when it is sent. */
export interface Tap {
  datagram(from: Address, to: Address, bytes: Buffer, arrives: boolean): void;
  /** `stream` is the same object for all pieces of one direction of one connection. */
  piece(stream: object, from: Address, to: Address, bytes: Buffer): void;
}

const FIRST_FREE_PORT = 49_152;

/** What a test may do to the network while it runs. */
export class VirtualNetwork implements Carrier {
  /** Grows with everything that is sent and everything that arrives. */
  activity = 0;
  private readonly faults: Faults;
  private journeys: Journey[] = [];
  private readonly cutOff = new Set<string>();
  private held: Journey[] = [];
  private readonly bound = new Map<string, VirtualDatagrams | VirtualServer>();
  private readonly addresses = new Map<string, string>();
  private nextPort = FIRST_FREE_PORT;
  private arriving = false;

  /** @internal made by testServer */
  constructor(
    private readonly now: () => number,
    private readonly tap: Tap,
    faults: NetworkFaults = {},
  ) {
    this.faults = new Faults(faults);
  }

  /** Part of the datagrams that get lost, 0 to 1. */
  get loss(): number {
    return this.faults.loss;
  }

  set loss(part: number) {
    this.faults.loss = part;
  }

  /** Part of the datagrams that arrive twice, 0 to 1. */
  get duplication(): number {
    return this.faults.duplication;
  }

  set duplication(part: number) {
    this.faults.duplication = part;
  }

  /** Part of the datagrams that are overtaken by those sent up to 20 ms later, 0 to 1. */
  get reordering(): number {
    return this.faults.reordering;
  }

  set reordering(part: number) {
    this.faults.reordering = part;
  }

  /** Time on the way from now on: `'20ms'`, or `'5-30ms'` for one that varies. */
  setLatency(latency: number | string): void {
    this.faults.latency = latency;
  }

  /** Nothing comes from or to this endpoint, peer or address any more: datagrams are lost, streams stand still until `mend`. */
  cut(name: string): void {
    this.cutOff.add(this.addressOf(name));
  }

  /** The end of `cut`: what streams have held back arrives now. */
  mend(name: string): void {
    this.cutOff.delete(this.addressOf(name));
    const held = this.held;
    this.held = [];
    for (const journey of held) this.start(journey);
  }

  /** @internal gives an address a name for `cut` */
  name(host: string, name: string): void {
    this.addresses.set(name, host);
  }

  /** @internal the network as the machine with that address sees it */
  machine(host: string): Network {
    return {
      encrypts: false,
      // The transport layer uses what these classes have of Node's.
      datagramSocket: () => new VirtualDatagrams(this) as unknown as DatagramSocket,
      streamServer: (accept) => new VirtualServer(this, (socket) => accept(socket as unknown as Socket)) as unknown as Server,
      connect: (to, port) => this.connect(host, { host: to, port }) as unknown as Socket,
    };
  }

  /** @internal when the next thing arrives, by the network's clock; undefined when nothing is under way */
  nextArrival(): number | undefined {
    return this.journeys[0]?.due;
  }

  /** @internal lets everything arrive that is due */
  deliver(): void {
    if (this.arriving) return;
    this.arriving = true;
    const now = this.now();
    try {
      for (let first = this.journeys[0]; first !== undefined && first.due <= now; first = this.journeys[0]) {
        this.journeys.shift();
        this.activity++;
        first.arrive();
      }
    } finally {
      this.arriving = false;
    }
  }

  bind(kind: 'datagram' | 'stream', { host, port }: Address, owner: VirtualDatagrams | VirtualServer): number | undefined {
    const chosen = port === 0 ? this.nextPort++ : port;
    const key = `${kind} ${host} ${chosen}`;
    if (this.bound.has(key)) return undefined;
    this.bound.set(key, owner);
    return chosen;
  }

  unbind(kind: 'datagram' | 'stream', { host, port }: Address): void {
    this.bound.delete(`${kind} ${host} ${port}`);
  }

  datagram(from: Address, to: Address, bytes: Buffer): void {
    const times = this.isCut(from.host, to.host) ? [] : this.faults.datagram();
    this.tap.datagram(from, to, bytes, times.length > 0);
    this.activity++;
    for (const ms of times) {
      this.start({ due: this.now() + ms, from: from.host, to: to.host, arrive: () => this.hand(from, to, bytes) });
    }
  }

  stream(from: VirtualSocket, piece: Buffer | null | undefined): void {
    const { other, local, remote } = from;
    this.activity++;
    if (other === undefined) return;
    if (piece instanceof Buffer) this.tap.piece(from, local, remote, piece);
    from.lastArrival = Math.max(from.lastArrival, this.now() + this.faults.stream());
    const arrive = (): void => {
      if (piece === undefined) other.destroy();
      else if (!other.destroyed) other.push(piece);
    };
    this.start({ due: from.lastArrival, from: local.host, to: remote.host, arrive });
  }

  private connect(from: string, to: Address): VirtualSocket {
    const local = { host: from, port: this.nextPort++ };
    const socket = new VirtualSocket(this, local, to);
    const arrive = (): void => {
      if (socket.destroyed) return;
      const server = this.bound.get(`stream ${to.host} ${to.port}`);
      if (!(server instanceof VirtualServer)) {
        socket.destroy(Object.assign(new Error(`connect ECONNREFUSED ${to.host}:${to.port}`), { code: 'ECONNREFUSED' }));
        return;
      }
      const accepted = new VirtualSocket(this, to, local);
      socket.other = accepted;
      accepted.other = socket;
      server.accept(accepted);
      socket.emit('connect');
    };
    this.start({ due: this.now() + this.faults.stream(), from, to: to.host, arrive });
    return socket;
  }

  private hand(from: Address, to: Address, bytes: Buffer): void {
    this.bound.get(`datagram ${to.host} ${to.port}`)?.emit('message', bytes, { address: from.host, port: from.port, size: bytes.length });
  }

  /** Puts it into the order of arrival, behind what arrives at the same moment. */
  private start(journey: Journey): void {
    if (this.isCut(journey.from, journey.to)) {
      this.held.push(journey);
      return;
    }
    const due = Math.max(journey.due, this.now());
    const at = this.journeys.findIndex((other) => other.due > due);
    const timed = due === journey.due ? journey : { ...journey, due };
    if (at < 0) this.journeys.push(timed);
    else this.journeys.splice(at, 0, timed);
    if (due <= this.now()) setImmediate(() => this.deliver());
  }

  private isCut(from: string, to: string): boolean {
    return this.cutOff.size > 0 && (this.cutOff.has(from) || this.cutOff.has(to));
  }

  private addressOf(name: string): string {
    return this.addresses.get(name) ?? name;
  }
}
