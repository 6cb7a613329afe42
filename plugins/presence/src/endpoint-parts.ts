/** What an endpoint that knows no categories says of itself, as instances of them: PUBLISH of plain phones, setPresence of LCS 2005. Pure. */
import { xmlElement } from '@parley/sdk';
import { CONTAINERS, NAMESPACES, statesOfPidf } from './documents/index.ts';
import type { PlainPresence } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { aggregationParts } from './held-rows.ts';
import type { HeldInstance } from './presence-state.ts';

/** Kinds of instances, in their highest four bits. Sheet ms-pres-schemas section 3.5. */
const MACHINE = 0x3000_0000;
const PHONE = 0x8000_0000;
/** The rest of an instance number, 0 to this less one: which endpoint or publication it is. */
export const SEEDS = 0x1000_0000;
const STATE_CONTAINERS = [CONTAINERS.aggregation, CONTAINERS.workgroupAggregation];
/** Other organisations are shown no notes. */
const NOTE_CONTAINERS = [CONTAINERS.colleagues, CONTAINERS.workgroup, CONTAINERS.friends];

/** What an instance of the next version is made of. */
export interface Part {
  readonly name: 'state' | 'note';
  readonly instance: number;
  readonly containers: readonly number[];
  readonly content: string;
}

/** How long parts live, and whose they are. */
export interface PartTerms extends Pick<HeldInstance, 'version' | 'expireType' | 'expires' | 'endpoint'> {}

/** The number of a machine's instance. */
export function machineInstance(seed: number): number {
  return (MACHINE | seed) >>> 0;
}

/** What is held of one. */
export function instancesOf(draft: Draft, seed: number): readonly HeldInstance[] {
  const numbers = new Set([MACHINE, PHONE].map((kind) => (kind | seed) >>> 0));
  return [...draft.instances.values()].filter(
    ({ name, instance, origin }) => origin === 'client' && (name === 'state' || name === 'note') && numbers.has(instance),
  );
}

/** What was said, as parts: the machine first. */
export function partsOf(said: PlainPresence, seed: number): readonly Part[] {
  const machine = machineInstance(seed);
  const states = statesOfPidf(said);
  const parts: Part[] = [{ name: 'state', instance: machine, containers: STATE_CONTAINERS, content: states.machine }];
  if (states.doing !== undefined)
    parts.push({ name: 'state', instance: (PHONE | seed) >>> 0, containers: STATE_CONTAINERS, content: states.doing });
  if (said.note !== undefined) parts.push({ name: 'note', instance: machine, containers: NOTE_CONTAINERS, content: noteOf(said.note) });
  return parts;
}

/** Publishes parts in the place of what was there of the same one. */
export function replaceParts(draft: Draft, seed: number, parts: readonly Part[], terms: PartTerms): void {
  for (const held of instancesOf(draft, seed)) draft.remove(held);
  for (const { name, instance, containers, content } of parts) {
    for (const container of containers) {
      const part = { name, instance, container, content, publishTime: draft.now, origin: 'client' as const };
      draft.put({ ...part, ...terms, ...aggregationParts(name, content) });
    }
  }
}

function noteOf(text: string): string {
  return xmlElement('note', { xmlns: NAMESPACES.note }, xmlElement('body', { type: 'personal', uri: '' }, text)).text;
}
