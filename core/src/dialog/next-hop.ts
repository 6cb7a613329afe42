/** The usual way out for requests of a dialog. RFC 3261 8.1.2, RFC 3263. */
import type { SipUri } from '../sip/index.ts';
import type { Destination, Flow, Resolver, TransportLayer } from '../transport/index.ts';
import type { NextHop } from './agent.ts';
import { DialogErrors } from './errors.ts';

/**
 * A client that has connected to us is reached on its connection, or not at all; a server where its URI says, by the first of its
 * addresses that can be connected to.
 */
export function nextHopBy(
  transport: Pick<TransportLayer, 'connect' | 'flowFor'>,
  resolver: Pick<Resolver, 'resolve' | 'resolveNow'>,
): NextHop {
  return (next, last) => {
    if (last !== undefined && last.listener !== undefined && !last.trusted) {
      if (last.open) return last;
      throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw });
    }
    const known = resolver.resolveNow(next);
    const [first] = known ?? [];
    const flow = first === undefined ? undefined : transport.flowFor(first);
    return flow ?? connectFirst(transport, known ?? resolver.resolve(next), next);
  };
}

async function connectFirst(
  transport: Pick<TransportLayer, 'connect'>,
  destinations: readonly Destination[] | Promise<readonly Destination[]>,
  next: SipUri,
): Promise<Flow> {
  let cause: unknown;
  for (const destination of await destinations) {
    try {
      return await transport.connect(destination);
    } catch (error) {
      cause = error;
    }
  }
  throw DialogErrors.DIALOG_UNREACHABLE({ uri: next.raw }, { cause });
}
