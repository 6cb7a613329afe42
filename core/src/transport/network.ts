/** Where the transport layer gets its sockets: from the operating system, or for tests from a network in memory. */
import { createSocket, type Socket as DatagramSocket } from 'node:dgram';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** What makes sockets. Each behaves as Node's does: events, back-pressure, order of calls. */
export interface Network {
  /** False: connections of secure listeners, and those that we open to them, carry plain bytes; nobody is certified then. */
  readonly encrypts: boolean;
  /** A UDP socket, not bound yet. It sends to IP literals of its family only. */
  datagramSocket(family: 4 | 6): DatagramSocket;
  /** A server of stream connections, not listening yet. */
  streamServer(accept: (socket: Socket) => void): Server;
  /** A stream connection under way; it says `connect`, or `error`. @param host IP literal */
  connect(host: string, port: number): Socket;
}

/** The machine's own network. */
export const SYSTEM_NETWORK: Network = {
  encrypts: true,
  // Destinations are IP literals always; the usual look-up would put each datagram off to a later turn.
  datagramSocket: (family) => createSocket({ type: `udp${family}`, lookup: (host, _options, done) => done(null, host, family) }),
  streamServer: (accept) => createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, accept),
  connect: (host, port) => connect({ host, port, noDelay: true, keepAlive: true, allowHalfOpen: true }),
};
