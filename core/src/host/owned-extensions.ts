/** What plugins have registered, as the layers below call it: what it throws is counted and logged under the plugin's name. */
import { ParleyError } from '../errors/index.ts';
import type { ByteStage, ByteStageFactory, Flow, Stamp } from '../transport/index.ts';
import type { Registered } from './extensions.ts';
import type { Gate } from './gate.ts';

/** Told what code of a plugin threw. @param where the part that threw, as the plugin's author knows it */
export type ExtensionFailed = (plugin: string, where: string, error: unknown) => void;

/** Goes on throwing: the message is not sent. */
export function ownedStamp({ plugin, value }: Registered<Stamp>, failed: ExtensionFailed): Stamp {
  const { name, order } = value;
  return { name, order, apply: (message, flow) => telling(plugin, `stamp ${name}`, failed, () => value.apply(message, flow)) };
}

/** Goes on throwing, which closes the connection; so does a stage that could not be opened, as soon as bytes come or go. */
export function ownedByteStage({ plugin, value }: Registered<ByteStageFactory>, failed: ExtensionFailed): ByteStageFactory {
  const { name, order } = value;
  const tell = <T>(run: () => T): T => telling(plugin, `byte stage ${name}`, failed, run);
  return {
    name,
    order,
    open(flow) {
      const stage = opened(value, flow, tell);
      if (stage === undefined || stage === UNOPENED) return stage;
      return { inbound: (chunk) => tell(() => stage.inbound(chunk)), outbound: (bytes) => tell(() => stage.outbound(bytes)) };
    },
  };
}

/** The plugin that has registered a gate. */
export function ownerOfGate(gates: readonly Registered<Gate>[], gate: string): string | undefined {
  return gates.find(({ value }) => value.name === gate)?.plugin;
}

const UNOPENED: ByteStage = { inbound: refuse, outbound: refuse };

function refuse(): never {
  throw new Error('the byte stage of this connection could not be opened');
}

function opened(factory: ByteStageFactory, flow: Flow, tell: <T>(run: () => T) => T): ByteStage | undefined {
  try {
    return tell(() => factory.open(flow));
  } catch {
    return UNOPENED;
  }
}

/**
 * Runs a plugin's code, and tells what it throws before that goes on. A ParleyError is the plugin's word on a message or a peer, which the
 * layer below counts and logs as it does its own: whoever sends nonsense could write the log full otherwise.
 */
export function telling<T>(plugin: string, where: string, failed: ExtensionFailed, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof ParleyError)) failed(plugin, where, error);
    throw error;
  }
}
