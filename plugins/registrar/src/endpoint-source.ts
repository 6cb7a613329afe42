/** Registrations as routing scripts see them: QueryEndpoints and RequestTarget. Sheet mspl 4.6. */
import { SipUri } from '@parley/sdk';
import type { EndpointSource, RegisteredEndpoint } from '@parley/sdk';
import type { Binding, Location } from './api.ts';

/** What the registrar answers to core's extension point. */
export function endpointSource(location: Location): EndpointSource {
  return {
    endpoints: (aor) => location.bindings(aor).map(endpointOf),
    byContact(requestUri) {
      const uri = parse(requestUri);
      if (uri === undefined) return undefined;
      const lookup = location.byGruu(uri);
      const binding = lookup === undefined ? location.byContact(uri) : lookup.binding;
      return binding === undefined ? undefined : endpointOf(binding);
    },
    aorOf(requestUri) {
      const uri = parse(requestUri);
      return uri === undefined ? undefined : location.byGruu(uri)?.aor;
    },
  };
}

function endpointOf(binding: Binding): RegisteredEndpoint {
  return {
    contact: binding.contact,
    epid: binding.epid === '' ? undefined : binding.epid,
    instance: binding.instance === '' ? undefined : `urn:uuid:${binding.instance}`,
    methods: binding.methods.names,
    q: binding.q,
    flowId: binding.flowId,
    path: binding.path,
  };
}

function parse(uri: string): SipUri | undefined {
  try {
    return SipUri.parse(uri);
  } catch {
    return undefined;
  }
}
