/** Opens connections to other servers. RFC 3261 section 18.1.1, RFC 5922 (whose certificate is accepted). */
import { isIP, type Socket, type TcpNetConnectOpts } from 'node:net';
import { checkServerIdentity, connect as connectTls, type ConnectionOptions, type SecureContext } from 'node:tls';
import type { Clock } from '../clock/index.ts';
import { hostPort } from './addresses.ts';
import { TransportErrors } from './errors.ts';
import type { Destination } from './flow.ts';
import type { Network } from './network.ts';

/** Codes by which Node and OpenSSL say that a certificate was not to their liking. */
const CERTIFICATE_TROUBLE = /CERT|SELF_SIGNED|UNABLE_TO|ALTNAME|CRL/;

/** How a connection is opened. */
export interface ConnectSettings {
  readonly clock: Clock;
  readonly network: Network;
  readonly timeoutMs: number;
  /** For TLS: what is trusted, and the certificate that is shown. */
  secureContext(): SecureContext;
}

/**
 * Opens a TCP or TLS connection; it is ready to be written to when the promise resolves.
 * @throws TRANSPORT_CONNECT_FAILED, TRANSPORT_CONNECT_TIMEOUT, TRANSPORT_TLS_UNVERIFIED, TRANSPORT_UNSUPPORTED
 */
export function openSocket(destination: Destination, settings: ConnectSettings): Promise<Socket> {
  const where = describe(destination);
  if (destination.transport !== 'TCP' && destination.transport !== 'TLS') {
    return Promise.reject(
      TransportErrors.TRANSPORT_UNSUPPORTED({ destination: where, reason: 'only TCP and TLS connections are opened from here' }),
    );
  }
  return new Promise((resolve, reject) => {
    const { network } = settings;
    const isPlain = destination.transport === 'TCP' || !network.encrypts;
    const socket = isPlain ? network.connect(destination.host, destination.port) : openTls(destination, settings.secureContext());
    const timer = settings.clock.timers.start(settings.timeoutMs, () => {
      socket.destroy();
      reject(TransportErrors.TRANSPORT_CONNECT_TIMEOUT({ destination: where, ms: settings.timeoutMs }));
    });
    const ended = (error?: NodeJS.ErrnoException): void => {
      settings.clock.timers.cancel(timer);
      reject(connectError(destination, error));
    };
    socket.once('error', ended);
    socket.once('close', ended);
    socket.once(isPlain ? 'connect' : 'secureConnect', () => {
      settings.clock.timers.cancel(timer);
      socket.off('error', ended);
      socket.off('close', ended);
      resolve(socket);
    });
  });
}

/** `TLS 192.0.2.1:5061 (example.com)`. */
export function describe({ transport, host, port, serverName }: Destination): string {
  const name = serverName === undefined || serverName === host ? '' : ` (${serverName})`;
  return `${transport} ${hostPort(host, port)}${name}`;
}

function openTls({ host, port, serverName = host }: Destination, secureContext: SecureContext): Socket {
  const options: ConnectionOptions & TcpNetConnectOpts = {
    host,
    port,
    secureContext,
    // RFC 6066: only host names are indicated.
    servername: isIP(serverName) === 0 ? serverName : '',
    checkServerIdentity: (_name, certificate) => checkServerIdentity(serverName, certificate),
    noDelay: true,
    keepAlive: true,
    allowHalfOpen: true,
  };
  return connectTls(options);
}

function connectError(destination: Destination, error: NodeJS.ErrnoException | undefined): Error {
  const slots = {
    destination: describe(destination),
    reason: error?.message ?? 'the peer closed the connection',
    serverName: destination.serverName ?? destination.host,
  };
  const detail = { cause: error };
  if (error?.code !== undefined && CERTIFICATE_TROUBLE.test(error.code)) return TransportErrors.TRANSPORT_TLS_UNVERIFIED(slots, detail);
  return TransportErrors.TRANSPORT_CONNECT_FAILED(slots, detail);
}
