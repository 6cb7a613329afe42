/** Documents of the category `device`. Sheet ms-pres-schemas section 3.7. */
import type { XmlElement } from '@parley/sdk';
import { booleanOf } from '../documents/read.ts';

/** One thing that an endpoint can do: `voice`. */
export interface Capability {
  readonly name: string;
  readonly capture: boolean;
  readonly render: boolean;
  readonly publish: boolean;
}

/** What aggregation needs of a device document. */
export interface DeviceDocument {
  /** GUID as the client sent it, upper case as a rule; empty without one. */
  readonly endpointId: string;
  readonly services: readonly { readonly uri: string; readonly capabilities: readonly Capability[] }[];
}

/** What no client comes near; what is beyond is not looked at. */
const MAX_SERVICES = 16;
const MAX_CAPABILITIES = 64;
const MAX_URI = 454;

/** Reads the root element of a device. Nothing in it is refused: it only says what an endpoint can do. */
export function readDevice(device: XmlElement): DeviceDocument {
  return {
    endpointId: device.attribute('endpointId')?.trim() ?? '',
    services: device
      .all('capabilities')
      .slice(0, MAX_SERVICES)
      .map((capabilities) => ({
        uri: (capabilities.attribute('uri') ?? '').trim().slice(0, MAX_URI),
        capabilities: capabilities.elements.slice(0, MAX_CAPABILITIES).map(readCapability),
      })),
  };
}

function readCapability(capability: XmlElement): Capability {
  return {
    name: capability.local,
    capture: booleanOf(capability.attribute('capture')),
    render: booleanOf(capability.attribute('render')),
    publish: booleanOf(capability.attribute('publish')),
  };
}
