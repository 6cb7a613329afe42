/** An in-memory network between SIP elements, driven by a fake clock: it loses, delays, reorders and duplicates what goes over UDP. */
import type { FakeClock } from '../../src/clock/index.ts';
import { DEFAULT_LIMITS, parseMessage } from '../../src/sip/index.ts';
import type { SipMessage } from '../../src/sip/index.ts';
import { Inbound } from '../../src/transport/index.ts';
import type { Address, Flow, Listener, TransportName } from '../../src/transport/index.ts';

export interface NetworkFaults {
  /** Part of the datagrams that get lost, 0 to 1. */
  readonly loss: number;
  /** Part of the datagrams that arrive twice, 0 to 1. */
  readonly duplication: number;
  /** Longest time on the way, in ms; each datagram takes a random one, so they overtake each other. */
  readonly maxDelayMs: number;
}

export const NO_FAULTS: NetworkFaults = { loss: 0, duplication: 0, maxDelayMs: 0 };

/** One message on its way, for assertions. */
export interface Transit {
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
  readonly lost: boolean;
}

/** What of the transport the layers under test use. */
export const serializing = { encode: (message: SipMessage): Buffer => message.serialize() };

/** A pseudo-random source with a seed, so that a failing run can be repeated. Values in [0, 1). */
export function seededRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One way of a connection or of a pair of UDP sockets, seen from the element that sends on it. */
export class NetworkFlow implements Flow {
  readonly secure: boolean;
  readonly tlsPeer = '';
  authenticated = true;
  trusted = false;
  open = true;
  /** The same flow seen from the other end. */
  opposite: NetworkFlow | undefined = undefined;
  private arrives = 0;

  constructor(
    private readonly network: LossyNetwork,
    readonly id: number,
    readonly transport: TransportName,
    readonly local: Address,
    readonly remote: Address,
    readonly listener: Listener | undefined,
  ) {
    this.secure = transport === 'TLS' || transport === 'WSS';
  }

  get reliable(): boolean {
    return this.transport !== 'UDP';
  }

  hasTlsName(): boolean {
    return false;
  }

  write(bytes: Buffer): boolean {
    if (!this.open) return false;
    this.network.carry(this, bytes);
    return true;
  }

  /** Closes both ends, and tells both elements. */
  close(): void {
    if (!this.open) return;
    this.open = false;
    const { opposite } = this;
    if (opposite !== undefined) opposite.open = false;
    this.network.closed(this);
    if (opposite !== undefined) this.network.closed(opposite);
  }

  /** Streams keep their order: nothing arrives before what was sent earlier. */
  arrivalAfter(at: number): number {
    this.arrives = Math.max(this.arrives, at);
    return this.arrives;
  }
}

/** An element on the network: a host and port that messages come to. */
export class Endpoint {
  onMessage: (inbound: Inbound) => void = () => undefined;
  onClosed: (flow: Flow) => void = () => undefined;

  constructor(
    readonly network: LossyNetwork,
    readonly address: Address,
  ) {}

  get name(): string {
    return `${this.address.host}:${this.address.port}`;
  }

  /** A flow to another element: a pair of UDP sockets, or a new connection that this element opens. */
  flowTo(other: Endpoint, transport: TransportName = 'UDP'): NetworkFlow {
    return this.network.connect(this, other, transport);
  }
}

export class LossyNetwork {
  /** Everything that was sent, in order. */
  readonly sent: Transit[] = [];
  private readonly endpoints = new Map<string, Endpoint>();
  private nextFlow = 1;

  constructor(
    readonly clock: FakeClock,
    public faults: NetworkFaults = NO_FAULTS,
    private readonly random: () => number = seededRandom(1),
  ) {}

  endpoint(host: string, port = 5060): Endpoint {
    const endpoint = new Endpoint(this, { host, port });
    this.endpoints.set(endpoint.name, endpoint);
    return endpoint;
  }

  connect(from: Endpoint, to: Endpoint, transport: TransportName): NetworkFlow {
    const id = transport === 'UDP' ? 0 : this.nextFlow++;
    const accepted = { spec: { transport, host: to.address.host, port: to.address.port } } as unknown as Listener;
    const there = new NetworkFlow(this, id, transport, from.address, to.address, undefined);
    const back = new NetworkFlow(this, id, transport, to.address, from.address, accepted);
    there.opposite = back;
    back.opposite = there;
    return there;
  }

  /** For flows: puts one message on its way. */
  carry(flow: NetworkFlow, bytes: Buffer): void {
    const lost = !flow.reliable && this.random() < this.faults.loss;
    const text = bytes.toString('latin1');
    this.sent.push({ at: this.clock.now(), from: name(flow.local), to: name(flow.remote), text, lost });
    if (lost) return;
    this.deliver(flow, bytes);
    if (!flow.reliable && this.random() < this.faults.duplication) this.deliver(flow, bytes);
  }

  /** For flows: tells the element at this end. */
  closed(flow: NetworkFlow): void {
    this.endpoints.get(name(flow.local))?.onClosed(flow);
  }

  /** First lines of what was sent from one element, with the time since `start` in ms. */
  log(from: Endpoint, start = 0): [ms: number, line: string][] {
    return this.sent.filter((one) => one.from === from.name).map((one) => [one.at - start, one.text.split('\r\n', 1)[0] ?? '']);
  }

  private deliver(flow: NetworkFlow, bytes: Buffer): void {
    const now = this.clock.now();
    const at = now + Math.floor(this.random() * this.faults.maxDelayMs);
    const arrival = flow.reliable ? flow.arrivalAfter(at) : at;
    this.clock.timers.start(arrival - now, () => this.arrive(flow, bytes));
  }

  private arrive(flow: NetworkFlow, bytes: Buffer): void {
    const back = flow.opposite;
    const endpoint = this.endpoints.get(name(flow.remote));
    if (back === undefined || endpoint === undefined) return;
    const parsed = parseMessage(bytes, DEFAULT_LIMITS);
    if (!parsed.ok) throw parsed.error;
    endpoint.onMessage(new Inbound(parsed.message, back));
  }
}

function name(address: Address): string {
  return `${address.host}:${address.port}`;
}
