/** Where torture messages are sent: a server, an endpoint that it may forward to, and the sockets that answers come back to. */
import { createSocket } from 'node:dgram';
import { OPEN, ParleyServer } from '../server.ts';
import { Inbox, StreamPeer, UdpPeer, ask } from '../peer.ts';
import { method, readMessage, reply, request, status, unique, value } from '../wire.ts';
import type { WireMessage } from '../wire.ts';
import type { Observed, TortureCase } from './case.ts';

/** Most messages name no port in their Via, and 18.2.2 then sends answers to 5060: so the tester lives on an address of its own. */
const TESTER = '127.44.75.1';
const ENDPOINT = '127.44.75.2';
/** quotbal names 5050. */
const TESTER_PORTS = [5060, 5050];
/** Route in mpart01: the server listens there, so that the route is its own. */
const ROUTE_PORT = 5080;

const DOMAINS = [
  'example.com',
  'example.org',
  'example.net',
  'chair-dnrc.example.com',
  'registrar.example.com',
  'company.com',
  '2001:db8::10',
];
const FINAL_MS = 4000;

/** One server with its surroundings. */
export class TortureBed {
  readonly #server: ParleyServer;
  readonly #testers: readonly UdpPeer[];
  readonly #endpoint: UdpPeer;
  /** Everything that came back to the tester over UDP. */
  readonly #inbox = new Inbox();

  private constructor(server: ParleyServer, testers: readonly UdpPeer[], endpoint: UdpPeer) {
    this.#server = server;
    this.#testers = testers;
    this.#endpoint = endpoint;
    for (const tester of testers) tester.onMessage = (m) => this.#inbox.push(m);
    endpoint.onMessage = (m) => this.#answer(m);
  }

  static async start(plugins: Readonly<Record<string, object>> = OPEN): Promise<TortureBed> {
    const free = await isFree(ROUTE_PORT);
    const listen = free ? [{ transport: 'udp', host: '127.0.0.1', port: ROUTE_PORT, advertise: '127.0.0.1' }] : [];
    const server = await ParleyServer.start({ domains: DOMAINS, fqdn: 'services.example.com', plugins, listen });
    const testers = await Promise.all(TESTER_PORTS.map((port) => UdpPeer.open(server.udp, TESTER, port)));
    return new TortureBed(server, testers, await UdpPeer.open(server.udp, ENDPOINT));
  }

  get alive(): boolean {
    return this.#server.alive;
  }

  get log(): string {
    return this.#server.log;
  }

  /** Registers the endpoint for an address. */
  async register(aor: string): Promise<void> {
    const domain = aor.slice(aor.lastIndexOf('@') + 1);
    const response = await ask(this.#endpoint, {
      method: 'REGISTER',
      uri: `sip:${domain}`,
      to: `<${aor}>`,
      from: `<${aor}>;tag=${unique()}`,
      headers: [`Contact: <sip:endpoint@${ENDPOINT}:${this.#endpoint.port}>`, 'Expires: 600'],
    });
    if (status(response) !== 200) throw new Error(`the endpoint could not register ${aor}: ${response.startLine}`);
  }

  /** Sends one message as a datagram and sees what comes of it. */
  async overUdp(bytes: Buffer, one: TortureCase): Promise<Observed> {
    this.#inbox.clear();
    this.#endpoint.inbox.clear();
    this.#testers[0]?.send(bytes);
    await this.#settled(this.#inbox, one, () => this.#pingUdp());
    return this.#observed(bytes, this.#inbox, false);
  }

  /** Sends one message on a connection of its own. */
  async overTcp(bytes: Buffer, one: TortureCase): Promise<Observed> {
    this.#endpoint.inbox.clear();
    const peer = await StreamPeer.tcp(this.#server.tcp, TESTER);
    try {
      peer.send(bytes);
      await this.#settled(peer.inbox, one, () => this.#pingUdp());
      if (typeof one.onStream === 'object' && one.onStream.closes === true) await peer.closed().catch(() => undefined);
      return this.#observed(bytes, peer.inbox, !peer.open);
    } finally {
      peer.close();
    }
  }

  /** The next request that is forwarded to the endpoint is answered with this start line and these fields instead of 200 OK. */
  answerNextWith: { readonly startLine: string; readonly headers: readonly string[] } | undefined;

  /** A MESSAGE of ours to a registered user; resolves to everything that comes back within the time. */
  async message(to: string, ms: number): Promise<WireMessage[]> {
    const tester = this.#testers[0];
    if (tester === undefined) throw new Error('no tester');
    this.#inbox.clear();
    const callId = unique();
    tester.send(request({ method: 'MESSAGE', uri: to, via: tester.via, callId }));
    await this.#inbox.wait((m) => status(m) >= 200 && value(m, 'Call-ID') === callId, 'a final response', ms).catch(() => undefined);
    return this.#inbox.messages.filter((m) => value(m, 'Call-ID') === callId);
  }

  async stop(): Promise<void> {
    for (const peer of [...this.#testers, this.#endpoint]) peer.close();
    await this.#server.stop();
  }

  /** A final response, or, where none is due, an answer to something sent later: by then the message has been dealt with. */
  async #settled(inbox: Inbox, one: TortureCase, ping: () => Promise<void>): Promise<void> {
    const { statuses, forwarded } = one.expected;
    if (statuses !== undefined || forwarded !== undefined) {
      await inbox.wait(isFinal, 'a final response', one.onStream === undefined ? FINAL_MS : 1000).catch(() => undefined);
    }
    await ping();
  }

  async #pingUdp(): Promise<void> {
    const peer = await UdpPeer.open(this.#server.udp);
    try {
      await ask(peer, { method: 'OPTIONS', uri: 'sip:services.example.com' });
    } finally {
      peer.close();
    }
  }

  #observed(bytes: Buffer, inbox: Inbox, closed: boolean): Observed {
    return {
      sent: readMessage(bytes),
      forwarded: this.#endpoint.inbox.messages.find((m) => status(m) === 0 && method(m) !== 'ACK'),
      response: inbox.messages.find(isFinal),
      closed,
    };
  }

  #answer(message: WireMessage): void {
    if (status(message) > 0 || method(message) === 'ACK') return;
    const special = this.answerNextWith;
    this.answerNextWith = undefined;
    const contact = method(message) === 'INVITE' ? [`Contact: <sip:endpoint@${ENDPOINT}:${this.#endpoint.port}>`] : [];
    if (special !== undefined) this.#endpoint.send(reply(message, special.startLine, special.headers));
    const overlarge = special !== undefined && !special.startLine.startsWith('SIP/2.0 200');
    if (special === undefined || overlarge) this.#endpoint.send(reply(message, 'SIP/2.0 200 OK', contact));
  }
}

function isFinal(message: WireMessage): boolean {
  return status(message) >= 200;
}

function isFree(port: number): Promise<boolean> {
  const socket = createSocket('udp4');
  return new Promise((resolve) => {
    socket.once('error', () => resolve(false));
    socket.bind(port, '127.0.0.1', () => socket.close(() => resolve(true)));
  });
}
