/** PUBLISH of plain SIP clients: what a phone says of itself and its user, for as long as it says. RFC 3903 */
import { randomInt } from 'node:crypto';
import { PluginConfig, inject, injectable, xmlElement } from '@parley/sdk';
import { Location } from '@parley/plugin-registrar/api';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import { contentTypeOf, eventOf } from './content-type.ts';
import { CONTAINERS, CONTENT_TYPES, NAMESPACES, readPidf, statesOfPidf } from './documents/index.ts';
import type { PlainPresence } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { endpointKey, senderOf } from './endpoint-key.ts';
import { PresenceErrors } from './errors.ts';
import { aggregationParts } from './held-rows.ts';
import { expiryOf, instanceKey } from './presence-state.ts';
import type { HeldInstance } from './presence-state.ts';
import { Requesters } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { LEAST_SECONDS, SubscriptionTerms } from './subscription-terms.ts';

/** Kinds of instances, in their highest four bits. Sheet ms-pres-schemas section 3.5. */
const MACHINE = 0x3000_0000;
const PHONE = 0x8000_0000;
/** The rest of an instance number: which publication it is. */
const SEEDS = 0x1000_0000;
const STATE_CONTAINERS = [CONTAINERS.aggregation, CONTAINERS.workgroupAggregation];
/** Other organisations are shown no notes. */
const NOTE_CONTAINERS = [CONTAINERS.colleagues, CONTAINERS.workgroup, CONTAINERS.friends];
const TAG = /^([0-9a-f]{1,7})-(\d{1,15})$/;

/** One publication of a phone: what its entity-tag names. */
interface PhonePublication {
  readonly seed: number;
  readonly version: number;
}

/** What an instance of the next version is made of. */
interface Part {
  readonly name: 'state' | 'note';
  readonly instance: number;
  readonly containers: readonly number[];
  readonly content: string;
}

@injectable()
export class PlainPublishing {
  /** Since the start, for the metrics. */
  readonly counts = { publish: 0 };

  constructor(
    @inject(Requesters) private readonly requesters: Requesters,
    @inject(Changes) private readonly changes: Changes,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
    @inject(PluginConfig) private readonly config: Pick<PresenceConfig, 'publicationSeconds' | 'limits'>,
  ) {}

  /** Answers when it is committed. @throws PRESENCE_*, PRESENCE_DOCUMENT_* */
  async serve(tx: PresenceRequest): Promise<void> {
    const { request, flow } = tx;
    const event = eventOf(request);
    if (event !== 'presence') throw PresenceErrors.PRESENCE_EVENT({ event: event === '' ? 'nothing' : event.slice(0, 60) });
    const presentity = this.requesters.ownerOf(tx);
    const tag = request.first('SIP-If-Match');
    const seconds = this.granted(request.expires);
    const said = this.read(tx, tag === undefined && seconds > 0);
    const binding = senderOf(request, flow, this.location.bindings(presentity.aor));
    const endpoint = binding === undefined ? '' : endpointKey(binding);
    const { result } = await this.changes.run(presentity, (draft) => {
      const known = tag === undefined ? undefined : publicationOf(draft, tag);
      const parts = said === undefined && known !== undefined ? partsKept(draft, known) : partsSaid(said, known?.seed ?? freeSeed(draft));
      const seed = known?.seed ?? seedOf(parts);
      const version = (known?.version ?? 0) + 1;
      if (known !== undefined) for (const held of instancesOf(draft, known.seed)) draft.remove(held);
      if (seconds > 0) for (const part of parts) put(draft, part, { version, seconds, endpoint });
      return `${seed.toString(16)}-${version}`;
    });
    this.counts.publish++;
    tx.respond(200, { 'SIP-ETag': result, Expires: String(seconds) });
  }

  /** RFC 3903 section 6, step 5. Throws PRESENCE_INTERVAL. */
  private granted(wanted: number | undefined): number {
    const most = this.config.publicationSeconds;
    if (wanted === undefined) return most;
    if (wanted > 0 && wanted < LEAST_SECONDS) throw PresenceErrors.PRESENCE_INTERVAL({ found: wanted, least: LEAST_SECONDS });
    return Math.min(wanted, most);
  }

