/** setPresence and getPresence, by which clients of LCS 2005 publish and ask. [MS-SIP] sections 3.2.4.2 and 3.2.4.4. */
import { createHash } from 'node:crypto';
import { inject, injectable } from '@parley/sdk';
import { Directory } from '@parley/plugin-directory/api';
import { Location } from '@parley/plugin-registrar/api';
import { Changes } from './changes.ts';
import { contentTypeOf } from './content-type.ts';
import { CONTAINERS, CONTENT_TYPES, readSoapPresence } from './documents/index.ts';
import type { PlainPresence, SoapPresence } from './documents/index.ts';
import { endpointKey, senderOf } from './endpoint-key.ts';
import { SEEDS, instancesOf, partsOf, replaceParts } from './endpoint-parts.ts';
import { PresenceErrors } from './errors.ts';
import { Presentities } from './presentities.ts';
import { Requesters, targetOf } from './requester.ts';
import type { PresenceRequest } from './requester.ts';
import { SubscriptionTerms } from './subscription-terms.ts';
import { containerFor } from './watched.ts';
import { PLAIN_CATEGORIES, msrtcForm } from './watcher-content.ts';

@injectable()
export class SoapServices {
  /** Since the start, for the metrics. */
  readonly counts = { setPresence: 0, getPresence: 0 };

  constructor(
    @inject(Requesters) private readonly requesters: Requesters,
    @inject(Presentities) private readonly presentities: Presentities,
    @inject(Changes) private readonly changes: Changes,
    @inject(Location) private readonly location: Pick<Location, 'bindings'>,
    @inject(Directory) private readonly directory: Pick<Directory, 'findByAor'>,
    @inject(SubscriptionTerms) private readonly terms: SubscriptionTerms,
  ) {}

  /** What a SERVICE with SOAP asks of presence; undefined when it is for others. Throws PRESENCE_TOO_LARGE, PRESENCE_DOCUMENT_*. */
  read({ request }: PresenceRequest): SoapPresence | undefined {
    if (contentTypeOf(request) !== CONTENT_TYPES.soap) return undefined;
    return readSoapPresence(this.terms.bodyOf(request, 'bodyBytes'));
  }

  /** Answers; a setPresence when it is committed. @throws PRESENCE_* */
  async serve(tx: PresenceRequest, asked: SoapPresence): Promise<void> {
    const to = targetOf(tx);
    if (asked.aor !== to) throw PresenceErrors.PRESENCE_BATCH_TARGET({ to, about: asked.aor });
    if (asked.operation === 'setPresence') await this.publish(tx, asked.presence);
    else this.tell(tx, to);
  }

  /** It lives as long as the endpoint, and replaces what that has said before. */
  private async publish(tx: PresenceRequest, said: PlainPresence): Promise<void> {
    const presentity = this.requesters.ownerOf(tx);
    const binding = senderOf(tx.request, tx.flow, this.location.bindings(presentity.aor));
    if (binding === undefined) throw PresenceErrors.PRESENCE_ENDPOINT_UNREGISTERED();
    const endpoint = endpointKey(binding);
    const seed = createHash('md5').update(endpoint).digest().readUInt32BE(0) % SEEDS;
    await this.changes.run(presentity, (draft) => {
      const version = Math.max(0, ...instancesOf(draft, seed).map((held) => held.version)) + 1;
      replaceParts(draft, seed, partsOf(said, seed), { version, expireType: 'endpoint', expires: undefined, endpoint });
    });
    this.counts.setPresence++;
    tx.respond(200);
  }

  private tell(tx: PresenceRequest, aor: string): void {
    const watcher = this.requesters.watcherOf(tx);
    const presentity = this.presentities.shown(aor);
    if (presentity === undefined) throw PresenceErrors.PRESENCE_USER_UNKNOWN({ aor });
    const container = containerFor(aor, presentity.state, watcher);
    if (container === CONTAINERS.blocked) throw PresenceErrors.PRESENCE_BLOCKED({ aor, who: watcher.aor });
    const content = msrtcForm(this.directory).content(presentity, aor, container, PLAIN_CATEGORIES);
    this.counts.getPresence++;
    tx.respond(200, {}, { body: content.body ?? '', contentType: CONTENT_TYPES.msrtcPidf });
  }
}
