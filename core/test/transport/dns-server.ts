/** A DNS server on 127.0.0.1 that knows what a test tells it. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import * as packets from 'dns-packet';
import { onTestFinished } from 'vitest';

interface Answer {
  readonly type: 'A' | 'AAAA' | 'SRV' | 'NAPTR';
  readonly name: string;
  readonly ttl?: number;
  readonly data: unknown;
}

export class DnsServer {
  /** Every question, as `TYPE name`. */
  readonly asked: string[] = [];
  /** Names that get SERVFAIL. */
  readonly failing = new Set<string>();
  private records: Answer[] = [];
  private readonly socket = createSocket('udp4');

  private constructor() {
    this.socket.on('message', (bytes, from) => this.socket.send(this.answer(bytes), from.port, from.address));
    onTestFinished(() => void this.socket.close());
  }

  static start(...records: Answer[]): Promise<DnsServer> {
    return DnsServer.startAt('127.0.0.1', 0, ...records);
  }

  /** For programs that ask on port 53 only. */
  static async startAt(host: string, port: number, ...records: Answer[]): Promise<DnsServer> {
    const server = new DnsServer();
    server.records = records;
    server.socket.bind(port, host);
    await once(server.socket, 'listening');
    return server;
  }

  /** For systemDns. */
  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  set(...records: Answer[]): void {
    this.records = records;
  }

  private answer(bytes: Buffer): Buffer {
    const query = packets.decode(bytes);
    const question = query.questions?.[0];
    const name = question?.name.toLowerCase() ?? '';
    this.asked.push(`${question?.type} ${name}`);
    const answers = this.records.filter((r) => r.type === question?.type && r.name === name).map((r) => ({ ttl: 300, ...r }));
    const known = this.records.some((r) => r.name === name);
    const code = this.failing.has(name) ? 2 : known ? 0 : 3;
    return packets.encode({
      type: 'response',
      id: query.id ?? 0,
      flags: packets.RECURSION_DESIRED | packets.RECURSION_AVAILABLE | code,
      questions: query.questions ?? [],
      answers,
    });
  }
}

export function a(name: string, data: string, ttl = 300): Answer {
  return { type: 'A', name, data, ttl };
}

export function aaaa(name: string, data: string): Answer {
  return { type: 'AAAA', name, data };
}

export function srv(name: string, target: string, port: number, priority = 0, weight = 0): Answer {
  return { type: 'SRV', name, data: { target, port, priority, weight } };
}

export function naptr(name: string, order: number, services: string, replacement: string, flags = 's'): Answer {
  return { type: 'NAPTR', name, data: { order, preference: 0, flags, services, regexp: '', replacement } };
}
