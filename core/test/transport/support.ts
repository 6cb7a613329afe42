/** A transport layer on 127.0.0.1 and the raw ends that talk to it. */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type ConnectionOptions } from 'node:tls';
import { onTestFinished } from 'vitest';
import { FakeClock } from '../../src/clock/index.ts';
import type { SipRequest, SipResponse } from '../../src/sip/index.ts';
import { SipResponse as Response } from '../../src/sip/index.ts';
import {
  TransportLayer,
  type Flow,
  type Inbound,
  type Listener,
  type ListenerSpec,
  type TransportLimits,
  type TransportOptions,
} from '../../src/transport/index.ts';

export function fixture(name: string): string {
  return readFileSync(new URL(`fixtures/${name}`, import.meta.url), 'utf8');
}

export const CA = fixture('ca.pem');
export const SERVER_TLS = { certificate: fixture('server.pem'), key: fixture('server.key') };
export const PEER_TLS = { certificate: fixture('peer.pem'), key: fixture('peer.key') };
export const STRANGER_TLS = { certificate: fixture('stranger.pem'), key: fixture('stranger.key') };

/** A layer with a fake clock that keeps what it received and logged. */
export class Station {
  readonly clock = new FakeClock();
  readonly log: { level: string; fields: Record<string, unknown>; message: string }[] = [];
  readonly received: Inbound[] = [];
  readonly closed: { flow: Flow; reason: string }[] = [];
  readonly layer: TransportLayer;
  private readonly waiting: (() => void)[] = [];

  constructor(options: Partial<Omit<TransportOptions, 'limits'>> & { limits?: Partial<TransportLimits> } = {}) {
    const at = (level: string) => (fields: object, message: string) =>
      void this.log.push({ level, fields: fields as Record<string, unknown>, message });
    const log = { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
    this.layer = new TransportLayer({ clock: this.clock, log, ...options });
    this.layer.onMessage = (inbound) => {
      this.received.push(inbound);
      this.changed();
    };
    this.layer.onFlowClosed((flow, reason) => {
      this.closed.push({ flow, reason });
      this.changed();
    });
    onTestFinished(() => this.stop());
  }

  listen(transport: ListenerSpec['transport'], spec: Partial<ListenerSpec> = {}): Promise<Listener> {
    const tls = transport === 'TLS' || transport === 'WSS' ? { tls: SERVER_TLS } : {};
    return this.layer.listen({ transport, host: '127.0.0.1', port: 0, ...tls, ...spec });
  }

  /** Answers every request with 200. */
  answering(): this {
    this.layer.onMessage = (inbound) => {
      this.received.push(inbound);
      if (inbound.message.isRequest) this.layer.send(Response.reply(inbound.message, 200), inbound.flow);
      this.changed();
    };
    return this;
  }

  /** Waits until something is so; looked at whenever a message came or a connection closed. */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** The nth message received, counted from 0. */
  async message(n = 0): Promise<Inbound> {
    await this.until(() => this.received.length > n);
    return this.received[n] as Inbound;
  }

  async request(n = 0): Promise<Inbound<SipRequest>> {
    return (await this.message(n)) as Inbound<SipRequest>;
  }

  async response(n = 0): Promise<Inbound<SipResponse>> {
    return (await this.message(n)) as Inbound<SipResponse>;
  }

  lines(level: string): string[] {
    return this.log.filter((l) => l.level === level).map((l) => l.message);
  }

  private async stop(): Promise<void> {
    const closing = this.layer.close();
    this.clock.advance(60_000);
    await closing;
  }

  private changed(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** The other end of a stream, as bytes. */
export class Wire {
  text = '';
  ended = false;
  /** Chunks that came, to count the writes of the other side. */
  chunks = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(readonly socket: Socket) {
    onTestFinished(() => void socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
      this.chunks++;
      this.changed();
    });
    for (const event of ['end', 'close', 'error']) {
      socket.on(event, () => {
        this.ended = true;
        this.changed();
      });
    }
  }

  static async tcp(port: number, host = '127.0.0.1'): Promise<Wire> {
    const socket = connect({ port, host, noDelay: true });
    const wire = new Wire(socket);
    await once(socket, 'connect');
    return wire;
  }

  /** Verified against the test authority unless said otherwise. */
  static async tls(port: number, options: ConnectionOptions = {}): Promise<Wire> {
    const socket = connectTls({ port, host: '127.0.0.1', ca: CA, servername: 'localhost', ...options });
    const wire = new Wire(socket);
    await once(socket, 'secureConnect');
    return wire;
  }

  send(text: string | Buffer): this {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text);
    return this;
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Waits for text to have come, and returns all that came. */
  async receive(part: string): Promise<string> {
    await this.until(() => this.text.includes(part) || this.ended);
    return this.text;
  }

  /** Waits for the other side to close. */
  async close(): Promise<void> {
    await this.until(() => this.ended);
  }

  private changed(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }
}

/** A UDP socket on 127.0.0.1 that keeps what it received. */
export class Datagrams {
  readonly received: string[] = [];

  private constructor(
    readonly socket: UdpSocket,
    readonly port: number,
  ) {
    socket.on('message', (bytes) => this.received.push(bytes.toString('latin1')));
    onTestFinished(() => void socket.close());
  }

  static async open(): Promise<Datagrams> {
    const socket = createSocket('udp4');
    socket.bind(0, '127.0.0.1');
    await once(socket, 'listening');
    return new Datagrams(socket, socket.address().port);
  }

  send(text: string, port: number): void {
    this.socket.send(Buffer.from(text, 'latin1'), port, '127.0.0.1');
  }

  /** The nth datagram, counted from 0. */
  async receive(n = 0): Promise<string> {
    while (this.received.length <= n) await once(this.socket, 'message');
    return this.received[n] as string;
  }
}

/** Lines joined by CRLF, with the empty line at the end. */
export function sip(...lines: string[]): string {
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** An OPTIONS request; `via` without SIP/2.0/. */
export function options(via: string, extra: Readonly<Record<string, string>> = {}, body = ''): string {
  const headers: Record<string, string> = {
    Via: `SIP/2.0/${via}`,
    From: '<sip:alice@example.com>;tag=1',
    To: '<sip:bob@example.com>',
    'Call-ID': 'c1',
    CSeq: '1 OPTIONS',
    'Max-Forwards': '70',
    ...extra,
    'Content-Length': String(body.length),
  };
  return sip('OPTIONS sip:bob@example.com SIP/2.0', ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)) + body;
}
