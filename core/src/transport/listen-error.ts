/** What the operating system says when an address cannot be bound, in the operator's words. */
import type { ParleyError } from '../errors/index.ts';
import { hostPort } from './addresses.ts';
import { TransportErrors } from './errors.ts';
import type { ListenerSpec } from './listener.ts';

/** The error to throw for an address that could not be bound. */
export function listenError(spec: ListenerSpec, error: NodeJS.ErrnoException): ParleyError {
  const slots = { transport: spec.transport, address: hostPort(spec.host, spec.port), port: spec.port, reason: error.message };
  const detail = { cause: error };
  switch (error.code) {
    case 'EADDRINUSE':
      return TransportErrors.TRANSPORT_ADDRESS_IN_USE(slots, detail);
    case 'EACCES':
    case 'EPERM':
      return TransportErrors.TRANSPORT_PORT_FORBIDDEN(slots, detail);
    case 'EADDRNOTAVAIL':
      return TransportErrors.TRANSPORT_ADDRESS_UNAVAILABLE(slots, detail);
    default:
      return TransportErrors.TRANSPORT_LISTEN_FAILED(slots, detail);
  }
}
