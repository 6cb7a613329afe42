/** Documents of the category `device`. Sheet ms-pres-schemas section 3.7. */
import type { XmlElement } from '@parley/sdk';

/** One thing that an endpoint can do: `voice`. */
export interface Capability {
  readonly name: string;
  readonly capture: boolean;
  readonly render: boolean;
  readonly publish: boolean;
}

/** What aggregation needs of a device document. */
export interface DeviceDocument {
  /** Upper-case GUID as the client sent it. */
  readonly endpointId: string;
  readonly services: readonly { readonly uri: string; readonly capabilities: readonly Capability[] }[];
}

/** Reads the root element of a device. Throws PRESENCE_DOCUMENT_*. */
export function readDevice(device: XmlElement): DeviceDocument {
  void device;
  throw new Error('not there yet');
}
