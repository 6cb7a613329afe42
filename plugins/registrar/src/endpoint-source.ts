/** Registrations as routing scripts see them: QueryEndpoints and RequestTarget. Sheet mspl 4.6. */
import { SipUri, decodeText } from '@parley/sdk';
import type { EndpointSource, RegisteredEndpoint } from '@parley/sdk';
import type { Directory } from '@parley/plugin-directory/api';
import type { Binding, Location } from './api.ts';

/** What the registrar needs of the directory here. */
export type KnownUsers = Pick<Directory, 'findByAor' | 'findByPhone'>;

/** What the registrar answers to core's extension point. Without a directory whoever is registered is a user. */
export function endpointSource(location: Location, directory: KnownUsers | undefined): EndpointSource {
  return {
    endpoints: (aor) => location.bindings(aor.toLowerCase()).map((binding) => endpointOf(binding, location)),
    byContact(requestUri) {
      const uri = parse(requestUri);
      if (uri === undefined) return undefined;
      const lookup = location.byGruu(uri);
      const binding = lookup === undefined ? location.byContact(uri) : lookup.binding;
      return binding === undefined ? undefined : endpointOf(binding, location);
    },
    aorOf(requestUri) {
      const uri = parse(requestUri);
      if (uri === undefined) return undefined;
      const isPhone = uri.scheme === 'tel' || uri.params.get('user') === 'phone';
      return isPhone ? directory?.findByPhone(decodeText(uri.unescapedUser ?? ''))?.aor : location.byGruu(uri)?.aor;
    },
    isUser: (aor) =>
      directory === undefined ? location.bindings(aor.toLowerCase()).length > 0 : directory.findByAor(aor)?.enabled === true,
  };
}

function endpointOf(binding: Binding, location: Location): RegisteredEndpoint {
  const target = location.target(binding);
  return {
    contact: target?.uri ?? binding.contact,
    epid: binding.epid === '' ? undefined : binding.epid,
    instance: binding.instance === '' ? undefined : `urn:uuid:${binding.instance}`,
    methods: binding.methods.names,
    q: binding.q,
    flow: target?.flow,
    destination: target?.destination,
    reachable: target !== undefined,
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
