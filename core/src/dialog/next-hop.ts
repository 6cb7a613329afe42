/** The usual way out for requests of a dialog. RFC 3261 8.1.2 and 18.1.1, RFC 3263. */
import type { SipUri } from '../sip/index.ts';
import { exceedsDatagram, isRefusal, overTcp } from '../transport/index.ts';
import type { Destination, Flow, Resolver, TransportLayer } from '../transport/index.ts';
import type { NextHop } from './agent.ts';
import { DialogErrors } from './errors.ts';

/** What is added to a request of ours once its flow is known: a Via. */
const OWN_FIELDS = 200;

/**
 * A client that has connected to us is reached on its connection, or not at all; a server where its URI says, by the first of its
 * addresses that can be connected to.
 */
export function nextHopBy(
  transport: Pick<TransportLayer, 'connect' | 'flowFor'>,
  resolver: Pick<Resolver, 'resolve' | 'resolveNow'>,
): NextHop {
  return (next, last, request) => {
    if (last !== undefined && last.listener !== undefined && !last.trusted) {
      if (last.open) return last;
      throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw });
    }
    const known = resolver.resolveNow(next);
    const isLarge = (): boolean => exceedsDatagram(request, OWN_FIELDS);
    const [first] = known ?? [];
    const flow = first === undefined || (first.transport === 'UDP' && isLarge()) ? undefined : transport.flowFor(first);
    return flow ?? connectFirst(transport, known ?? resolver.resolve(next), next, isLarge);
  };
}

async function connectFirst(
  transport: Pick<TransportLayer, 'connect'>,
  destinations: readonly Destination[] | Promise<readonly Destination[]>,
  next: SipUri,
  isLarge: () => boolean,
): Promise<Flow> {
  let cause: unknown;
  for (const destination of await destinations) {
    try {
      const byTcp = destination.transport === 'UDP' && isLarge();
      return await (byTcp ? connectByTcp(transport, destination) : transport.connect(destination));
    } catch (error) {
      cause = error;
    }
  }
  throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw }, { cause });
}

/** RFC 3261 18.1.1: too large for a datagram, unless the peer has no TCP there. */
async function connectByTcp(transport: Pick<TransportLayer, 'connect'>, destination: Destination): Promise<Flow> {
  try {
    return await transport.connect(overTcp(destination));
  } catch (error) {
    if (isRefusal(error)) return transport.connect(destination);
    throw error;
  }
}
