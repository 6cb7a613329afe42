/** One client's TLS connection to the server: one request at a time, whole answers back. */
import { connect } from 'node:tls';
import type { TLSSocket } from 'node:tls';

/** An answer as far as a sign-in needs it. */
export interface Answer {
  readonly status: number;
  readonly head: string;
}

const PING = '\r\n\r\n';

export class Connection {
  private received = '';
  private lost: Error | undefined;
  private waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined;

  private constructor(private readonly socket: TLSSocket) {
    socket.setNoDelay(true);
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => this.take(text));
    socket.on('error', (error) => this.fail(error));
    socket.on('close', () => this.fail(new Error('the server closed the connection')));
  }

  static open(port: number): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, maxVersion: 'TLSv1.2' });
      socket.once('error', reject);
      socket.once('secureConnect', () => resolve(new Connection(socket)));
    });
  }

  /** Sends a request; resolves with its final answer. */
  ask(request: string): Promise<Answer> {
    const { lost } = this;
    if (lost !== undefined) return Promise.reject(lost);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.write(request, 'latin1');
    });
  }

  /** A keep-alive. RFC 5626 section 4.4.1 */
  ping(): void {
    this.socket.write(PING);
  }

  close(): void {
    this.socket.removeAllListeners('close');
    this.socket.destroy();
  }

  private take(text: string): void {
    this.received += text;
    for (;;) {
      if (this.received.startsWith('\r\n')) this.received = this.received.replace(/^(\r\n)+/, ''); // pongs
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return;
      const head = this.received.slice(0, end);
      const length = Number(/\r\ncontent-length:[ \t]*(\d+)/i.exec(head)?.[1] ?? 0);
      if (this.received.length < end + 4 + length) return;
      this.received = this.received.slice(end + 4 + length);
      const status = Number(head.slice(8, 11));
      if (!head.startsWith('SIP/2.0 ') || status < 200) continue; // requests of the server are not answered here
      const { waiting } = this;
      this.waiting = undefined;
      waiting?.resolve({ status, head });
    }
  }

  private fail(error: Error): void {
    this.lost ??= error;
    const { waiting } = this;
    this.waiting = undefined;
    waiting?.reject(error);
  }
}
