/** A TCP connection that many clients share: their requests, the answers, and a count of the notifications. */
import { connect } from 'node:net';
import type { Socket } from 'node:net';

/** Since the connection was opened. */
export interface Received {
  notifications: number;
  bytes: number;
}

const HEAD_END = '\r\n\r\n';
const LENGTH = /\r\ncontent-length:[ \t]*(\d+)/i;
const CALL_ID = /\r\ncall-id:[ \t]*([^\r]*)/i;

export class Peer {
  readonly received: Received = { notifications: 0, bytes: 0 };
  private rest: Buffer = Buffer.alloc(0);
  private readonly waiting = new Map<string, (status: number, text: string) => void>();

  private constructor(private readonly socket: Socket) {
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.take(bytes));
    socket.on('error', () => this.lost());
    socket.on('close', () => this.lost());
  }

  static open(port: number): Promise<Peer> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1' });
      socket.once('error', reject);
      socket.once('connect', () => resolve(new Peer(socket)));
    });
  }

  /** Resolves with the final answer: its status and all of it as a byte string. 0: the connection was lost. */
  ask(callId: string, request: string): Promise<{ readonly status: number; readonly text: string }> {
    return new Promise((resolve) => {
      this.waiting.set(callId, (status, text) => resolve({ status, text }));
      this.socket.write(request, 'latin1');
    });
  }

  close(): void {
    this.socket.destroy();
  }

  private take(bytes: Buffer): void {
    const all = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
    let at = 0;
    for (;;) {
      const headEnd = all.indexOf(HEAD_END, at, 'latin1');
      if (headEnd < 0) break;
      const head = all.toString('latin1', at, headEnd);
      const end = headEnd + HEAD_END.length + Number(LENGTH.exec(head)?.[1] ?? 0);
      if (end > all.length) break;
      if (head.startsWith('SIP/2.0 ')) this.answer(head, all.toString('latin1', at, end));
      else {
        this.received.notifications++;
        this.received.bytes += end - at;
      }
      at = end;
    }
    this.rest = all.subarray(at);
  }

  private answer(head: string, text: string): void {
    const status = Number(head.slice(8, 11));
    const callId = CALL_ID.exec(head)?.[1] ?? '';
    if (status < 200) return;
    const resolve = this.waiting.get(callId);
    this.waiting.delete(callId);
    resolve?.(status, text);
  }

  private lost(): void {
    for (const resolve of this.waiting.values()) resolve(0, 'the connection was lost');
    this.waiting.clear();
  }
}
