/** Names for endpoints that stay the same when they come back on another connection. */
import type { SipRequest, Flow } from '@parley/sdk';
import type { Binding, EndpointEvent, Location } from '@parley/plugin-registrar/api';

/** What a registration says of its endpoint. */
type Named = Pick<EndpointEvent, 'epid' | 'instance' | 'contact'>;

/** The epid where there is one, else the UUID of the instance, else the Contact. */
export function endpointKey({ epid, instance, contact }: Named): string {
  if (epid !== '') return epid.toLowerCase();
  return instance === '' ? contact : instance.toLowerCase();
}

/** The registration of the endpoint that sent a request: by its epid, or by the connection that it came on; undefined when it has none. */
export function senderOf(request: SipRequest, flow: Flow, bindings: readonly Binding[]): Binding | undefined {
  const epid = request.from.epid?.toLowerCase();
  if (epid !== undefined && epid !== '') return bindings.find((binding) => binding.epid.toLowerCase() === epid);
  if (!flow.reliable)
    return bindings.find((binding) => binding.epid === '' && binding.transport === flow.transport && sameHost(binding, flow));
  return bindings.find((binding) => binding.flowId === flow.id);
}

/** Whether an endpoint is registered now. */
export function isRegistered(key: string, aor: string, location: Pick<Location, 'bindings'>): boolean {
  return location.bindings(aor).some((binding) => endpointKey(binding) === key);
}

/** A UDP phone has no connection to know it by. */
function sameHost(binding: Binding, flow: Flow): boolean {
  return binding.contact.includes(flow.remote.host);
}