  /** Undefined without a body, which only a refresh or a removal may come without. */
  private read({ request }: PresenceRequest, needed: boolean): PlainPresence | undefined {
    const body = this.terms.bodyOf(request, 'bodyBytes');
    if (body.length === 0) {
      if (needed) throw PresenceErrors.PRESENCE_NO_BODY();
      return undefined;
    }
    const type = contentTypeOf(request);
    if (type !== CONTENT_TYPES.pidf)
      throw PresenceErrors.PRESENCE_CONTENT_TYPE({ found: type === '' ? 'of no type' : type.slice(0, 60), expected: CONTENT_TYPES.pidf });
    return readPidf(body);
  }
}

/** Throws PRESENCE_ENTITY_TAG when it is not, or no longer, the one of a publication. */
function publicationOf(draft: Draft, tag: string): PhonePublication {
  const [, seedText = '', versionText = ''] = TAG.exec(tag.trim()) ?? [];
  const [seed, version] = [Number.parseInt(seedText, 16), Number(versionText)];
  const held = Number.isNaN(seed) ? undefined : draft.instances.get(machineKey(seed));
  const expiry = held === undefined ? undefined : expiryOf(held);
  if (held?.version !== version || expiry === undefined || expiry <= draft.now)
    throw PresenceErrors.PRESENCE_ENTITY_TAG({ tag: tag.slice(0, 60) });
  return { seed, version };
}

function machineKey(seed: number): string {
  return instanceKey({ name: 'state', container: CONTAINERS.aggregation, instance: (MACHINE | seed) >>> 0 });
}

function freeSeed(draft: Draft): number {
  for (;;) {
    const seed = randomInt(1, SEEDS);
    if (!draft.instances.has(machineKey(seed))) return seed;
  }
}

function seedOf(parts: readonly Part[]): number {
  return (parts[0]?.instance ?? 0) & (SEEDS - 1);
}

function instancesOf(draft: Draft, seed: number): readonly HeldInstance[] {
  const numbers = new Set([MACHINE, PHONE].map((kind) => (kind | seed) >>> 0));
  return [...draft.instances.values()].filter(
    ({ name, instance, origin, expireType }) =>
      origin === 'client' && expireType === 'time' && (name === 'state' || name === 'note') && numbers.has(instance),
  );
}

/** The same again, for a refresh without a body. */
function partsKept(draft: Draft, { seed }: PhonePublication): readonly Part[] {
  return instancesOf(draft, seed).map(({ name, instance, container, content }) => ({
    name: name === 'note' ? 'note' : 'state',
    instance,
    containers: [container],
    content,
  }));
}

function partsSaid(said: PlainPresence | undefined, seed: number): readonly Part[] {
  const machine = (MACHINE | seed) >>> 0;
  if (said === undefined) return [{ name: 'state', instance: machine, containers: [], content: '' }];
  const states = statesOfPidf(said);
  const parts: Part[] = [{ name: 'state', instance: machine, containers: STATE_CONTAINERS, content: states.machine }];
  if (states.doing !== undefined)
    parts.push({ name: 'state', instance: (PHONE | seed) >>> 0, containers: STATE_CONTAINERS, content: states.doing });
  if (said.note !== undefined) parts.push({ name: 'note', instance: machine, containers: NOTE_CONTAINERS, content: noteOf(said.note) });
  return parts;
}

function put(
  draft: Draft,
  part: Part,
  { version, seconds, endpoint }: { readonly version: number; readonly seconds: number; readonly endpoint: string },
): void {
  const { name, instance, content } = part;
  for (const container of part.containers) {
    draft.put({
      name,
      instance,
      container,
      version,
      publishTime: draft.now,
      expireType: 'time',
      expires: seconds,
      content,
      origin: 'client',
      endpoint,
      ...aggregationParts(name, content),
    });
  }
}

function noteOf(text: string): string {
  return xmlElement('note', { xmlns: NAMESPACES.note }, xmlElement('body', { type: 'personal', uri: '' }, text)).text;
}
