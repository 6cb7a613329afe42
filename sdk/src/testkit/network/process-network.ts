/** The network as one process has it, with everything open that goes when the process is killed. */
import type { Socket as DatagramSocket } from 'node:dgram';
import type { EventEmitter } from 'node:events';
import type { Server, Socket } from 'node:net';
import type { Network } from '@parley/core';

/** A port at which nobody listens. */
const REFUSED = 0;

/** Sockets of one process. */
export class ProcessNetwork implements Network {
  private readonly ends = new Map<EventEmitter, () => void>();
  private dead = false;

  constructor(private readonly machine: Network) {}

  get encrypts(): boolean {
    return this.machine.encrypts;
  }

  datagramSocket(family: 4 | 6): DatagramSocket {
    const socket = this.machine.datagramSocket(family);
    this.ends.set(socket, () => socket.close(() => undefined));
    return socket;
  }

  streamServer(accept: (socket: Socket) => void): Server {
    const server = this.machine.streamServer((socket) => accept(this.keep(socket)));
    this.ends.set(server, () => void server.close());
    return server;
  }

  connect(host: string, port: number): Socket {
    return this.dead ? this.machine.connect(host, REFUSED) : this.keep(this.machine.connect(host, port));
  }

  /** The process is killed: its sockets are gone, and it hears nothing of that itself. */
  die(): void {
    this.dead = true;
    for (const [socket, end] of this.ends) {
      socket.removeAllListeners();
      end();
    }
    this.ends.clear();
  }

  private keep(socket: Socket): Socket {
    this.ends.set(socket, () => void socket.destroy());
    socket.once('close', () => this.ends.delete(socket));
    return socket;
  }
}
