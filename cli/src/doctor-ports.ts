/** Can the server listen where it is to listen? */
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Finding } from './finding.ts';

/** A port that is to be listened on. */
export interface ListeningPort {
  /** `tls`, `https`: how the finding calls it. */
  readonly transport: string;
  readonly host: string;
  readonly port: number;
}

/** @param running the server answers: the port is its own */
export async function checkPort(listener: ListeningPort, running: boolean): Promise<Finding> {
  const check = `port ${listener.transport} ${listener.host}:${listener.port}`;
  if (running || listener.port === 0) return { check, state: 'ok', found: running ? 'in use by the running server' : 'any free port' };
  const fault = await (listener.transport === 'udp' ? tryUdp(listener) : tryTcp(listener));
  if (fault === undefined) return { check, state: 'ok', found: 'free' };
  const fix =
    fault === 'EADDRINUSE'
      ? `Stop the program that uses it (ss -lnp | grep ${listener.port}), or choose another port.`
      : fault === 'EACCES'
        ? 'Ports below 1024 need a privilege: choose a higher one, or grant CAP_NET_BIND_SERVICE.'
        : 'Use an address of this machine, or 0.0.0.0 for all.';
  return { check, state: 'fail', found: fault, fix };
}

function tryTcp({ host, port }: ListeningPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}

function tryUdp({ host, port }: ListeningPort): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    socket.bind({ port, address: host, exclusive: true }, () => socket.close(() => resolve(undefined)));
  });
}
