/** What a user's devices can do together. Sheet ms-pres-schemas section 3.7. */
import { xmlElement } from '@parley/sdk';
import type { Markup } from '@parley/sdk';
import { NAMESPACES } from '../documents/namespaces.ts';
import type { DeviceDocument } from './device-document.ts';
import type { PublishedState } from './inputs.ts';

/** One capability over all devices. */
interface SharedCapability {
  readonly name: string;
  capture: boolean;
  render: boolean;
  publish: boolean;
  /** Lowest among the machines of the devices that have it. */
  availability: number | undefined;
  endpointId: string;
}

type Services = ReadonlyMap<string, ReadonlyMap<string, SharedCapability>>;

/** An empty list, as those who are blocked are shown. */
export const NO_SERVICES: string = xmlElement('services', { xmlns: NAMESPACES.services }).text;

/** All services, for the user's own endpoints. The order of the devices does not matter. */
export function ownServices(devices: readonly DeviceDocument[], machines: readonly PublishedState[]): string {
  return servicesMarkup(shared(devices, machines), true);
}

/** The services that watchers see: those at the user's address, without what is only published. */
export function shownServices(aor: string, devices: readonly DeviceDocument[], machines: readonly PublishedState[]): string {
  const uri = `sip:${aor}`;
  const services = [...shared(devices, machines)].filter(([at]) => at.toLowerCase() === uri);
  return servicesMarkup(new Map(services), false);
}

function shared(devices: readonly DeviceDocument[], machines: readonly PublishedState[]): Services {
  const services = new Map<string, Map<string, SharedCapability>>();
  const ordered = devices.toSorted((a, b) => (a.endpointId < b.endpointId ? -1 : 1));
  for (const device of ordered) {
    const availability = availabilityOf(device, machines);
    for (const { uri, capabilities } of device.services) {
      const service = services.get(uri) ?? new Map<string, SharedCapability>();
      services.set(uri, service);
      for (const one of capabilities) {
        const known = service.get(one.name);
        if (known === undefined) {
          service.set(one.name, { ...one, availability, endpointId: device.endpointId });
          continue;
        }
        known.capture ||= one.capture;
        known.render ||= one.render;
        known.publish ||= one.publish;
        if (availability !== undefined && (known.availability === undefined || availability < known.availability)) {
          Object.assign(known, { availability, endpointId: device.endpointId });
        }
      }
    }
  }
  return services;
}

function availabilityOf({ endpointId }: DeviceDocument, machines: readonly PublishedState[]): number | undefined {
  const own = machines.filter((machine) => machine.endpointId?.toLowerCase() === endpointId.toLowerCase());
  const numbers = own.flatMap(({ availability }) => (availability === undefined ? [] : [availability]));
  return numbers.length === 0 ? undefined : Math.min(...numbers);
}

function servicesMarkup(services: Services, own: boolean): string {
  const list = [...services].toSorted(byName).map(([uri, capabilities]) => {
    const elements = [...capabilities.values()]
      .filter(({ capture, render }) => own || capture || render)
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map((capability) => capabilityMarkup(capability, own));
    return xmlElement('service', { uri }, xmlElement('capabilities', {}, elements));
  });
  return xmlElement('services', { xmlns: NAMESPACES.services }, list).text;
}

function capabilityMarkup(capability: SharedCapability, own: boolean): Markup {
  const { name, render, capture, publish, availability, endpointId } = capability;
  return xmlElement(name, {
    render: String(render),
    capture: String(capture),
    publish: own && publish ? 'true' : undefined,
    deviceAvailability: availability,
    preferredEndpointId: own && endpointId !== '' ? endpointId.toLowerCase() : undefined,
  });
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
