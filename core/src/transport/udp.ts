/** The UDP listener, and flows from it. RFC 3261 section 18, RFC 3581. */
import type { RemoteInfo, Socket } from 'node:dgram';
import { isIPv4, isIPv6 } from 'node:net';
import { advertisedAddress, plainAddress } from './addresses.ts';
import { TransportErrors } from './errors.ts';
import type { Address, TransportName } from './flow.ts';
import type { Intake, Source } from './intake.ts';
import { listenError } from './listen-error.ts';
import type { Listener, ListenerSpec } from './listener.ts';
import type { Network } from './network.ts';
import type { TransportLimits, TransportLog } from './options.ts';
import type { Counters, TransportCounters } from './stats.ts';

const DEFAULT_BUFFER_BYTES = 4_194_304;
/** The most that an IPv4 datagram carries: 65,535 less the IP and UDP headers. */
const MAX_DATAGRAM = 65_507;

/** What a UDP listener needs of its layer. */
export interface UdpHome {
  readonly limits: TransportLimits;
  readonly counters: Counters;
  readonly intake: Intake;
  readonly log: TransportLog;
  readonly network: Network;
}

export class UdpListener implements Listener {
  address: Address;
  advertised: Address;
  readonly counters: TransportCounters;
  isOpen = false;
  private readonly socket: Socket;
  private readonly isIPv6: boolean;
  /** Bytes may wait in the socket: the last look at its queue found some. */
  private congested = false;

  /** @throws TRANSPORT_ADVERTISE */
  constructor(
    readonly spec: ListenerSpec,
    private readonly home: UdpHome,
  ) {
    this.address = { host: spec.host, port: spec.port };
    this.advertised = advertisedAddress(spec.advertise, this.address);
    this.counters = home.counters.transports.UDP;
    this.isIPv6 = isIPv6(spec.host);
    this.socket = home.network.datagramSocket(this.isIPv6 ? 6 : 4);
    this.socket.on('message', (bytes, from) => this.receive(bytes, from));
  }

  get transport(): TransportName {
    return 'UDP';
  }

  get connections(): number {
    return 0;
  }

  /** @throws what listenError makes of the system's error */
  async listen(): Promise<void> {
    const { host, port } = this.spec;
    await new Promise<void>((resolve, reject) => {
      this.socket.once('error', (error) => reject(listenError(this.spec, error)));
      this.socket.bind({ address: host, port, exclusive: true }, resolve);
    });
    this.isOpen = true;
    this.address = { host, port: this.socket.address().port };
    this.advertised = advertisedAddress(this.spec.advertise, this.address);
    this.socket.removeAllListeners('error');
    this.socket.on('error', (error) =>
      this.home.log.warn({ err: error, address: this.address }, `the UDP socket reported an error: ${error.message}`),
    );
    this.enlargeBuffers(this.spec.bufferBytes ?? DEFAULT_BUFFER_BYTES);
  }

  setTls(): void {
    throw TransportErrors.TRANSPORT_NOT_TLS({ transport: 'UDP' });
  }

  close(): Promise<void> {
    if (!this.isOpen) return Promise.resolve();
    this.isOpen = false;
    return new Promise((resolve) => this.socket.close(resolve));
  }

  /** Can this socket send to that address? */
  reaches(host: string): boolean {
    return this.isIPv6 ? isIPv6(host) || (this.spec.host === '::' && isIPv4(host)) : isIPv4(host);
  }

  /** False when it was not sent, for lack of room or because it is larger than a datagram can be. */
  send(bytes: Buffer, host: string, port: number): boolean {
    if (!this.isOpen || bytes.length === 0) return false;
    if (bytes.length > MAX_DATAGRAM) {
      this.home.counters.drop('udpTooLarge');
      return false;
    }
    if (this.isFull()) {
      this.home.counters.drop('udpQueue');
      return false;
    }
    // Without a callback: errors of datagrams are losses, and retransmission is what mends losses.
    this.socket.send(bytes, port, this.isIPv6 && isIPv4(host) ? `::ffff:${host}` : host);
    this.counters.messagesOut++;
    this.counters.bytesOut += bytes.length;
    return true;
  }

  /** Asks for the queue's size only every so often while there is nothing in it. */
  private isFull(): boolean {
    if (!this.congested && (this.counters.messagesOut & 15) !== 0) return false;
    const waiting = this.socket.getSendQueueSize();
    this.congested = waiting > 0;
    return waiting > this.home.limits.maxUdpQueueBytes;
  }

  private receive(bytes: Buffer, from: RemoteInfo): void {
    this.counters.bytesIn += bytes.length;
    this.home.intake.receive(bytes, new UdpFlow(this, { host: plainAddress(from.address), port: from.port }));
  }

  private enlargeBuffers(bytes: number): void {
    try {
      this.socket.setRecvBufferSize(bytes);
      this.socket.setSendBufferSize(bytes);
      // Linux tells twice what it grants, for its own bookkeeping.
      const granted = this.socket.getRecvBufferSize() / (process.platform === 'linux' ? 2 : 1);
      if (granted >= bytes) return;
      this.home.log.info(
        { address: this.address, asked: bytes, granted },
        'the kernel grants a smaller UDP receive buffer than asked for; raise net.core.rmem_max',
      );
    } catch (error) {
      this.home.log.info({ err: error, address: this.address }, 'the UDP buffers keep their size');
    }
  }
}

/** A remote address seen from a UDP listener. One is made for each datagram. */
export class UdpFlow implements Source {
  authenticated = false;
  trusted = false;
  private answerPort: number;

  constructor(
    readonly listener: UdpListener,
    readonly remote: Address,
  ) {
    this.answerPort = remote.port;
  }

  get id(): number {
    return 0;
  }

  get transport(): TransportName {
    return 'UDP';
  }

  get reliable(): boolean {
    return false;
  }

  get secure(): boolean {
    return false;
  }

  get local(): Address {
    return this.listener.address;
  }

  get tlsPeer(): string {
    return '';
  }

  get open(): boolean {
    return this.listener.isOpen;
  }

  get counters(): TransportCounters {
    return this.listener.counters;
  }

  get viaStamp(): string {
    return '';
  }

  hasTlsName(): boolean {
    return false;
  }

  /** There is no connection to be reused. */
  offerAlias(): void {}

  answerAt(port: number): void {
    if (port > 0) this.answerPort = port;
  }

  write(bytes: Buffer): boolean {
    return this.listener.send(bytes, this.remote.host, this.answerPort);
  }

  /** Nothing to close. */
  close(): void {}
}
