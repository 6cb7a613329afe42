/** PUBLISH of plain SIP clients: what a phone says of itself and its user, for as long as it says. RFC 3903 */
import { randomInt } from 'node:crypto';
import { PluginConfig, inject, injectable } from '@parley/sdk';
import { Location } from '@parley/plugin-registrar/api';
import { Changes } from './changes.ts';
import type { PresenceConfig } from './config.ts';
import { contentTypeOf, eventOf } from './content-type.ts';
import { CONTAINERS, CONTENT_TYPES, readPidf } from './documents/index.ts';
import type { PlainPresence } from './documents/index.ts';
import type { Draft } from './draft.ts';
import { endpointKey, senderOf } from './endpoint-key.ts';
import { SEEDS, instancesOf, machineInstance, partsOf, replaceParts } from './endpoint-parts.ts';
import type { Part } from './endpoint-parts.ts';
import { PresenceErrors } from './errors.ts';
import { expiryOf, instanceKey } from './presence-state.ts';
import { Requesters } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { LEAST_SECONDS, SubscriptionTerms } from './subscription-terms.ts';

const TAG = /^([0-9a-f]{1,7})-(\d{1,15})$/;

/** One publication of a phone: what its entity-tag names. */
interface PhonePublication {
  readonly seed: number;
  readonly version: number;
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
      const seed = known?.seed ?? freeSeed(draft);
      const version = (known?.version ?? 0) + 1;
      const parts = said === undefined ? partsKept(draft, seed) : partsOf(said, seed);
      replaceParts(draft, seed, seconds > 0 ? parts : [], { version, expireType: 'time', expires: seconds, endpoint });
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
  return instanceKey({ name: 'state', container: CONTAINERS.aggregation, instance: machineInstance(seed) });
}

function freeSeed(draft: Draft): number {
  for (;;) {
    const seed = randomInt(1, SEEDS);
    if (!draft.instances.has(machineKey(seed))) return seed;
  }
}

/** The same again, for a refresh without a body. */
function partsKept(draft: Draft, seed: number): readonly Part[] {
  return instancesOf(draft, seed).map(({ name, instance, container, content }) => ({
    name: name === 'note' ? 'note' : 'state',
    instance,
    containers: [container],
    content,
  }));
}
